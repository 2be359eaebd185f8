"""security-hub-administration: the security account administers Security Hub CSPM, Region by Region.

How accounts come to it is detected (aws-semantics 4.1): under central configuration, or under policies of AWS
Organizations, those decide and are left alone; else new accounts become members by themselves.
"""

from __future__ import annotations

from avm.aws.security_hub import HubAdministrator
from avm.controls.administration import SECURITY_HUB_CHANGES, SECURITY_HUB_LOOKS
from avm.controls.control import DriftEvent, Grant
from avm.foundation.control import FoundationReach, Look, Step
from avm.foundation.designated import DesignatedAdministration


class SecurityHubAdministration(DesignatedAdministration):
    """Who administers Security Hub, and whom it enrols."""

    name = "security-hub-administration"
    promise = "The security account administers Security Hub in every governed Region, and new accounts are enrolled."
    service = "securityhub"
    title = "Security Hub"
    observe_grants = (Grant(("securityhub:ListOrganizationAdminAccounts",)), *SECURITY_HUB_LOOKS)
    enforce_grants = (Grant(("securityhub:EnableOrganizationAdminAccount",)), *SECURITY_HUB_CHANGES)
    drift_events = tuple(
        DriftEvent("securityhub.amazonaws.com", name)
        for name in ("DisableOrganizationAdminAccount", "DisableSecurityHub", "UpdateOrganizationConfiguration")
    )

    def look_as_administrator(self, region: str, reach: FoundationReach) -> Look:
        """Look how accounts come to Security Hub."""
        configuration = HubAdministrator(reach.security(region), region).configuration()
        shown = {"DescribeOrganizationConfiguration": configuration.shown()}
        if configuration.is_steered:
            who = "central configuration" if configuration.kind != "LOCAL" else "a policy of AWS Organizations"
            return Look(shown, left_alone=(f"Security Hub in {region}: {who} decides",))
        return Look(shown, () if configuration.enrols else (_step(region, reach, before=False),))

    def set_up(self, region: str, reach: FoundationReach) -> Step:
        """Return the step that enrols new accounts."""
        return _step(region, reach, before=None)


def _step(region: str, reach: FoundationReach, *, before: bool | None) -> Step:
    def act() -> None:
        HubAdministrator(reach.security(region), region).enrol_new()

    subject = f"Security Hub of new accounts in {region}"
    return Step("securityhub:UpdateOrganizationConfiguration", subject, act, before, after=True)
