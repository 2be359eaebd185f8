"""management-regions: the management account has enabled every governed Region.

It designates the administrators of the security services Region by Region. Member accounts have control ``regions``.
"""

from __future__ import annotations

from functools import partial

from avm.aws.account_regions import BY_DEFAULT, ENABLED, ENABLING
from avm.controls.control import Grant
from avm.foundation.control import FoundationControl, FoundationReach, FoundationTarget, Look, Step

_OWN = "arn:{partition}:account::{management}:account"


class ManagementRegions(FoundationControl):
    """The opt-in status of each governed Region."""

    name = "management-regions"
    promise = "Every governed Region is enabled in the management account."
    duty = "shape_organization"
    observe_grants = (Grant(("account:ListRegions",), (_OWN,)),)
    enforce_grants = (Grant(("account:EnableRegion",), (_OWN,)),)
    deadline_seconds = 14_400  # as regions

    def look(self, target: FoundationTarget, reach: FoundationReach) -> Look:
        """Look at the Regions; enabling one is asynchronous, and none is enabled while it is being disabled."""
        statuses = reach.regions.own()
        found = {region: statuses.get(region, "not listed") for region in target.catalog.governed_regions}
        steps = tuple(
            Step("account:EnableRegion", f"Region {region}", partial(reach.regions.enable_own, region), status, ENABLED)
            for region, status in found.items()
            if status not in {BY_DEFAULT, ENABLED, ENABLING}
        )
        waits_for = tuple(f"Region {region}: {status}" for region, status in found.items() if status == ENABLING)
        return Look({"ListRegions": found}, steps, waits_for)
