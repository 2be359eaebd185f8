"""cost-allocation-tags: bills tell apart whose account it is, who pays for it, and of which type it is.

Billing knows a key up to 24 hours after something carries it first, and only then can it be switched on (Billing user
guide, "Activating user-defined cost allocation tags"). No vend waits for that.
"""

from __future__ import annotations

from functools import partial

from avm.controls.control import Grant
from avm.domain.account import COST_TAGS
from avm.foundation.control import FoundationControl, FoundationReach, FoundationTarget, Look, Step


class CostAllocationTags(FoundationControl):
    """The tags of accounts, as billing sees them."""

    name = "cost-allocation-tags"
    promise = "Bills show costs by owner, cost center and account type."
    duty = "shape_organization"
    needs = ("security-account",)  # before, nothing carries the tags
    observe_grants = (Grant(("ce:ListCostAllocationTags",)),)
    enforce_grants = (Grant(("ce:UpdateCostAllocationTagsStatus",)),)
    deadline_seconds = 2 * 86_400
    blocks_ready = False

    def look(self, target: FoundationTarget, reach: FoundationReach) -> Look:  # noqa: ARG002  the same everywhere
        """Look at the keys that billing knows."""
        known = reach.cost_allocation.tags()
        idle = [key for key in COST_TAGS if known.get(key) is False]
        steps = []
        if idle:
            subject = f"cost allocation by {', '.join(idle)}"
            activate = partial(reach.cost_allocation.activate, idle)
            steps.append(Step("ce:UpdateCostAllocationTagsStatus", subject, activate, "Inactive", "Active"))
        return Look(
            {"ListCostAllocationTags": {key: "Active" if active else "Inactive" for key, active in known.items()}},
            tuple(steps),
            waits_for=tuple(f"billing to know tag {key} (up to 24 hours)" for key in COST_TAGS if key not in known),
            left_alone=tuple(
                f"cost allocation by {key}" for key in sorted(known) if known[key] and key not in COST_TAGS
            ),
        )
