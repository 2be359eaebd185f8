"""policy-types: the kinds of policies that guardrails are made of are switched on in the root."""

from __future__ import annotations

from functools import partial

from avm.controls.control import DriftEvent, Grant
from avm.domain.guardrail import GuardrailKind
from avm.foundation.control import FoundationControl, FoundationReach, FoundationTarget, Look, Step

POLICY_TYPES = tuple(kind.value for kind in GuardrailKind)
ENABLED = "ENABLED"
ON_ITS_WAY = frozenset({"PENDING_ENABLE", "PENDING_DISABLE"})


class PolicyTypes(FoundationControl):
    """The policy types of the root."""

    name = "policy-types"
    promise = "Service control policies and resource control policies are switched on."
    duty = "shape_organization"
    needs = ("organization-features",)
    observe_grants = (Grant(("organizations:ListRoots",)),)
    enforce_grants = (Grant(("organizations:EnablePolicyType",)),)
    drift_events = (DriftEvent("organizations.amazonaws.com", "DisablePolicyType"),)

    def look(self, target: FoundationTarget, reach: FoundationReach) -> Look:  # noqa: ARG002  the same everywhere
        """Look at the root; switching on is asynchronous (aws-semantics 1.5)."""
        types = reach.setup.policy_types()
        steps = tuple(
            Step(
                "organizations:EnablePolicyType",
                f"policy type {kind} in the root",
                partial(reach.setup.enable_policy_type, reach.organizations.root_id(), kind),
                types.get(kind),
                ENABLED,
            )
            for kind in POLICY_TYPES
            if kind not in types
        )
        waits_for = tuple(
            f"policy type {kind}: {types[kind]}" for kind in POLICY_TYPES if types.get(kind) in ON_ITS_WAY
        )
        return Look({"ListRoots": {"PolicyTypes": types}}, steps, waits_for)
