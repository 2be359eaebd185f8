"""Standards: pending when they are switched on, then ready, or incomplete as long as AWS Config does not record."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from moto.config.models import config_backends

from avm_emulator.security_hub.known_standards import STANDARDS
from avm_emulator.security_hub.state import SecurityHub, Subscription, invalid_input, page

if TYPE_CHECKING:
    from avm_emulator.boundary import Call

AWS = "AWS"
AT_ONCE = 25
NO_RECORDER = "NO_AVAILABLE_CONFIGURATION_RECORDER"
SEEN_LATE = 3600.0
"""AWS-seconds for which a recorder stays unseen where that is a planned outcome (assumed)."""
"""Standards in one call (botocore: shapes StandardsSubscriptionRequests and StandardsSubscriptionArns)."""


def describe_standards(
    security_hub: SecurityHub,
    call: Call,
    *,
    next_token: str | None = None,
    max_results: int | None = None,
    providers: Sequence[str] = (),
) -> dict[str, Any]:
    """Return the standards that there are: those for AWS; of other clouds none is modelled."""
    security_hub.hub(call.account, call.region)
    found, token = page(STANDARDS if _is_aws(providers) else (), next_token, max_results, 100)
    standards = [
        {
            "StandardsArn": standard.arn(call.region),
            "Name": standard.name,
            "Description": standard.description,
            "EnabledByDefault": standard.enabled_by_default,
            "Provider": AWS,
            "StandardsManagedBy": {"Company": "AWS", "Product": "Security Hub"},
        }
        for standard in found
    ]
    return {"Standards": standards, "NextToken": token}


def batch_enable_standards(
    security_hub: SecurityHub, call: Call, *, standards_subscription_requests: Sequence[dict[str, Any]]
) -> dict[str, Any]:
    """Switch standards on; one that is on already stays as it is."""
    security_hub.hub(call.account, call.region)
    security_hub.refuse_centrally_managed(call)
    _refuse_too_many(standards_subscription_requests)
    arns = [request["StandardsArn"] for request in standards_subscription_requests]
    known = {standard.arn(call.region) for standard in STANDARDS}
    if unknown := [arn for arn in arns if arn not in known]:
        raise invalid_input(f"Invalid StandardsArn: {', '.join(unknown)}")
    switched = [security_hub.subscribe(call.account, call.region, arn, call.time) for arn in arns]
    return {"StandardsSubscriptions": [_describe(security_hub, call, subscription) for subscription in switched]}


def batch_disable_standards(
    security_hub: SecurityHub, call: Call, *, standards_subscription_arns: Sequence[str]
) -> dict[str, Any]:
    """Switch standards off; they are gone at once (assumed: AWS shows DELETING for a while)."""
    hub = security_hub.hub(call.account, call.region)
    security_hub.refuse_centrally_managed(call)
    _refuse_too_many(standards_subscription_arns)
    named = {each.subscription_arn: each for each in hub.subscriptions.values()}
    if unknown := [arn for arn in standards_subscription_arns if arn not in named]:
        raise invalid_input(f"Invalid StandardsSubscriptionArn: {', '.join(unknown)}")
    gone = [hub.subscriptions.pop(named[arn].standards_arn) for arn in standards_subscription_arns]
    described = [{**_describe(security_hub, call, each), "StandardsStatus": "DELETING"} for each in gone]
    return {"StandardsSubscriptions": described}


def get_enabled_standards(
    security_hub: SecurityHub,
    call: Call,
    *,
    standards_subscription_arns: Sequence[str] = (),
    next_token: str | None = None,
    max_results: int | None = None,
    providers: Sequence[str] = (),
) -> dict[str, Any]:
    """Return the standards that are on, or those of them that are named."""
    subscriptions = security_hub.hub(call.account, call.region).subscriptions.values()
    wanted = [
        each
        for each in subscriptions
        if (not standards_subscription_arns or each.subscription_arn in standards_subscription_arns)
        and _is_aws(providers)
    ]
    found, token = page(wanted, next_token, max_results, 100)
    return {"StandardsSubscriptions": [_describe(security_hub, call, each) for each in found], "NextToken": token}


def _describe(security_hub: SecurityHub, call: Call, subscription: Subscription) -> dict[str, Any]:
    described: dict[str, Any] = {
        "StandardsSubscriptionArn": subscription.subscription_arn,
        "StandardsArn": subscription.standards_arn,
        "StandardsInput": {},
        "Provider": AWS,
        "StandardsControlsUpdatable": "NOT_READY_FOR_UPDATES",
    }
    if security_hub.emulator.clock.now() < subscription.ready_at:
        return {**described, "StandardsStatus": "PENDING"}
    if subscription.planned_failure is not None and not _is_seen_by_now(security_hub, call, subscription):
        reason = _reason(subscription.planned_failure)
        return {**described, "StandardsStatus": "INCOMPLETE", "StandardsStatusReason": reason}
    if not _records(call):
        reason = _reason(NO_RECORDER)
        return {**described, "StandardsStatus": "INCOMPLETE", "StandardsStatusReason": reason}
    return {**described, "StandardsStatus": "READY", "StandardsControlsUpdatable": "READY_FOR_UPDATES"}


def _is_seen_by_now(security_hub: SecurityHub, call: Call, subscription: Subscription) -> bool:
    """Return whether what was planned is over: that a recorder is not seen lasts no longer than SEEN_LATE."""
    late = subscription.ready_at + SEEN_LATE
    return subscription.planned_failure == NO_RECORDER and security_hub.emulator.clock.now() >= late and _records(call)


def _is_aws(providers: Sequence[str]) -> bool:
    return not providers or AWS in providers


def _reason(code: str) -> dict[str, str]:
    return {"StatusReasonCode": code}


def _records(call: Call) -> bool:
    """Return whether AWS Config records in the account and Region (botocore: StatusReasonCode)."""
    recorders = config_backends[call.account][call.region].recorders.values()
    return any(recorder.status.recording for recorder in recorders)


def _refuse_too_many(standards: Sequence[object]) -> None:
    if not 1 <= len(standards) <= AT_ONCE:
        raise invalid_input(f"{len(standards)} standards in one call; 1 to {AT_ONCE} can be named.")
