"""What AWS Config keeps for one account in one Region: a recorder with its status, a delivery channel with its own."""

from __future__ import annotations

import json
from types import ModuleType
from typing import TYPE_CHECKING, Any, ClassVar

import moto.config.urls
from moto.config.exceptions import NoSuchDeliveryChannelException
from moto.config.models import ConfigBackend, ConfigRecorderStatus
from moto.iam.models import iam_backends

from avm_emulator.authorization.services import admits
from avm_emulator.config import delivery
from avm_emulator.config.aggregators import MOST
from avm_emulator.config.organization import AGGREGATORS, OrganizationConfig, administered
from avm_emulator.errors import AwsError

if TYPE_CHECKING:
    from avm_emulator.context import Emulator

DEFAULT_NAME = "default"
_AGGREGATOR_NAME = "ConfigurationAggregatorName"
RESERVED_PREFIX = "AWSConfigurationRecorderFor"
CONTINUOUS = {"recordingFrequency": "CONTINUOUS"}
DELIVERS_EVERY = 6 * 3600
"""AWS-seconds between two history files (developer guide: "every six hours")."""


class Config(ConfigBackend):
    """moto's Config, which asks whether role, bucket and key are what they are said to be."""

    emulator: ClassVar[Emulator]
    organization: ClassVar[OrganizationConfig]

    def __init__(self, region_name: str, account_id: str) -> None:
        """Begin without a recorder."""
        super().__init__(region_name, account_id)
        self.recording_modes: dict[str, dict[str, Any]] = {}
        self.planned_failure: str | None = None
        """Error code with which the first recording after a start shall fail."""

    @property
    def _url_module(self) -> ModuleType:
        """Find moto's URLs: it looks beside the module of the backend's class."""
        return moto.config.urls

    def put_configuration_recorder(self, config_recorder: dict[str, Any]) -> None:
        """Make or change the recorder; a change leaves it recording or not, as it was."""
        recorder = {"name": DEFAULT_NAME, **config_recorder}
        if recorder["name"].startswith(RESERVED_PREFIX):
            message = f"The configuration recorder name '{recorder['name']}' is reserved."
            raise AwsError("InvalidConfigurationRecorderNameException", message)
        if not recorder.get("roleARN"):
            raise AwsError("InvalidRoleException", "Provided role is null or empty.")
        self._check_role(recorder["roleARN"])
        super().put_configuration_recorder(recorder)
        self.recording_modes[recorder["name"]] = recorder.get("recordingMode", CONTINUOUS)

    def describe_configuration_recorders(self, recorder_names: list[str] | None) -> list[dict[str, Any]]:
        """Return the recorder, with what moto leaves out."""
        return [
            {
                **recorder,
                "arn": f"arn:{self.partition}:config:{self.region_name}:{self.account_id}:"
                f"configuration-recorder/{recorder['name']}",
                "recordingMode": self.recording_modes[recorder["name"]],
                "recordingScope": "PAID",
            }
            for recorder in super().describe_configuration_recorders(recorder_names)
        ]

    def start_configuration_recorder(self, recorder_name: str) -> None:
        """Start recording: ``Pending`` until it has recorded for the first time."""
        recorder = self.recorders.get(recorder_name)
        if recorder is not None and recorder.status.recording:
            return
        super().start_configuration_recorder(recorder_name)
        status = self.recorders[recorder_name].status
        status.last_status = "Pending"
        self._record_later(status, status.last_start_time)

    def delete_configuration_recorder(self, recorder_name: str) -> None:
        """Delete the recorder."""
        super().delete_configuration_recorder(recorder_name)
        del self.recording_modes[recorder_name]

    def put_delivery_channel(self, delivery_channel: dict[str, Any]) -> None:
        """Make or change the channel, after a trial of its bucket."""
        channel = {"name": DEFAULT_NAME, **delivery_channel}
        if channel.get("snsTopicARN"):
            message = "snsTopicARN"  # named in the error that the boundary makes of it
            raise NotImplementedError(message)
        if self.recorders and channel.get("s3BucketName"):
            delivery.check(channel, self.account_id, self.region_name)
        super().put_delivery_channel(channel)

    def describe_delivery_channel_status(self, channel_names: list[str] | None) -> str:
        """Return how the last deliveries went: one each six hours since the recorder was started."""
        for name in channel_names or ():
            if name not in self.delivery_channels:
                raise NoSuchDeliveryChannelException(name)
        status = [
            {
                "name": name,
                "configHistoryDeliveryInfo": self._last_delivery(channel.to_dict()),
                "configSnapshotDeliveryInfo": {},
                "configStreamDeliveryInfo": {"lastStatus": "Not_Applicable"},
            }
            for name, channel in self.delivery_channels.items()
        ]
        return json.dumps({"DeliveryChannelsStatus": status})

    def put_configuration_aggregator(self, config_aggregator: dict[str, Any]) -> dict[str, Any]:
        """Make or change an aggregator; tags are those of its making (botocore)."""
        source, name = config_aggregator.get("OrganizationAggregationSource"), config_aggregator[_AGGREGATOR_NAME]
        if source is not None:
            administered(self.account_id, AGGREGATORS)
            self._check_role(source["RoleArn"])
        before = self.config_aggregators.get(name)
        if before is None and len(self.config_aggregators) >= MOST:
            raise AwsError("LimitExceededException", f"You have reached the limit of {MOST} aggregators.")
        tags = before.tags if before is not None else None
        described: dict[str, Any] = super().put_configuration_aggregator(config_aggregator)
        aggregator = self.config_aggregators[name]
        aggregator.tags = aggregator.tags if tags is None else tags
        arn = aggregator.configuration_aggregator_arn
        latency = self.emulator.latencies.of("config:PutConfigurationAggregator", name, self.region_name)
        collected = self.organization.collected
        self.emulator.clock.call_later(
            latency, lambda: collected.add(arn), name=f"config:PutConfigurationAggregator {arn}"
        )
        return described

    def _record_later(self, status: ConfigRecorderStatus, started: int) -> None:
        latency = self.emulator.latencies.of("config:StartConfigurationRecorder", self.region_name)
        name = f"config:StartConfigurationRecorder {self.account_id} {self.region_name}"
        self.emulator.clock.call_later(latency, lambda: self._record(status, started), name=name)

    def _record(self, status: ConfigRecorderStatus, started: int) -> None:
        """Record for the first time, or after a failure; not where it was stopped or started again meanwhile."""
        if not status.recording or status.last_start_time != started:
            return
        status.last_status_change_time = int(self.emulator.clock.now())
        status.last_error_code, self.planned_failure = self.planned_failure, None
        if status.last_error_code is None:
            status.last_status, status.last_error_message = "Success", None
            return
        status.last_status, status.last_error_message = "Failure", "The recording failed; it will be tried again."
        self._record_later(status, started)

    def _last_delivery(self, channel: dict[str, Any]) -> dict[str, Any]:
        starts = [recorder.status.last_start_time for recorder in self.recorders.values() if recorder.status.recording]
        if not starts:
            return {}
        tries = int(self.emulator.clock.now() - starts[0]) // DELIVERS_EVERY
        last, following = starts[0] + tries * DELIVERS_EVERY, starts[0] + (tries + 1) * DELIVERS_EVERY
        if tries == 0:
            return {"nextDeliveryTime": following}
        times = {"lastAttemptTime": last, "nextDeliveryTime": following}
        try:
            delivery.check(channel, self.account_id, self.region_name)
        except AwsError as refused:
            return {
                **times,
                "lastStatus": "Failure",
                "lastErrorCode": refused.code.removesuffix("Exception"),
                "lastErrorMessage": refused.message,
            }
        return {**times, "lastStatus": "Success", "lastSuccessfulTime": last}

    def _check_role(self, arn: str) -> None:
        """Raise AwsError where Config cannot assume the role in this account."""
        held = iam_backends[self.account_id][self.partition].roles.values()
        source = {"aws:SourceAccount": self.account_id}
        if all(role.arn != arn for role in held) or not admits(delivery.SERVICE, "sts:AssumeRole", arn, source):
            raise AwsError("InvalidRoleException", f"AWS Config cannot assume the role {arn}.")
