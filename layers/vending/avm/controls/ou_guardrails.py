"""ou-guardrails: the OU of the account has the SCPs and RCPs that the catalog gives it. Plane: organization.

It is the foundation's to write them: a vend looks, and parks where they are not as the catalog says.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from avm.controls.control import Check, Control, DriftEvent, Grant, Reach, Target
from avm.domain.errors import FoundationBehind
from avm.domain.finding import Change, Finding
from avm.domain.guardrail import GuardrailKind


class OuGuardrails(Control):
    """The SCPs and RCPs of the account's OU."""

    name = "ou-guardrails"
    promise = "The OU of the account has every SCP and RCP of the catalog, in the catalog's version, and those of AWS."
    plane = "organization"
    duty = "attach_guardrails"
    mode = "observe"
    kept_by_foundation = True
    observe_grants = (Grant(("organizations:ListPoliciesForTarget",)),)
    drift_events = tuple(
        DriftEvent("organizations.amazonaws.com", name) for name in ("AttachPolicy", "DetachPolicy", "UpdatePolicy")
    )

    def observe(self, target: Target, reach: Reach) -> Finding:
        """Look which policies the OU has; their names hold a hash of their content."""
        attached = _attached(target, reach)
        missing = _missing(target, attached)
        shown = {"ListPoliciesForTarget": {target.account_type.ou: attached}}
        return self.finding(target, "violated" if missing else "compliant", **shown, missing=missing)

    def enforce(self, target: Target, reach: Reach) -> list[Change]:
        """Change nothing; raise FoundationBehind where something is missing."""
        missing = _missing(target, _attached(target, reach))
        if missing:
            message = f"OU {target.account_type.ou} lacks the guardrails {', '.join(missing)}"
            raise FoundationBehind(message)
        return []

    def checks(self, target: Target, reach: Reach) -> list[Check]:
        """Look at the OU: FoundationBehind where something is missing."""
        return [partial(self.enforce, target, reach)]


def guardrails_of(unit_id: str, reach: Reach) -> list[str]:
    """Return the names of all guardrails that are attached to an OU itself."""
    return reach.once(("ListPoliciesForTarget", unit_id), lambda: _names(unit_id, reach))


def _attached(target: Target, reach: Reach) -> list[str]:
    return guardrails_of(reach.organizations.ou_id(target.account_type.ou), reach)


def _names(unit_id: str, reach: Reach) -> list[str]:
    return sorted(name for kind in GuardrailKind for name in reach.organizations.attached_guardrails(unit_id, kind))


def _missing(target: Target, attached: list[str]) -> list[str]:
    wanted = [name for kind in GuardrailKind for name in (kind.full_access, *_of_catalog(target, kind))]
    return [name for name in wanted if name not in attached]


def _of_catalog(target: Target, kind: GuardrailKind) -> Iterator[str]:
    return (guardrail.aws_name for guardrail in target.catalog.ou_guardrails(target.account_type.ou, kind))
