"""ou-guardrails: the SCPs of the catalog are there, unchanged, and attached to their OUs.

An SCP's name in AWS holds a hash of its content, so a changed one is another policy: it is attached before the old one
is detached. The old one stays, attached to nothing, for accounts whose catalog version still names it. What others call
otherwise is theirs.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import partial

from avm.controls.control import DriftEvent, Grant
from avm.domain.scp import Scp
from avm.domain.trust import is_same
from avm.foundation.control import FoundationControl, FoundationReach, FoundationTarget, Look, Step
from avm.foundation.organizational_units import UnitTree, units_of

AWS_MANAGED = "FullAWSAccess"
"""AWS attaches it everywhere; without it nothing is allowed."""
AS_WRITTEN, CHANGED = "as the catalog says", "changed by somebody"


class OuGuardrails(FoundationControl):
    """The SCPs of the OUs."""

    name = "ou-guardrails"
    promise = "Every OU has the SCPs that the catalog gives it, in the catalog's words."
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
        ids = reach.setup.scps()
        tree = units_of(target.catalog, reach)
        attached = {name: _scps_of(unit_id, reach) for name, unit_id in tree.ids.items()}
        steps = [step for scp in target.catalog.scps.values() for step in _written(scp, ids, reach)]
        for unit in target.catalog.organization.ous:
            steps += _attached(target, unit, attached.get(unit, {}), _Way(reach, ids, tree))
        return Look(
            {"ListPoliciesForTarget": {unit: sorted(names) for unit, names in attached.items()}},
            tuple(steps),
            left_alone=tuple(_others(target, attached)),
        )


class _Way:
    """What attaching and detaching need; policies and OUs get their ids while steps are done."""

    def __init__(self, reach: FoundationReach, ids: dict[str, str], tree: UnitTree) -> None:
        self._reach = reach
        self._ids = ids
        self._tree = tree

    def attach(self, policy: str, unit: str) -> None:
        self._reach.setup.attach_scp(self._ids[policy], self._tree.ids[unit])
        self._reach.forget(self._tree.ids[unit])

    def detach(self, policy_id: str, unit: str) -> None:
        self._reach.setup.detach_scp(policy_id, self._tree.ids[unit])
        self._reach.forget(self._tree.ids[unit])


def _scps_of(unit_id: str, reach: FoundationReach) -> dict[str, str]:
    """Return the SCPs of an OU, name -> id; there may be more OUs than AWS takes of these reads at once."""
    found = reach.remember(unit_id, lambda: json.dumps(reach.organizations.attached_scps(unit_id)))
    scps: dict[str, str] = json.loads(found)
    return scps


def _written(scp: Scp, ids: dict[str, str], reach: FoundationReach) -> Iterator[Step]:
    """Yield the step that makes the policy itself what the catalog says."""
    name = scp.aws_name
    if name not in ids:
        yield Step("organizations:CreatePolicy", f"SCP {name}", partial(_create, scp, ids, reach), after=scp.purpose)
        return
    policy_id = ids[name]
    if reach.remember(policy_id, partial(_wording, scp, policy_id, reach)) == CHANGED:
        update = partial(_update, scp, policy_id, reach)
        yield Step("organizations:UpdatePolicy", f"content of SCP {name}", update, CHANGED, AS_WRITTEN)


def _wording(scp: Scp, policy_id: str, reach: FoundationReach) -> str:
    content = reach.setup.scp_content(policy_id)
    return AS_WRITTEN if is_same(content, json.loads(scp.content)) else CHANGED


def _create(scp: Scp, ids: dict[str, str], reach: FoundationReach) -> None:
    ids[scp.aws_name] = reach.setup.create_scp(scp.aws_name, scp.purpose, scp.content)


def _update(scp: Scp, policy_id: str, reach: FoundationReach) -> None:
    reach.setup.update_scp(policy_id, scp.content)
    reach.forget(policy_id)


def _attached(target: FoundationTarget, unit: str, attached: dict[str, str], way: _Way) -> Iterator[Step]:
    """Yield the steps that make the OU's SCPs those of the catalog: first all that is missing."""
    wanted = [scp.aws_name for scp in target.catalog.ou_scps(unit)]
    for name in wanted:
        if name not in attached:
            act = partial(way.attach, name, unit)
            yield Step("organizations:AttachPolicy", f"SCP {name} on OU {unit}", act, after=name)
    for name, policy_id in attached.items():
        if name not in wanted and _is_ours(target, name):
            act = partial(way.detach, policy_id, unit)
            yield Step("organizations:DetachPolicy", f"SCP {name} on OU {unit}", act, before=name)


def _others(target: FoundationTarget, attached: dict[str, dict[str, str]]) -> Iterator[str]:
    for unit, names in attached.items():
        yield from (
            f"SCP {name} on OU {unit}" for name in sorted(names) if name != AWS_MANAGED and not _is_ours(target, name)
        )


def _is_ours(target: FoundationTarget, name: str) -> bool:
    """Say whether an SCP is a version of one of the catalog's."""
    return name.rpartition("-")[0] in target.catalog.scps
