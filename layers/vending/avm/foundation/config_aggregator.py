"""config-aggregator: the security account sees the configuration of all accounts, in all Regions, in one place.

It stands in the home Region. Whether an account records is for the account's own control config-recorder.
"""

from __future__ import annotations

from functools import partial

from avm.aws.config_aggregators import Aggregator, Aggregators
from avm.controls.administration import AGGREGATOR_CHANGES, AGGREGATOR_LOOKS
from avm.controls.control import DriftEvent
from avm.domain.foundation import AGGREGATOR_NAME, AGGREGATOR_ROLE
from avm.domain.trust import VENDING_PATH, role_arn
from avm.foundation.control import FoundationControl, FoundationReach, FoundationTarget, Look, Step


class ConfigAggregator(FoundationControl):
    """The aggregator of the organization."""

    name = "config-aggregator"
    promise = "AWS Config shows the configuration of all accounts in the security account."
    duty = "prepare_security"
    needs = ("service-administrators",)
    foundation = ("security-account",)
    observe_grants = AGGREGATOR_LOOKS
    enforce_grants = AGGREGATOR_CHANGES
    drift_events = tuple(
        DriftEvent("config.amazonaws.com", name)
        for name in ("DeleteConfigurationAggregator", "PutConfigurationAggregator")
    )

    def look(self, target: FoundationTarget, reach: FoundationReach) -> Look:
        """Look at the aggregators, and whether ours is let into AWS Organizations."""
        foundation = target.foundation
        role = role_arn(foundation.partition, str(foundation.security_account_id), AGGREGATOR_ROLE, VENDING_PATH)
        wanted = Aggregator(role, all_regions=True)
        aggregators = Aggregators(reach.security(foundation.home_region))
        found = aggregators.all()
        ours = found.get(AGGREGATOR_NAME)
        shown = {"DescribeConfigurationAggregators": {name: each.shown() for name, each in found.items()}}
        others = tuple(f"aggregator {name}" for name in sorted(found) if name != AGGREGATOR_NAME)
        if ours != wanted:
            put = partial(aggregators.put, AGGREGATOR_NAME, wanted)
            before = ours.shown() if ours else None
            subject = f"aggregator {AGGREGATOR_NAME} of all accounts and Regions"
            step = Step("config:PutConfigurationAggregator", subject, put, before, wanted.shown())
            return Look(shown, (step,), left_alone=others)
        failure = aggregators.failure(AGGREGATOR_NAME)
        # Config tries again by itself; what it needs, the controls before this one see to
        waits_for = (f"aggregator {AGGREGATOR_NAME}: {failure}",) if failure else ()
        return Look(shown, waits_for=waits_for, left_alone=others)
