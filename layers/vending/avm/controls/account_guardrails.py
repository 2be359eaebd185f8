"""account-guardrails: the account itself has the SCPs that its type gives it, beside those of its OU.

Plane: organization. The quarantine is not among them: a vend sets it, and lifts it when all is verified.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from avm.controls.control import Check, Control, DriftEvent, Grant, Reach, Target
from avm.domain.finding import Change, Finding, PlannedChange
from avm.domain.scp import FULL_ACCESS, QUARANTINE


class AccountGuardrails(Control):
    """The SCPs on the account."""

    name = "account-guardrails"
    promise = (
        "The account has FullAWSAccess and the SCPs of its type, in the catalog's version, and no other of the catalog."
    )
    plane = "organization"
    duty = "attach_guardrails"
    needs = ("placement",)
    observe_grants = (Grant(("organizations:ListPoliciesForTarget",)),)
    enforce_grants = (
        Grant(("organizations:AttachPolicy", "organizations:DetachPolicy", "organizations:ListPolicies")),
    )
    drift_events = tuple(
        DriftEvent("organizations.amazonaws.com", name) for name in ("AttachPolicy", "DetachPolicy", "UpdatePolicy")
    )

    def observe(self, target: Target, reach: Reach) -> Finding:
        """Look which SCPs the account has; evidence: their names, which hold a hash of their content."""
        attached = reach.organizations.attached_scps(target.account.id)
        missing, strange = _missing(target, attached), _strange(target, attached)
        return self.finding(
            target,
            "violated" if missing or strange else "compliant",
            ListPoliciesForTarget=sorted(attached),
            missing=missing,
            strange=sorted(strange),
        )

    def enforce(self, target: Target, reach: Reach) -> list[Change]:
        """Attach what is missing, then detach what the machine's own catalog no longer puts there."""
        organizations = reach.organizations
        attached = organizations.attached_scps(target.account.id)
        changes = []
        for name in _missing(target, attached):
            organizations.attach_policy(organizations.scp_id(name), target.account.id)
            changes.append(self.change("AttachPolicy", name))
        for name in _strange(target, attached):
            organizations.detach_policy(attached[name], target.account.id)
            changes.append(self.change("DetachPolicy", name))
        return changes

    def planned(self, target: Target, reach: Reach) -> list[PlannedChange]:  # noqa: ARG002  every control is called alike
        """Attach those of the type; FullAWSAccess is attached by AWS itself."""
        wanted = [name for name in _wanted(target) if name != FULL_ACCESS]
        return [PlannedChange("organizations:AttachPolicy", name) for name in wanted]

    def checks(self, target: Target, reach: Reach) -> list[Check]:
        """Look for each SCP of the type: FoundationBehind where it is not there."""
        return [partial(reach.organizations.scp_id, name) for name in _wanted(target)]


def _missing(target: Target, attached: Mapping[str, str]) -> list[str]:
    return [name for name in _wanted(target) if name not in attached]


def _strange(target: Target, attached: Mapping[str, str]) -> list[str]:
    """Return the attached SCPs that come from a catalog, by their names, and are not wanted here.

    What others attach under other names is theirs.
    """
    own = [name for name in target.catalog.scps if name != QUARANTINE]
    wanted = _wanted(target)
    return [
        name for name in attached if name not in wanted and any(name.rpartition("-")[0] == prefix for prefix in own)
    ]


def _wanted(target: Target) -> list[str]:
    return [FULL_ACCESS, *(target.catalog.scps[name].aws_name for name in target.account_type.scps)]
