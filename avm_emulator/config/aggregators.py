"""Aggregators: how it stands with what an account collects from others.

The aggregators themselves are moto's, on which its operations on aggregated resources rest; what moto does not ask, the
backend's own class does (``state``).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from moto.config.models import ConfigAggregator, config_backends

from avm_emulator.config.organization import AGGREGATORS, OrganizationConfig, is_administrator
from avm_emulator.errors import AwsError
from avm_emulator.organizations.state import Organization, organization_of
from avm_emulator.pages import InvalidPageError, cut

if TYPE_CHECKING:
    from avm_emulator.boundary import Call

MOST = 50
"""In an account and Region (developer guide, service limits)."""


def describe_configuration_aggregator_sources_status(
    config: OrganizationConfig,
    call: Call,
    *,
    configuration_aggregator_name: str,
    update_status: Sequence[str] = (),
    next_token: str | None = None,
    limit: int | None = None,
) -> dict[str, Any]:
    """Return how the last collection went: of the organization, and of each account in each Region."""
    aggregator = config_backends[call.account][call.region].config_aggregators.get(configuration_aggregator_name)
    if aggregator is None:
        raise AwsError(
            "NoSuchConfigurationAggregatorException",
            "The configuration aggregator does not exist. Check the configuration aggregator name and try again.",
        )
    sources = list(_sources(config, call, aggregator))
    wanted = [each for each in sources if not update_status or each["LastUpdateStatus"] in update_status]
    found, token = page(wanted, next_token, limit)
    return {"AggregatedSourceStatusList": found, "NextToken": token}


def page(items: Sequence[Any], next_token: str | None, limit: int | None) -> tuple[list[Any], str | None]:
    """Return one page, of 100 at most and where ``limit`` is 0; raise Config's errors for wrong ones."""
    try:
        return cut(items, next_token, limit or None, size=100)
    except InvalidPageError as error:
        code = "InvalidNextTokenException" if error.reason == "INVALID_NEXT_TOKEN" else "InvalidLimitException"
        raise AwsError(code, str(error)) from error


def _sources(config: OrganizationConfig, call: Call, aggregator: ConfigAggregator) -> Iterator[dict[str, Any]]:
    is_first = aggregator.configuration_aggregator_arn not in config.collected
    source = aggregator.organization_aggregation_source
    if source is None:
        for each in aggregator.account_aggregation_sources or ():
            for account_id in each.account_ids:
                for region in _regions(account_id, each):
                    # Whether the source account has authorized it is not asked
                    yield _status(account_id, region, call.time, _error(account_id, region), is_first=is_first)
        return
    organization = organization_of(call.account)
    error = None
    if organization is None or not is_administrator(call.account, organization, AGGREGATORS):
        error = ("OrganizationAccessDenied", "The account is no administrator of AWS Config in its organization.")
    of_organization = {
        "SourceId": organization.entity.id if organization is not None else call.account,
        "SourceType": "ORGANIZATION",
        **_outcome(call.time, error, is_first=is_first),
    }
    yield of_organization
    if error is not None or organization is None:
        return
    with Organization.lock:
        account_ids = [account.id for account in organization.members() if account.state == "ACTIVE"]
    for account_id in account_ids:
        for region in _regions(account_id, source):
            yield _status(account_id, region, call.time, _error(account_id, region), is_first=is_first)


def _regions(account_id: str, source: Any) -> list[str]:
    """Return the Regions of a source; where it has all of them, those in which the account records."""
    if source.aws_regions:
        return list(source.aws_regions)
    return sorted(region for region, backend in list(config_backends[account_id].items()) if backend.recorders)


def _error(account_id: str, region: str) -> tuple[str, str] | None:
    recorders = config_backends[account_id][region].recorders.values()
    if any(recorder.status.recording for recorder in recorders):
        return None
    return "NoRunningConfigurationRecorder", "AWS Config does not record in the source account and Region."


def _status(
    account_id: str, region: str, now: float, error: tuple[str, str] | None, *, is_first: bool
) -> dict[str, Any]:
    outcome = _outcome(now, error, is_first=is_first)
    return {"SourceId": account_id, "SourceType": "ACCOUNT", "AwsRegion": region, **outcome}


def _outcome(now: float, error: tuple[str, str] | None, *, is_first: bool) -> dict[str, Any]:
    if is_first:
        return {"LastUpdateStatus": "OUTDATED", "LastUpdateTime": now}
    if error is None:
        return {"LastUpdateStatus": "SUCCEEDED", "LastUpdateTime": now}
    code, sentence = error
    return {"LastUpdateStatus": "FAILED", "LastUpdateTime": now, "LastErrorCode": code, "LastErrorMessage": sentence}
