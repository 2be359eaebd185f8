"""Finding aggregators: which Region is home, and which are linked to it. Findings themselves are not replicated."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from moto.utilities.utils import get_partition

from avm_emulator.errors import AwsError
from avm_emulator.security_hub.central import Aggregator
from avm_emulator.security_hub.state import SecurityHub, invalid_input, page

if TYPE_CHECKING:
    from avm_emulator.boundary import Call

_TAKES_REGIONS = {
    "ALL_REGIONS": False,
    "ALL_REGIONS_EXCEPT_SPECIFIED": True,
    "NO_REGIONS": False,
    "SPECIFIED_REGIONS": True,
}
"""Modes, and whether Regions are named with them (botocore, CreateFindingAggregator)."""


def create_finding_aggregator(
    security_hub: SecurityHub, call: Call, *, region_linking_mode: str, regions: Sequence[str] = ()
) -> dict[str, Any]:
    """Make the Region of the call the home Region; an account has one, a member none of its own.

    That a second one is an InvalidInputException is assumed; the sentence to members is AWS's own
    (github.com/nozaq/terraform-aws-secure-baseline, issue 254).
    """
    security_hub.hub(call.account, call.region)
    member = security_hub.administrator_of(call.account, call.region)
    if member is not None and member.status == "Enabled":
        raise invalid_input("A finding aggregator cannot be created by a member account.")
    if call.account in security_hub.central.aggregators:
        raise invalid_input(f"Account {call.account} has a finding aggregator already.")
    _check(region_linking_mode, regions)
    arn = f"arn:{get_partition(call.region)}:securityhub:{call.region}:{call.account}:finding-aggregator/{uuid.uuid4()}"
    made = Aggregator(arn, call.account, call.region, region_linking_mode, list(regions), call.time)
    security_hub.central.aggregators[call.account] = made
    return _describe(made)


def get_finding_aggregator(security_hub: SecurityHub, call: Call, *, finding_aggregator_arn: str) -> dict[str, Any]:
    """Return home Region and linked ones, in any Region."""
    return _describe(_named(security_hub, call, finding_aggregator_arn))


def list_finding_aggregators(
    security_hub: SecurityHub, call: Call, *, next_token: str | None = None, max_results: int | None = None
) -> dict[str, Any]:
    """Return the one aggregator of the account, in any Region (botocore), or none."""
    security_hub.hub(call.account, call.region)
    known = security_hub.central.aggregators.get(call.account)
    found, token = page([] if known is None else [known], next_token, max_results, 100)
    return {"FindingAggregators": [{"FindingAggregatorArn": each.arn} for each in found], "NextToken": token}


def update_finding_aggregator(
    security_hub: SecurityHub,
    call: Call,
    *,
    finding_aggregator_arn: str,
    region_linking_mode: str,
    regions: Sequence[str] = (),
) -> dict[str, Any]:
    """Link other Regions, from the home Region only (botocore)."""
    aggregator = _named(security_hub, call, finding_aggregator_arn)
    _refuse_elsewhere(call, aggregator)
    _check(region_linking_mode, regions)
    aggregator.mode, aggregator.regions, aggregator.updated_at = region_linking_mode, list(regions), call.time
    return _describe(aggregator)


def delete_finding_aggregator(security_hub: SecurityHub, call: Call, *, finding_aggregator_arn: str) -> None:
    """Have no home Region any more, from there only (assumed); that ends central configuration with its policies.

    Source: user guide, "Impact of central configuration on cross-Region aggregation".
    """
    aggregator = _named(security_hub, call, finding_aggregator_arn)
    _refuse_elsewhere(call, aggregator)
    del security_hub.central.aggregators[call.account]
    security_hub.central.end(call.account)


def _named(security_hub: SecurityHub, call: Call, arn: str) -> Aggregator:
    security_hub.hub(call.account, call.region)
    aggregator = security_hub.central.aggregators.get(call.account)
    if aggregator is None or aggregator.arn != arn:
        raise AwsError("ResourceNotFoundException", f"There is no finding aggregator {arn}.")
    return aggregator


def _refuse_elsewhere(call: Call, aggregator: Aggregator) -> None:
    if call.region != aggregator.home:
        raise invalid_input(f"{call.operation} is for the home Region, {aggregator.home}, only.")


def _check(mode: str, regions: Sequence[str]) -> None:
    takes = _TAKES_REGIONS.get(mode)
    if takes is None:
        raise invalid_input(f"Invalid RegionLinkingMode {mode}; there are {', '.join(_TAKES_REGIONS)}.")
    if takes != bool(regions):
        raise invalid_input(f"Regions are {'needed' if takes else 'not taken'} with RegionLinkingMode {mode}.")


def _describe(aggregator: Aggregator) -> dict[str, Any]:
    return {
        "FindingAggregatorArn": aggregator.arn,
        "FindingAggregationRegion": aggregator.home,
        "RegionLinkingMode": aggregator.mode,
        "Regions": aggregator.regions,
    }
