"""config-aggregation: the security account sees how the account is configured. Plane: security.

The organization's aggregator collects from every account that records; AWS takes its time until it has done so for a
new one.
"""

from __future__ import annotations

from avm.aws.config_aggregators import Aggregators
from avm.controls.administration import AGGREGATOR_LOOKS, what_is_lacking
from avm.controls.control import Control, DriftEvent, Reach, Target
from avm.domain.errors import FoundationBehind
from avm.domain.finding import Change, Finding, Verdict
from avm.domain.foundation import AGGREGATOR_NAME

SUCCEEDED = "SUCCEEDED"
FAILED = "FAILED"
NO_RECORDER = f"{FAILED} NoRunningConfigurationRecorder"
"""That is for config-recorder to tell; once it records, AWS collects."""


class ConfigAggregation(Control):
    """The account among the sources of the organization's aggregator."""

    name = "config-aggregation"
    promise = "AWS Config shows the configuration of the account, from every governed Region, in the security account."
    plane = "security"
    duty = "enroll_security"
    needs = ("config-recorder",)  # nothing is collected from who does not record
    foundation = ("security-account",)
    observe_grants = AGGREGATOR_LOOKS
    drift_events = (DriftEvent("config.amazonaws.com", "DeleteConfigurationAggregator"),)
    mode = "observe"
    kept_by_foundation = True
    blocks_ready = False  # AWS names no time in which an account is collected from
    deadline_seconds = 86400

    def observe(self, target: Target, reach: Reach) -> Finding:
        """Look how the last collection went; evidence: Region -> state, with AWS's reason of a failure."""
        sources = _sources(target, reach)
        if sources is None:
            lacks = {"DescribeConfigurationAggregators": "there is no aggregator"}
            return self.finding(target, what_is_lacking(target), **lacks)
        mine = {region: state for (account_id, region), state in sources.items() if account_id == target.account.id}
        shown = {region: mine.get(region, "not collected from yet") for region in target.catalog.governed_regions}
        return self.finding(target, _verdict(shown), DescribeConfigurationAggregatorSourcesStatus=shown)

    def enforce(self, target: Target, reach: Reach) -> list[Change]:
        """Change nothing; raise FoundationBehind where the aggregator is gone. A failed collection AWS tries again."""
        if _sources(target, reach) is None:
            message = f"the security account has no aggregator {AGGREGATOR_NAME}"
            raise FoundationBehind(message)
        return []


def _verdict(shown: dict[str, str]) -> Verdict:
    failed = {state for state in shown.values() if state.startswith(FAILED)}
    if failed - {NO_RECORDER}:
        return "violated"
    return "compliant" if set(shown.values()) == {SUCCEEDED} else "pending"


def _sources(target: Target, reach: Reach) -> dict[tuple[str, str], str] | None:
    """Return (account, Region) -> how its last collection went; None where there is no aggregator."""
    aggregators = Aggregators(reach.security(target.foundation.home_region))
    there = reach.once(("config", "DescribeConfigurationAggregators"), aggregators.all)
    if AGGREGATOR_NAME not in there:
        return None
    key = ("config", "DescribeConfigurationAggregatorSourcesStatus")
    return reach.once(key, lambda: aggregators.sources(AGGREGATOR_NAME))
