"""AWS Config in one Region of an account: the customer managed recorder, its delivery channel, how both do.

A Region has one of each, whatever they are called (botocore: PutConfigurationRecorder, PutDeliveryChannel).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from avm.aws.errors import translated
from avm.domain.errors import FoundationBehind, NotYetVisible

SERVICE = "config.amazonaws.com"
SERVICE_ROLE = "AWSServiceRoleForConfig"
RECORDERS = "arn:{partition}:config:{region}:{account}:configuration-recorder/*"
"""What policies name: a recorder's ARN ends with an id that nobody knows before (Service Authorization Reference)."""

_CONTINUOUS = {"recordingFrequency": "CONTINUOUS"}


@dataclass(frozen=True)
class Recorder:
    """What a recorder is told."""

    name: str
    role_arn: str
    all_supported: bool
    """Whether it records every resource type, those of the future included."""
    global_types: bool
    """Whether users, groups, roles and policies of IAM are among them."""
    mode: Mapping[str, Any] = field(default_factory=lambda: dict(_CONTINUOUS))
    """How often it records, by the API's names."""


@dataclass(frozen=True)
class RecorderStatus:
    """What a recorder does."""

    recording: bool
    last_status: str = ""
    """Of its last recording, in lower case: ``pending``, ``success``, ``failure``; none before it was started."""
    error: str = ""
    """AWS's code and words for the last failure."""


class Config:
    """AWS Config in one Region. What one call has just made the next may not see yet: look again, later."""

    def __init__(self, client: Any) -> None:
        """``client``: of boto3, with the credentials of a session in the account."""
        self._client = client

    def recorder(self) -> Recorder | None:
        """Return the customer managed recorder; None where there is none. Those of services are theirs."""
        with translated():
            recorders = self._client.describe_configuration_recorders()["ConfigurationRecorders"]
        found = next((each for each in recorders if not each.get("servicePrincipal")), None)
        if found is None:
            return None
        group, mode = found.get("recordingGroup", {}), found.get("recordingMode", _CONTINUOUS)
        return Recorder(
            name=found["name"],
            role_arn=found["roleARN"],
            all_supported=group.get("allSupported", False),
            global_types=group.get("includeGlobalResourceTypes", False),
            mode={name: value for name, value in mode.items() if value},
        )

    def status(self, recorder_name: str) -> RecorderStatus:
        """Return what the recorder does."""
        with translated(NoSuchConfigurationRecorderException=NotYetVisible):
            answer = self._client.describe_configuration_recorder_status(ConfigurationRecorderNames=[recorder_name])
        found: Mapping[str, Any] = next(iter(answer["ConfigurationRecordersStatus"]), {})
        # the model says Success, samples of the CLI reference SUCCESS
        last = str(found.get("lastStatus", "")).lower()
        return RecorderStatus(found.get("recording", False), last, _error(found) if last == "failure" else "")

    def channel(self) -> Mapping[str, Any] | None:
        """Return the delivery channel, by the API's names; None where there is none."""
        with translated():
            channels = self._client.describe_delivery_channels()["DeliveryChannels"]
        return next(iter(channels), None)

    def failed_deliveries(self) -> Mapping[str, str]:
        """Return what is delivered -> AWS's code and words, where the last try has failed."""
        with translated():
            channels = self._client.describe_delivery_channel_status()["DeliveryChannelsStatus"]
        infos = {name: info for channel in channels for name, info in channel.items() if isinstance(info, dict)}
        return {name: _error(info) for name, info in infos.items() if str(info.get("lastStatus")).lower() == "failure"}

    def put_recorder(self, recorder: Recorder) -> None:
        """Make or change the recorder; raises NotYetVisible while Config does not see a role that was just made."""
        with translated(InvalidRoleException=NotYetVisible):
            self._client.put_configuration_recorder(
                ConfigurationRecorder={
                    "name": recorder.name,
                    "roleARN": recorder.role_arn,
                    "recordingGroup": {
                        "allSupported": recorder.all_supported,
                        "includeGlobalResourceTypes": recorder.global_types,
                    },
                    "recordingMode": dict(recorder.mode),
                }
            )

    def put_channel(self, name: str, bucket: str) -> None:
        """Make or change the channel; it delivers into ``bucket`` and nowhere else.

        Raises FoundationBehind where there is no such bucket; NotYetVisible while its policy does not admit Config.
        """
        missing = _because(f"the bucket {bucket} for AWS Config is not there")
        with translated(NoAvailableConfigurationRecorderException=NotYetVisible, NoSuchBucketException=missing):
            self._client.put_delivery_channel(DeliveryChannel={"name": name, "s3BucketName": bucket})

    def start(self, recorder_name: str) -> None:
        """Let the recorder record."""
        with translated(
            NoAvailableDeliveryChannelException=NotYetVisible, NoSuchConfigurationRecorderException=NotYetVisible
        ):
            self._client.start_configuration_recorder(ConfigurationRecorderName=recorder_name)


def _error(found: Mapping[str, Any]) -> str:
    return f"{found.get('lastErrorCode', 'no code')}: {found.get('lastErrorMessage', 'no reason given')}"


def _because(message: str) -> Callable[[str], FoundationBehind]:
    return lambda cause: FoundationBehind(f"{message} ({cause})")
