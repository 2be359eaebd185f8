"""regions: the account has enabled every governed Region. Plane: organization.

Regions that AWS has opened since 2019 are off in every account until they are enabled, for each account by itself.
What works in each Region needs this before: in a Region that is off AWS knows no credentials of the account.
"""

from __future__ import annotations

from collections.abc import Mapping

from avm.aws.account_regions import BY_DEFAULT, ENABLED, ENABLING
from avm.controls.control import Control, DriftEvent, Grant, Reach, Target
from avm.domain.finding import Change, Finding, PlannedChange, Verdict

_ON = frozenset({BY_DEFAULT, ENABLED})
_ACCOUNTS = "arn:{partition}:account::{management}:account/o-*/*"
NOT_LISTED = "not listed"


class Regions(Control):
    """The opt-in status of each governed Region; Regions beyond those are let be."""

    name = "regions"
    promise = "Every governed Region is enabled in the account."
    plane = "organization"
    duty = "harden_account"
    observe_grants = (Grant(("account:ListRegions",), (_ACCOUNTS,)),)
    enforce_grants = (Grant(("account:EnableRegion",), (_ACCOUNTS,)),)
    drift_events = (DriftEvent("account.amazonaws.com", "DisableRegion"),)
    deadline_seconds = 14_400  # "a few minutes for most accounts, up to several hours" (botocore: EnableRegion)

    def observe(self, target: Target, reach: Reach) -> Finding:
        """Look at the Regions; evidence: each governed one with its status. ENABLING is pending."""
        found = _governed(target, reach.regions.of(target.account.id))
        off = {status for status in found.values() if status not in _ON}
        status: Verdict = "compliant" if not off else "pending" if off == {ENABLING} else "violated"
        return self.finding(target, status, ListRegions=dict(found))

    def enforce(self, target: Target, reach: Reach) -> list[Change]:
        """Begin to enable what is off; raises ConcurrentChange while AWS still disables one."""
        found = _governed(target, reach.regions.of(target.account.id))
        off = [region for region, status in found.items() if status not in {*_ON, ENABLING}]
        for region in off:
            reach.regions.enable(target.account.id, region)
        return [self.change("EnableRegion", f"{target.account.id} {region}") for region in off]

    def planned(self, target: Target, reach: Reach) -> list[PlannedChange]:
        """Enable what no account has by default, which the management account shows of itself."""
        own = _governed(target, reach.once(("account", "ListRegions"), reach.regions.own))
        subject = target.account.name
        return [
            PlannedChange("account:EnableRegion", f"{region} of {subject}")
            for region, status in own.items()
            if status != BY_DEFAULT
        ]


def _governed(target: Target, statuses: Mapping[str, str]) -> Mapping[str, str]:
    return {region: statuses.get(region, NOT_LISTED) for region in target.catalog.governed_regions}
