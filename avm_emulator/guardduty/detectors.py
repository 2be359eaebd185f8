"""The detector of an account in a Region: one, and out of its hands once it is a member."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from moto.guardduty.models import Detector

from avm_emulator.calls import iso8601
from avm_emulator.guardduty.state import (
    FOUNDATIONAL,
    OPTIONAL,
    RUNTIME,
    GuardDuty,
    asked,
    bad_request,
    data_sources,
    features_of,
    page,
    switch,
)

if TYPE_CHECKING:
    from avm_emulator.boundary import Call

BY_DEFAULT = {name: "DISABLED" if name in RUNTIME else "ENABLED" for name in OPTIONAL}
"""botocore, CreateDetector: every feature that is not named is enabled, but for those of run-time monitoring."""


def create_detector(
    guardduty: GuardDuty,
    call: Call,
    *,
    enable: bool,
    client_token: str | None = None,  # noqa: ARG001  there is one detector anyhow
    finding_publishing_frequency: str = "SIX_HOURS",
    tags: Mapping[str, str] | None = None,
    features: Sequence[dict[str, Any]] = (),
    **older: Any,
) -> dict[str, Any]:
    """Make the detector; raise BadRequestException where there is one."""
    _refuse_older(older)
    if guardduty.detector_of(call.account, call.region) is not None:
        raise bad_request("The request is rejected because a detector already exists for the current account.")
    detector = guardduty.make_detector(
        call.account,
        call.region,
        {**BY_DEFAULT, **asked(features)},
        enable=enable,
        finding_publishing_frequency=finding_publishing_frequency,
        tags=dict(tags or {}),
    )
    return {"DetectorId": detector.id}


def get_detector(guardduty: GuardDuty, call: Call, *, detector_id: str) -> dict[str, Any]:
    """Return the detector."""
    detector = guardduty.detector(call, detector_id)
    features = {**_foundational(detector), **features_of(detector)}
    return {
        "CreatedAt": iso8601(detector.created_at.timestamp()),
        "UpdatedAt": iso8601(detector.updated_at.timestamp()),
        "FindingPublishingFrequency": detector.finding_publish_freq,
        "ServiceRole": detector.service_role,
        "Status": "ENABLED" if detector.enabled else "DISABLED",
        "DataSources": data_sources(features),
        "Features": [{"Name": name, "Status": status} for name, status in features.items()],
        "Tags": detector.tags,
    }


def list_detectors(
    guardduty: GuardDuty, call: Call, *, max_results: int | None = None, next_token: str | None = None
) -> dict[str, Any]:
    """Return the id of the detector, if there is one."""
    found, token = page(list(guardduty.detectors(call.account, call.region)), next_token, max_results)
    return {"DetectorIds": found, "NextToken": token}


def update_detector(
    guardduty: GuardDuty,
    call: Call,
    *,
    detector_id: str,
    enable: bool | None = None,
    finding_publishing_frequency: str | None = None,
    features: Sequence[dict[str, Any]] = (),
    **older: Any,
) -> None:
    """Change the detector; a member changes nothing (user guide, administrator and member accounts)."""
    detector = guardduty.detector(call, detector_id)
    _refuse_older(older)
    _refuse_members(guardduty, call)
    switch(detector, asked(features))
    if enable is not None:
        detector.enabled = enable
    if finding_publishing_frequency is not None:
        detector.finding_publish_freq = finding_publishing_frequency


def delete_detector(guardduty: GuardDuty, call: Call, *, detector_id: str) -> None:
    """Delete the detector, unless its account has members or is one."""
    guardduty.detector(call, detector_id)
    _refuse_members(guardduty, call)
    if any(member.relationship_status != "Removed" for member in guardduty.members(call.account, call.region).values()):
        raise bad_request(
            "The request is rejected because cannot delete detector while it has invited or associated members."
        )
    del guardduty.detectors(call.account, call.region)[detector_id]


def _refuse_members(guardduty: GuardDuty, call: Call) -> None:
    if guardduty.administrator_of(call.account, call.region) is not None:
        raise bad_request("The request is rejected because the current account is managed by its administrator.")


def _refuse_older(members: Mapping[str, Any]) -> None:
    if members:
        raise bad_request(f"The request is rejected because {', '.join(members)} is superseded by features.")


def _foundational(detector: Detector) -> dict[str, str]:
    return dict.fromkeys(FOUNDATIONAL, "ENABLED" if detector.enabled else "DISABLED")
