"""CloudTrail in the management account, in the home Region: the organization's trail, and those of others."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from avm.aws.broker import READ_TRAILS, WRITE_TRAILS, Broker
from avm.aws.cloudtrail import with_all_management_events
from avm.aws.errors import translated
from avm.domain.errors import NotYetVisible
from avm.domain.foundation import TRAIL_NAME


@dataclass(frozen=True)
class TrailSettings:
    """What a trail is told."""

    name: str
    bucket: str
    key: str | None
    """ARN of the KMS key that it encrypts with; None: S3's own."""
    is_organization_trail: bool
    is_multi_region: bool
    validates_log_files: bool

    def shown(self) -> dict[str, Any]:
        """Return it by the API's names."""
        return {
            "S3BucketName": self.bucket,
            "KmsKeyId": self.key,
            "IsOrganizationTrail": self.is_organization_trail,
            "IsMultiRegionTrail": self.is_multi_region,
            "LogFileValidationEnabled": self.validates_log_files,
        }


class ManagementTrails:
    """The trails of the management account."""

    def __init__(self, broker: Broker) -> None:
        """``broker``: the way into the management account."""
        self._broker = broker

    def organization_trail_arn(self) -> str | None:
        """Return the ARN of the organization's trail; None where there is none.

        DescribeTrails lists it in its home Region (CloudTrail API reference).
        """
        for trail in self._described():
            if trail["Name"] == TRAIL_NAME and trail.get("IsOrganizationTrail"):
                arn: str = trail["TrailARN"]
                return arn
        return None

    def trails(self) -> dict[str, TrailSettings]:
        """Return the trails by name."""
        return {trail["Name"]: _settings(trail) for trail in self._described()}

    def is_logging(self, name: str) -> bool:
        """Say whether a trail logs."""
        with translated(TrailNotFoundException=NotYetVisible):
            return bool(self._broker.cloudtrail(READ_TRAILS).get_trail_status(Name=name)["IsLogging"])

    def event_selectors(self, name: str) -> dict[str, Any]:
        """Return which events a trail logs, by the API's names."""
        with translated(TrailNotFoundException=NotYetVisible):
            found = self._broker.cloudtrail(READ_TRAILS).get_event_selectors(TrailName=name)
        kinds = ("EventSelectors", "AdvancedEventSelectors")
        return {kind: found[kind] for kind in kinds if found.get(kind)}

    def create(self, wanted: TrailSettings) -> None:
        """Make a trail, which does not log yet; NotYetVisible while bucket or key do not admit CloudTrail."""
        self._put("create_trail", wanted)

    def update(self, wanted: TrailSettings) -> None:
        """Change a trail."""
        self._put("update_trail", wanted)

    def start(self, name: str) -> None:
        """Let a trail log."""
        with translated(TrailNotFoundException=NotYetVisible):
            self._broker.cloudtrail(WRITE_TRAILS).start_logging(Name=name)

    def log_all_management_events(self, name: str) -> None:
        """Let a trail log every management event; what it logs beside them stays."""
        selectors = with_all_management_events(self.event_selectors(name))
        with translated(TrailNotFoundException=NotYetVisible):
            self._broker.cloudtrail(WRITE_TRAILS).put_event_selectors(TrailName=name, **selectors)

    def _put(self, method: str, wanted: TrailSettings) -> None:
        client = self._broker.cloudtrail(WRITE_TRAILS)
        with translated(
            InsufficientS3BucketPolicyException=NotYetVisible, InsufficientEncryptionPolicyException=NotYetVisible
        ):
            getattr(client, method)(
                Name=wanted.name,
                S3BucketName=wanted.bucket,
                KmsKeyId=wanted.key,
                IncludeGlobalServiceEvents=True,
                IsOrganizationTrail=wanted.is_organization_trail,
                IsMultiRegionTrail=wanted.is_multi_region,
                EnableLogFileValidation=wanted.validates_log_files,
            )

    def _described(self) -> list[dict[str, Any]]:
        with translated():
            found: list[dict[str, Any]] = self._broker.cloudtrail(READ_TRAILS).describe_trails(
                includeShadowTrails=False
            )["trailList"]
        return found


def _settings(trail: dict[str, Any]) -> TrailSettings:
    return TrailSettings(
        name=trail["Name"],
        bucket=trail["S3BucketName"],
        key=trail.get("KmsKeyId"),
        is_organization_trail=bool(trail.get("IsOrganizationTrail")),
        is_multi_region=bool(trail.get("IsMultiRegionTrail")),
        validates_log_files=bool(trail.get("LogFileValidationEnabled")),
    )
