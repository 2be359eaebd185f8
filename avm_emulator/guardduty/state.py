"""What GuardDuty knows beside moto's detectors: who administers whom, and how members are set up."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

from moto.guardduty.models import Detector, guardduty_backends

from avm_emulator.errors import AwsError
from avm_emulator.organizations.administrators import RegionalAdministrators
from avm_emulator.organizations.state import Account, Organization, organization_of
from avm_emulator.pages import InvalidPageError, cut

if TYPE_CHECKING:
    from avm_emulator.boundary import Call
    from avm_emulator.context import Emulator

T = TypeVar("T")

PRINCIPAL = "guardduty.amazonaws.com"

FOUNDATIONAL = ("CLOUD_TRAIL", "DNS_LOGS", "FLOW_LOGS")
"""Always on while the detector is (botocore: DetectorFeatureResult has them, DetectorFeature has not)."""
OPTIONAL = (
    *("S3_DATA_EVENTS", "EKS_AUDIT_LOGS", "EBS_MALWARE_PROTECTION", "RDS_LOGIN_EVENTS", "LAMBDA_NETWORK_LOGS"),
    *("EKS_RUNTIME_MONITORING", "RUNTIME_MONITORING", "AI_PROTECTION"),
)
"""botocore: OrgFeature."""
RUNTIME = ("EKS_RUNTIME_MONITORING", "RUNTIME_MONITORING")

Features = dict[str, str]
"""Feature -> ENABLED or DISABLED (of an organization: NEW, ALL or NONE)."""


def bad_request(sentence: str) -> AwsError:
    """Return the one error that GuardDuty has for all that a caller does wrong (botocore)."""
    return AwsError("BadRequestException", sentence, Type="InvalidInputException")


@dataclass
class Configuration:
    """How an organization's members are set up by themselves: UpdateOrganizationConfiguration."""

    auto_enable: str = "NONE"
    """NEW, ALL or NONE."""
    since: float = 0.0
    """When it was last changed: AWS epoch seconds."""
    features: Features = field(default_factory=lambda: dict.fromkeys(OPTIONAL, "NONE"))


@dataclass
class Member:
    """An account as its administrator sees it in one Region."""

    account_id: str
    email: str
    updated_at: float
    """AWS epoch seconds."""
    relationship_status: str = "Created"
    """``Created`` until its detector is there, then ``Enabled``; ``Disabled``, ``Removed``."""
    planned_status: str | None = None
    """What it shall become in the place of ``Enabled``."""


class GuardDuty:
    """GuardDuty of one emulator."""

    current: ClassVar[GuardDuty]

    def __init__(self, emulator: Emulator) -> None:
        """Begin without administrators."""
        self.emulator = emulator
        self.lock = threading.RLock()
        self.administrators = RegionalAdministrators(PRINCIPAL, bad_request)
        self.configurations: dict[tuple[str, str], Configuration] = {}
        self._members: dict[tuple[str, str], dict[str, Member]] = {}

    def detectors(self, account_id: str, region: str) -> dict[str, Detector]:
        """Return moto's detectors of an account in a Region: at most one."""
        found: dict[str, Detector] = guardduty_backends[account_id][region].detectors
        return found

    def detector_of(self, account_id: str, region: str) -> Detector | None:
        """Return the detector of an account in a Region."""
        return next(iter(self.detectors(account_id, region).values()), None)

    def detector(self, call: Call, detector_id: str) -> Detector:
        """Return a detector of the caller's; raise BadRequestException."""
        found = self.detectors(call.account, call.region).get(detector_id)
        if found is None:
            raise bad_request(
                "The request is rejected because the input detectorId is not owned by the current account."
            )
        return found

    def make_detector(self, account_id: str, region: str, features: Mapping[str, str], **settings: Any) -> Detector:
        """Make the detector of an account in a Region; its features: ENABLED or DISABLED, by name."""
        backend = guardduty_backends[account_id][region]
        detector_id = backend.create_detector(
            enable=settings.get("enable", True),
            finding_publishing_frequency=settings.get("finding_publishing_frequency", "SIX_HOURS"),
            data_sources={},
            tags=settings.get("tags", {}),
            features=[{"name": name, "status": status} for name, status in features.items()],
        )
        detector: Detector = backend.detectors[detector_id]
        return detector

    def organization(self, call: Call, detector_id: str) -> Organization:
        """Return the organization that the caller administers in the Region, by its detector."""
        self.detector(call, detector_id)
        organization = self.administrators.administered(call)
        if organization is None:
            raise bad_request(
                "The request is rejected because the current account is not the GuardDuty delegated administrator."
            )
        return organization

    def configuration(self, administrator: str, region: str) -> Configuration:
        """Return how the members of an administrator are set up."""
        return self.configurations.setdefault((administrator, region), Configuration())

    def settle(self, call: Call) -> None:
        """Bring in the accounts that auto-enable has had time for."""
        administrator = self.administrators.of(call.account, call.region)
        if administrator is None:
            return
        members = self.members(administrator, call.region)
        for account, since in self._enabled_by_itself(administrator, call.region):
            if account.id not in members:
                self.enable(administrator, call.region, account, since)

    def members(self, administrator: str, region: str) -> dict[str, Member]:
        """Return the members of an administrator by account id."""
        return self._members.setdefault((administrator, region), {})

    def forget(self, administrator: str, region: str) -> None:
        """Forget an administrator's members and what it has set for them."""
        self._members.pop((administrator, region), None)
        self.configurations.pop((administrator, region), None)

    def enable(self, administrator: str, region: str, account: Account, now: float) -> None:
        """Make an account an enabled member, with a detector of its own."""
        configured = self.configuration(administrator, region).features
        wanted = {name: "DISABLED" if setting == "NONE" else "ENABLED" for name, setting in configured.items()}
        detector = self.detector_of(account.id, region)
        if detector is None:
            self.make_detector(account.id, region, wanted)
        else:
            detector.enabled = True
            switch(detector, {name: status for name, status in wanted.items() if status == "ENABLED"})
        self.members(administrator, region)[account.id] = Member(account.id, account.email, now, "Enabled")

    def administrator_of(self, account_id: str, region: str) -> str | None:
        """Return the administrator of whom an account is a member now."""
        administrator = self.administrators.of(account_id, region)
        if administrator is None:
            return None
        member = self.members(administrator, region).get(account_id)
        return administrator if member is not None and member.relationship_status in ("Enabled", "Disabled") else None

    def _enabled_by_itself(self, administrator: str, region: str) -> Iterator[tuple[Account, float]]:
        """Yield the accounts that auto-enable has had time for, and when it came to them.

        Looked at when somebody asks: AWS takes up to a day, to which no clock shall jump.
        """
        organization = organization_of(administrator)
        configuration = self.configuration(administrator, region)
        if organization is None or configuration.auto_enable == "NONE":
            return
        latency = self.emulator.latencies["guardduty:AutoEnable"]
        with Organization.lock:
            accounts = [account for account in organization.members() if account.state == "ACTIVE"]
        for account in accounts:
            due = max(account.joined_at, configuration.since) + latency
            is_new = account.joined_at >= configuration.since
            if (
                account.id not in (administrator, organization.account_id)
                and (configuration.auto_enable == "ALL" or is_new)
                and due <= self.emulator.clock.now()
            ):
                yield account, due


def switch(detector: Detector, changes: Mapping[str, str]) -> None:
    """Turn features of a detector on or off."""
    features = {**features_of(detector), **changes}
    detector.features = [{"name": name, "status": status} for name, status in features.items()]


def features_of(detector: Detector) -> Features:
    """Return the optional features of a detector."""
    return {feature["name"]: feature["status"] for feature in detector.features}


def asked(features: Sequence[Mapping[str, Any]], member: str = "Status") -> Features:
    """Return the features that a call names; raise BadRequestException for two that exclude each other."""
    wanted = {str(feature["Name"]): str(feature[member]) for feature in features}
    if all(wanted.get(name, "NONE") not in ("NONE", "DISABLED") for name in RUNTIME):
        raise bad_request("The request is rejected because EKS_RUNTIME_MONITORING is part of RUNTIME_MONITORING.")
    return wanted


def data_sources(features: Mapping[str, str]) -> dict[str, Any]:
    """Return the older form of features, which some answers must have (botocore)."""

    def status(name: str) -> dict[str, str]:
        return {"Status": features.get(name, "DISABLED")}

    on = {"Status": "ENABLED"}
    return {
        "CloudTrail": on,
        "DNSLogs": on,
        "FlowLogs": on,
        "S3Logs": status("S3_DATA_EVENTS"),
        "Kubernetes": {"AuditLogs": status("EKS_AUDIT_LOGS")},
    }


def page(items: Sequence[T], next_token: str | None, max_results: int | None) -> tuple[list[T], str | None]:
    """Return one page of ``items`` and the token of the next one (botocore: at most 50); raise BadRequestException."""
    try:
        return cut(items, next_token, max_results, size=50)
    except InvalidPageError as error:
        raise bad_request(str(error)) from error
