"""organization-analyzers: in every governed Region it is found out what is shared with the world outside.

Analyzers belong to the security account. What they find is for people; Security Hub shows it, too.
"""

from __future__ import annotations

from functools import partial

from avm.aws.access_analyzer import ORGANIZATION, Analyzers
from avm.controls.administration import ANALYZER_CHANGES, ANALYZER_LOOKS
from avm.controls.control import DriftEvent
from avm.domain.foundation import ANALYZER_NAME
from avm.foundation.control import FoundationControl, FoundationReach, FoundationTarget, Look, Step


class OrganizationAnalyzers(FoundationControl):
    """The analyzers that know who is outside the organization."""

    name = "organization-analyzers"
    promise = "In every governed Region an analyzer finds what is shared with somebody outside the organization."
    duty = "prepare_security"
    needs = ("service-administrators",)
    foundation = ("security-account",)
    observe_grants = ANALYZER_LOOKS
    enforce_grants = ANALYZER_CHANGES
    drift_events = (DriftEvent("access-analyzer.amazonaws.com", "DeleteAnalyzer"),)

    def look(self, target: FoundationTarget, reach: FoundationReach) -> Look:
        """Look at the analyzers of each governed Region."""
        return Look.at_all({region: _look_in(region, reach) for region in target.catalog.governed_regions})


def _look_in(region: str, reach: FoundationReach) -> Look:
    analyzers = Analyzers(reach.security(region), region).all()
    shown = {"ListAnalyzers": {name: f"{each.type}: {each.status}" for name, each in analyzers.items()}}
    others = tuple(f"analyzer {name} in {region}" for name in sorted(analyzers) if name != ANALYZER_NAME)
    ours = analyzers.get(ANALYZER_NAME)
    if ours is None:
        act = partial(_create, region, reach)
        step = Step("access-analyzer:CreateAnalyzer", f"analyzer of the organization in {region}", act, after="ACTIVE")
        return Look(shown, (step,), left_alone=others)
    if ours.type != ORGANIZATION or ours.status == "FAILED":  # no call mends it
        todo = (
            f"Analyzer {ANALYZER_NAME} in {region} is of type {ours.type} and {ours.status}: delete it in the security "
            f"account, then apply again."
        )
        return Look(shown, by_hand=(todo,), left_alone=others)
    # DISABLED: AWS takes it up again by itself once trust and administrator are there (botocore: ReasonCode)
    waits_for = f"analyzer {ANALYZER_NAME} in {region}: {ours.status} {ours.reason}".rstrip()
    return Look(shown, waits_for=() if ours.status == "ACTIVE" else (waits_for,), left_alone=others)


def _create(region: str, reach: FoundationReach) -> None:
    Analyzers(reach.security(region), region).create(ANALYZER_NAME)
