"""Trails as all accounts of an organization see them; moto shows a trail to the account that made it only.

An organization trail belongs to the management account and has a shadow in each member, which can look at it by its ARN
and change nothing. What changes a trail is for its owner, in its home Region (botocore, documentation of each).
"""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator, Sequence
from datetime import UTC
from typing import TYPE_CHECKING, Any

from moto.cloudtrail.models import CloudTrailBackend, Trail, cloudtrail_backends
from moto.s3.models import s3_backends

from avm_emulator.boundary.moto_app import not_implemented
from avm_emulator.cloudtrail.delivery_policies import check_delivery
from avm_emulator.errors import AwsError
from avm_emulator.operations import Operations
from avm_emulator.organizations.state import organization_of

if TYPE_CHECKING:
    from avm_emulator.boundary import Call

PRINCIPAL = "cloudtrail.amazonaws.com"
_ARN = re.compile(r"arn:[\w-]+:cloudtrail:[\w-]+:\d{12}:trail/.+")
_NAMED = {
    "s3_bucket_name": "bucket_name",
    "s3_key_prefix": "s3_key_prefix",
    "sns_topic_name": "sns_topic_name",
    "include_global_service_events": "include_global_service_events",
    "is_multi_region_trail": "is_multi_region",
    "enable_log_file_validation": "log_validation",
    "is_organization_trail": "is_org_trail",
    "cloud_watch_logs_log_group_arn": "cw_log_group_arn",
    "cloud_watch_logs_role_arn": "cw_role_arn",
    "kms_key_id": "kms_key_id",
    "recursive_logging": "recursive_logging",
}
"""Parameter of CreateTrail and UpdateTrail -> attribute of moto's trail."""


class Trails:
    """Answers the calls on trails."""

    def __init__(self) -> None:
        """Keep nothing: the trails are moto's."""
        self.lock = threading.RLock()
        functions = (
            *(create_trail, delete_trail, describe_trails, get_event_selectors, get_trail, get_trail_status),
            *(list_trails, put_event_selectors, start_logging, stop_logging, update_trail),
        )
        self.answer = Operations("cloudtrail", self, functions).answer

    def settle(self, call: Call) -> None:
        """Do nothing: no trail changes by itself."""

    def backend(self, call: Call) -> CloudTrailBackend:
        """Return moto's trails of the caller in the Region."""
        found: CloudTrailBackend = cloudtrail_backends[call.account][call.region]
        return found

    def visible(self, call: Call) -> Iterator[Trail]:
        """Yield the trails that the caller sees in the Region, its own first."""
        organization = organization_of(call.account)
        owners = [call.account]
        if organization is not None and organization.account_id != call.account:
            owners.append(organization.account_id)
        for owner in owners:
            for backend in list(cloudtrail_backends[owner].values()):
                for trail in backend.trails.values():
                    is_here = trail.is_multi_region or trail.region_name == call.region
                    if is_here and (owner == call.account or trail.is_org_trail):
                        yield trail

    def find(self, call: Call, name: str) -> Trail:
        """Return a trail that the caller sees; one of another account by its ARN only (botocore, GetTrailStatus).

        Raises:
            AwsError: TrailNotFoundException.
        """
        for trail in self.visible(call):
            if name == trail.arn or (name == trail.trail_name and trail.account_id == call.account):
                return trail
        raise AwsError("TrailNotFoundException", f"Unknown trail: {name} for the user: {call.account}")

    def owned(self, call: Call, name: str) -> Trail:
        """Return a trail that the caller may change here.

        Raises:
            AwsError: TrailNotFoundException, NotOrganizationMasterAccountException in a member,
                InvalidHomeRegionException in another Region.
        """
        trail = self.find(call, name)
        if trail.account_id != call.account:
            raise AwsError(
                "NotOrganizationMasterAccountException",
                f"Only the management account of the organization can change the organization trail {trail.arn}.",
            )
        if trail.region_name != call.region:
            raise AwsError(
                "InvalidHomeRegionException",
                f"Trail {trail.arn} must be changed in its home Region, {trail.region_name}.",
            )
        return trail


def create_trail(
    trails: Trails, call: Call, *, name: str, tags_list: Sequence[dict[str, str]] = (), **settings: Any
) -> dict[str, Any]:
    """Make a trail; what delivers its files must be admitted by its bucket and its key."""
    if name in trails.backend(call).trails:
        raise AwsError("TrailAlreadyExistsException", f"Trail {name} already exists for customer: {call.account}")
    _check_bucket(settings["s3_bucket_name"])
    trail = Trail(
        account_id=call.account,
        region_name=call.region,
        trail_name=name,
        bucket_name=settings["s3_bucket_name"],
        s3_key_prefix=settings.get("s3_key_prefix"),
        sns_topic_name=settings.get("sns_topic_name"),
        is_global=settings.get("include_global_service_events", True),
        is_multi_region=settings.get("is_multi_region_trail", False),
        log_validation=settings.get("enable_log_file_validation", False),
        is_org_trail=settings.get("is_organization_trail", False),
        cw_log_group_arn=settings.get("cloud_watch_logs_log_group_arn"),
        cw_role_arn=settings.get("cloud_watch_logs_role_arn"),
        kms_key_id=settings.get("kms_key_id"),
    )
    trail.recursive_logging = settings.get("recursive_logging")
    _check(call, trail)
    trails.backend(call).trails[name] = trail
    trails.backend(call).add_tags(trail.arn, list(tags_list))
    return _settings(trail)


def update_trail(trails: Trails, call: Call, *, name: str, **settings: Any) -> dict[str, Any]:
    """Change a trail."""
    trail = trails.owned(call, name)
    before = {attribute: getattr(trail, attribute, None) for attribute in _NAMED.values()}
    for parameter, value in settings.items():
        setattr(trail, _NAMED[parameter], value)
    try:
        _check_bucket(trail.bucket_name)
        _check(call, trail)
    except AwsError:
        vars(trail).update(before)
        raise
    return _settings(trail)


def delete_trail(trails: Trails, call: Call, *, name: str) -> None:
    """Delete a trail."""
    trail = trails.owned(call, name)
    del trails.backend(call).trails[trail.trail_name]


def start_logging(trails: Trails, call: Call, *, name: str) -> None:
    """Let a trail log."""
    trails.owned(call, name).start_logging()


def stop_logging(trails: Trails, call: Call, *, name: str) -> None:
    """Let a trail log no more."""
    trails.owned(call, name).stop_logging()


def put_event_selectors(
    trails: Trails,
    call: Call,
    *,
    trail_name: str,
    event_selectors: list[dict[str, Any]] | None = None,
    advanced_event_selectors: list[dict[str, Any]] | None = None,
) -> dict[str, Any]:
    """Say which events a trail logs."""
    trail = trails.owned(call, trail_name)
    trail.put_event_selectors(event_selectors or [], advanced_event_selectors or [])
    return get_event_selectors(trails, call, trail_name=trail.arn)


def get_event_selectors(trails: Trails, call: Call, *, trail_name: str) -> dict[str, Any]:
    """Return which events a trail logs; at first all management events (CloudTrail User Guide, "Default settings")."""
    trail = trails.find(call, trail_name)
    basic, advanced = trail.get_event_selectors()
    if not basic and not advanced:
        basic = [{"ReadWriteType": "All", "IncludeManagementEvents": True, "DataResources": []}]
    return {"TrailARN": trail.arn, "EventSelectors": basic, "AdvancedEventSelectors": advanced}


def describe_trails(
    trails: Trails, call: Call, *, trail_name_list: Sequence[str] = (), include_shadow_trails: bool = True
) -> dict[str, Any]:
    """Return the trails of the Region; without shadows neither those of other Regions nor the organization's."""
    found = [
        trail
        for trail in trails.visible(call)
        if include_shadow_trails or (trail.account_id, trail.region_name) == (call.account, call.region)
    ]
    named = [trail for trail in found if not trail_name_list or {trail.trail_name, trail.arn} & set(trail_name_list)]
    return {"trailList": [_described(trail) for trail in named]}


def list_trails(trails: Trails, call: Call, *, next_token: str | None = None) -> dict[str, Any]:  # noqa: ARG001  one page
    """Return the names of the trails that the caller sees."""
    return {"Trails": [trail.short() for trail in trails.visible(call)]}


def get_trail(trails: Trails, call: Call, *, name: str) -> dict[str, Any]:
    """Return a trail."""
    return {"Trail": _described(trails.find(call, name))}


def get_trail_status(trails: Trails, call: Call, *, name: str) -> dict[str, Any]:
    """Return whether a trail logs."""
    status = trails.find(call, name).status
    answer: dict[str, Any] = {"IsLogging": status.is_logging}
    if status.started is not None:
        answer["StartLoggingTime"] = answer["LatestDeliveryTime"] = status.started.replace(tzinfo=UTC)
    if status.stopped is not None:
        answer["StopLoggingTime"] = status.stopped.replace(tzinfo=UTC)
    return answer


def _check_bucket(name: str) -> None:
    if name not in s3_backends.bucket_accounts:
        raise AwsError("S3BucketDoesNotExistException", f"S3 bucket {name} does not exist!")


def _check(call: Call, trail: Trail) -> None:
    """Raise AwsError for a trail that the organization or what it delivers to does not admit."""
    organization = organization_of(call.account)
    if trail.is_org_trail:
        if organization is None:
            raise AwsError("OrganizationsNotInUseException", "The account is not in an organization.")
        if organization.is_delegated_administrator(call.account, PRINCIPAL):
            raise not_implemented(call.service, call.operation, "by a delegated administrator")
        if organization.account_id != call.account:
            sentence = "Only the management account of the organization can have an organization trail."
            raise AwsError("NotOrganizationMasterAccountException", sentence)
        if all(service["ServicePrincipal"] != PRINCIPAL for service in organization.services):
            sentence = f"Trusted access of {PRINCIPAL} is not enabled in the organization."
            raise AwsError("CloudTrailAccessNotEnabledException", sentence)
    check_delivery(trail, organization.entity.id if organization is not None and trail.is_org_trail else None)


def _settings(trail: Trail) -> dict[str, Any]:
    settings = {**trail.description(), "RecursiveLogging": trail.recursive_logging}
    return {name: value for name, value in settings.items() if value is not None}


def _described(trail: Trail) -> dict[str, Any]:
    return {**_settings(trail), "HomeRegion": trail.region_name}
