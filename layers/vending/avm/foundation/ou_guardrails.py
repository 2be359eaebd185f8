"""ou-guardrails: the SCPs and RCPs of the catalog are there, unchanged, and attached to their OUs.

A guardrail's name in AWS holds a hash of its content, so a changed one is another policy: it is attached before the old
one is detached. The old one stays, attached to nothing, for accounts whose catalog version still names it. What others
call otherwise is theirs.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import partial

from avm.controls.control import DriftEvent, Grant
from avm.domain.guardrail import Guardrail, GuardrailKind
from avm.domain.trust import is_same
from avm.foundation.control import FoundationControl, FoundationReach, FoundationTarget, Look, Step
from avm.foundation.organizational_units import UnitTree, units_of

AS_WRITTEN, CHANGED = "as the catalog says", "changed by somebody"


class OuGuardrails(FoundationControl):
    """The SCPs and RCPs of the OUs."""

    name = "ou-guardrails"
    promise = "Every OU has the SCPs and RCPs that the catalog gives it, in the catalog's words."
    duty = "shape_organization"
    needs = ("policy-types", "organizational-units")
    observe_grants = (
        Grant(
            (
                "organizations:DescribePolicy",
                "organizations:ListOrganizationalUnitsForParent",
                "organizations:ListPolicies",
                "organizations:ListPoliciesForTarget",
                "organizations:ListRoots",
            )
        ),
    )
    enforce_grants = (
        Grant(
            (
                "organizations:AttachPolicy",
                "organizations:CreatePolicy",
                "organizations:DetachPolicy",
                "organizations:UpdatePolicy",
            )
        ),
    )
    drift_events = tuple(
        DriftEvent("organizations.amazonaws.com", name)
        for name in ("AttachPolicy", "DeletePolicy", "DetachPolicy", "UpdatePolicy")
    )

    def look(self, target: FoundationTarget, reach: FoundationReach) -> Look:
        """Look at the policies themselves, then at what each OU has."""
        tree = units_of(target.catalog, reach)
        kinds = [_Kind(kind, target, reach, tree) for kind in GuardrailKind]
        attached = {name: sorted(each for kind in kinds for each in kind.attached[name]) for name in tree.ids}
        return Look(
            {"ListPoliciesForTarget": attached},
            tuple(step for kind in kinds for step in kind.steps()),
            left_alone=tuple(text for kind in kinds for text in kind.others()),
        )


class _Kind:
    """The guardrails of one kind; policies and OUs get their ids while steps are done."""

    def __init__(self, kind: GuardrailKind, target: FoundationTarget, reach: FoundationReach, tree: UnitTree) -> None:
        self._kind = kind
        self._target = target
        self._reach = reach
        self._tree = tree
        self._ids = reach.setup.guardrails(kind)
        self.attached = {name: self._attached_to(unit_id) for name, unit_id in tree.ids.items()}
        """OU -> what it has of the kind: name -> id."""

    def steps(self) -> Iterator[Step]:
        for guardrail in self._target.catalog.guardrails(self._kind).values():
            yield from self._written(guardrail)
        for unit in self._target.catalog.organization.ous:
            yield from self._placed(unit, self.attached.get(unit, {}))

    def others(self) -> Iterator[str]:
        """Yield what somebody else has attached."""
        for unit, names in self.attached.items():
            for name in sorted(names):
                if name != self._kind.full_access and not self._is_ours(name):
                    yield f"{self._kind.name} {name} on OU {unit}"

    def _written(self, guardrail: Guardrail) -> Iterator[Step]:
        """Yield the step that makes the policy itself what the catalog says."""
        name = guardrail.aws_name
        if name not in self._ids:
            create = partial(self._create, guardrail)
            yield Step("organizations:CreatePolicy", f"{self._kind.name} {name}", create, after=guardrail.purpose)
            return
        policy_id = self._ids[name]
        if self._reach.remember(policy_id, partial(self._wording, guardrail, policy_id)) == CHANGED:
            update, subject = partial(self._update, guardrail, policy_id), f"content of {self._kind.name} {name}"
            yield Step("organizations:UpdatePolicy", subject, update, CHANGED, AS_WRITTEN)

    def _placed(self, unit: str, attached: Mapping[str, str]) -> Iterator[Step]:
        """Yield the steps that make the OU's guardrails those of the catalog: first all that is missing."""
        wanted = [guardrail.aws_name for guardrail in self._target.catalog.ou_guardrails(unit, self._kind)]
        for name in wanted:
            if name not in attached:
                act = partial(self._attach, name, unit)
                yield Step("organizations:AttachPolicy", f"{self._kind.name} {name} on OU {unit}", act, after=name)
        for name, policy_id in attached.items():
            if name not in wanted and self._is_ours(name):
                act = partial(self._detach, policy_id, unit)
                yield Step("organizations:DetachPolicy", f"{self._kind.name} {name} on OU {unit}", act, before=name)

    def _attached_to(self, unit_id: str) -> dict[str, str]:
        """Return what an OU has; there may be more OUs than AWS takes of these reads at once."""
        found = self._reach.remember(
            self._key(unit_id), lambda: json.dumps(self._reach.organizations.attached_guardrails(unit_id, self._kind))
        )
        attached: dict[str, str] = json.loads(found)
        return attached

    def _key(self, unit_id: str) -> str:
        return f"{self._kind.field} {unit_id}"

    def _wording(self, guardrail: Guardrail, policy_id: str) -> str:
        content = self._reach.setup.guardrail_content(policy_id)
        return AS_WRITTEN if is_same(content, json.loads(self._content(guardrail))) else CHANGED

    def _content(self, guardrail: Guardrail) -> str:
        return guardrail.content_in(self._target.organization.id)

    def _create(self, guardrail: Guardrail) -> None:
        name, purpose = guardrail.aws_name, guardrail.purpose
        self._ids[name] = self._reach.setup.create_guardrail(self._kind, name, purpose, self._content(guardrail))

    def _update(self, guardrail: Guardrail, policy_id: str) -> None:
        self._reach.setup.update_guardrail(policy_id, self._content(guardrail))
        self._reach.forget(policy_id)

    def _attach(self, policy: str, unit: str) -> None:
        self._reach.setup.attach_guardrail(self._ids[policy], self._tree.ids[unit])
        self._reach.forget(self._key(self._tree.ids[unit]))

    def _detach(self, policy_id: str, unit: str) -> None:
        self._reach.setup.detach_guardrail(policy_id, self._tree.ids[unit])
        self._reach.forget(self._key(self._tree.ids[unit]))

    def _is_ours(self, name: str) -> bool:
        """Say whether a policy is a version of one of the catalog's."""
        return name.rpartition("-")[0] in self._target.catalog.guardrails(self._kind)
