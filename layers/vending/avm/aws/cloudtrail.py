"""CloudTrail as an account sees it: the trails that log its events."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from avm.aws.errors import translated
from avm.aws.probes import MemberClients
from avm.domain.errors import NotYetVisible

_MANAGEMENT = [{"Field": "eventCategory", "Equals": ["Management"]}]


@dataclass(frozen=True)
class Trail:
    """A trail, as far as it matters to the accounts of its organization."""

    arn: str
    bucket: str
    is_organization_trail: bool
    is_multi_region: bool
    validates_log_files: bool
    is_logging: bool
    logs_management_events: bool
    """All of them, reads and writes."""
    delivery_error: str
    """Why the last delivery to the bucket has failed; "" where it has not."""


class CloudTrail:
    """The trails of one account in one Region."""

    def __init__(self, clients: MemberClients) -> None:
        """``clients``: of the account, in the Region."""
        self._client: Any = clients.client("cloudtrail")

    def trail(self, arn: str) -> Trail | None:
        """Return a trail; None where the account does not see it, and it does not log the account.

        A member sees an organization trail by its ARN only (botocore, GetTrailStatus).
        """
        try:
            with translated(TrailNotFoundException=NotYetVisible):
                settings = self._client.get_trail(Name=arn)["Trail"]
                status = self._client.get_trail_status(Name=arn)
                selectors = self._client.get_event_selectors(TrailName=arn)  # a member sees them as it sees the trail
        except NotYetVisible:
            return None
        return Trail(
            arn=settings["TrailARN"],
            bucket=settings["S3BucketName"],
            is_organization_trail=settings["IsOrganizationTrail"],
            is_multi_region=settings["IsMultiRegionTrail"],
            validates_log_files=settings["LogFileValidationEnabled"],
            is_logging=status["IsLogging"],
            logs_management_events=logs_management_events(selectors),
            delivery_error=status.get("LatestDeliveryError", ""),
        )


def logs_management_events(selectors: Mapping[str, Any]) -> bool:
    """Return whether one of the selectors takes every management event.

    Advanced selectors take them by ``eventCategory`` alone: each further field leaves some out (CloudTrail User Guide,
    "Logging management events").
    """
    basic, advanced = selectors.get("EventSelectors", ()), selectors.get("AdvancedEventSelectors", ())
    return any(map(_takes_all, basic)) or any(each["FieldSelectors"] == _MANAGEMENT for each in advanced)


def with_all_management_events(selectors: Mapping[str, Any]) -> dict[str, Any]:
    """Return selectors that take every management event, and of other events what these take.

    A trail has selectors of one kind: basic or advanced (botocore, PutEventSelectors).
    """
    if advanced := selectors.get("AdvancedEventSelectors"):
        others = [each for each in advanced if not _is_of_management(each)]
        return {"AdvancedEventSelectors": [{"Name": "Management events", "FieldSelectors": _MANAGEMENT}, *others]}
    others = [
        {
            "ReadWriteType": each.get("ReadWriteType", "All"),
            "IncludeManagementEvents": False,
            "DataResources": each["DataResources"],
        }
        for each in selectors.get("EventSelectors", ())
        if each.get("DataResources")
    ]
    every = {"ReadWriteType": "All", "IncludeManagementEvents": True, "DataResources": []}
    return {"EventSelectors": [every, *others]}


def _is_of_management(selector: Mapping[str, Any]) -> bool:
    return any(field in selector["FieldSelectors"] for field in _MANAGEMENT)


def _takes_all(selector: Mapping[str, Any]) -> bool:
    return (
        selector.get("IncludeManagementEvents", True)
        and selector.get("ReadWriteType", "All") == "All"
        and not selector.get("ExcludeManagementEventSources")
    )
