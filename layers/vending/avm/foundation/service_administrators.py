"""service-administrators: the security account administers AWS Config and Access Analyzer for the organization.

GuardDuty and Security Hub are designated Region by Region and have controls of their own.
"""

from __future__ import annotations

from functools import partial

from avm.controls.control import DriftEvent, Grant
from avm.foundation.control import FoundationControl, FoundationReach, FoundationTarget, Look, Step

ONE_AT_MOST = "access-analyzer.amazonaws.com"
"""AWS admits one administrator of it (IAM user guide); of AWS Config three (aws-semantics 4.4)."""
SERVICES = (ONE_AT_MOST, "config-multiaccountsetup.amazonaws.com", "config.amazonaws.com")


class ServiceAdministrators(FoundationControl):
    """Who administers the services that see all accounts."""

    name = "service-administrators"
    promise = "The security account administers AWS Config and IAM Access Analyzer for the organization."
    duty = "shape_organization"
    needs = ("security-account", "trusted-services")
    foundation = ("security-account",)
    observe_grants = (Grant(("organizations:ListDelegatedAdministrators",)),)
    enforce_grants = (Grant(("organizations:RegisterDelegatedAdministrator",)),)
    drift_events = (DriftEvent("organizations.amazonaws.com", "DeregisterDelegatedAdministrator"),)

    def look(self, target: FoundationTarget, reach: FoundationReach) -> Look:
        """Look who is registered for each service."""
        security = str(target.foundation.security_account_id)
        return Look.at_all({principal: _look_at(principal, security, reach) for principal in SERVICES})


def _look_at(principal: str, security: str, reach: FoundationReach) -> Look:
    administrators = reach.setup.administrators(principal)
    shown = {"ListDelegatedAdministrators": administrators}
    others = tuple(f"account {each} as administrator of {principal}" for each in administrators if each != security)
    if security in administrators:
        return Look(shown, left_alone=others)
    if others and principal == ONE_AT_MOST:
        todo = (
            f"Account {administrators[0]} administers {principal}, and AWS admits one: deregister it in the management "
            f"account, or make it the security account (tag avm:type = security)."
        )
        return Look(shown, by_hand=(todo,))
    register = partial(reach.setup.register_administrator, security, principal)
    subject = f"account {security} as administrator of {principal}"
    step = Step("organizations:RegisterDelegatedAdministrator", subject, register, after=security)
    return Look(shown, (step,), left_alone=others)
