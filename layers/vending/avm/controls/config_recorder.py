"""config-recorder: AWS Config records every resource of a governed Region and delivers into the log archive."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from avm.aws.config import RECORDERS, SERVICE, SERVICE_ROLE, Config, Recorder
from avm.aws.iam import Roles
from avm.controls.control import Control, DriftEvent, Grant, Reach, Target
from avm.domain.finding import Change, Finding, PlannedChange
from avm.domain.organization import global_region
from avm.domain.trust import role_arn

NAME = "avm"
"""Of what is made here. A recorder or channel that is there already keeps its name: none can be renamed."""

_ROLE_PATH = f"/aws-service-role/{SERVICE}/"
_ROLE = role_arn("{partition}", "{account}", SERVICE_ROLE, _ROLE_PATH)
_UNKNOWN_ROLE = role_arn("{partition}", "{account}", SERVICE_ROLE)
"""What a role that there is not is called: nobody can know its path."""
_EVENTS = (
    "DeleteConfigurationRecorder",
    "DeleteDeliveryChannel",
    "PutConfigurationRecorder",
    "PutDeliveryChannel",
    "StopConfigurationRecorder",
)


class ConfigRecorder(Control):
    """One recorder for all resource types, continuously, in Config's own role; IAM's global types in one Region only.

    It is pending from its start until it has recorded for the first time.
    """

    name = "config-recorder"
    promise = "AWS Config records all resource types and delivers into the log archive."
    plane = "member"
    scope = "region"
    duty = "enroll_logging"
    foundation = ("log-archive",)
    observe_grants = (
        Grant(("config:DescribeDeliveryChannels",)),
        Grant(("config:DescribeDeliveryChannelStatus",), observing_only=True),
        Grant(("config:DescribeConfigurationRecorderStatus", "config:DescribeConfigurationRecorders"), (RECORDERS,)),
    )
    enforce_grants = (
        Grant(("config:PutDeliveryChannel",)),
        Grant(("config:PutConfigurationRecorder", "config:StartConfigurationRecorder"), (RECORDERS,)),
        Grant(("iam:CreateServiceLinkedRole",), (role_arn("{partition}", "{account}", "*", _ROLE_PATH),)),
        Grant(("iam:GetRole",), (_ROLE, _UNKNOWN_ROLE)),
        Grant(("iam:PassRole",), (_ROLE,)),
    )
    drift_events = tuple(DriftEvent(SERVICE, name) for name in _EVENTS)

    def observe(self, target: Target, reach: Reach) -> Finding:
        """Look at recorder and channel, and at what both do; evidence: what they are, or what is wrong with them."""
        config = _config(target, reach)
        recorder, channel = config.recorder(), config.channel()
        if recorder is None or channel is None:
            missing = {
                operation: "there is none"
                for operation, found in (
                    ("DescribeConfigurationRecorders", recorder),
                    ("DescribeDeliveryChannels", channel),
                )
                if found is None
            }
            return self.finding(target, "violated", **missing)
        status = config.status(recorder.name)
        faults = {
            "DescribeConfigurationRecorders": list(_faults(recorder, _wanted(target, recorder.name))),
            "DescribeDeliveryChannels": [] if _delivers(channel, target) else [_told(channel)],
            "DescribeConfigurationRecorderStatus": [
                *([] if status.recording else ["it does not record"]),
                *([f"its last recording failed: {status.error}"] if status.error else []),
            ],
            "DescribeDeliveryChannelStatus": [f"{name}: {why}" for name, why in config.failed_deliveries().items()],
        }
        violated = {operation: found for operation, found in faults.items() if found}
        if violated:
            return self.finding(target, "violated", **violated)
        evidence = {
            "DescribeConfigurationRecorders": recorder.name,
            "DescribeDeliveryChannels": channel["s3BucketName"],
            "DescribeConfigurationRecorderStatus": {"recording": True, "lastStatus": status.last_status},
        }
        return self.finding(target, "compliant" if status.last_status == "success" else "pending", **evidence)

    def enforce(self, target: Target, reach: Reach) -> list[Change]:
        """Make recorder and channel, in the order that AWS demands, and start; change what is not as it should be."""
        config = _config(target, reach)
        found, channel = config.recorder(), config.channel()
        wanted = _wanted(target, found.name if found else NAME)
        return [
            *self._make_role(reach),
            *self._put_recorder(config, found, wanted),
            *self._put_channel(config, channel, target),
            *self._start(config, wanted.name),
        ]

    def planned(self, target: Target, reach: Reach) -> list[PlannedChange]:  # noqa: ARG002  every control is called alike
        """Make recorder and channel; Config's role is made once, where the Regions begin."""
        role = PlannedChange("iam:CreateServiceLinkedRole", SERVICE_ROLE)
        calls = ("PutConfigurationRecorder", "PutDeliveryChannel", "StartConfigurationRecorder")
        is_first = target.region == target.catalog.governed_regions[0]
        return [*([role] if is_first else []), *(PlannedChange(f"config:{call}", NAME) for call in calls)]

    def _make_role(self, reach: Reach) -> Iterator[Change]:
        roles = Roles(reach.member().client("iam"))
        if not roles.exists(SERVICE_ROLE):
            roles.create_linked(SERVICE)
            yield self.change("CreateServiceLinkedRole", SERVICE_ROLE)

    def _put_recorder(self, config: Config, found: Recorder | None, wanted: Recorder) -> Iterator[Change]:
        if found != wanted:
            config.put_recorder(wanted)
            yield self.change("PutConfigurationRecorder", wanted.name)

    def _put_channel(self, config: Config, found: Mapping[str, Any] | None, target: Target) -> Iterator[Change]:
        if found is None or not _delivers(found, target):
            name = found["name"] if found else NAME
            config.put_channel(name, target.foundation.config_bucket)
            yield self.change("PutDeliveryChannel", name)

    def _start(self, config: Config, name: str) -> Iterator[Change]:
        if not config.status(name).recording:
            config.start(name)
            yield self.change("StartConfigurationRecorder", name)


def _config(target: Target, reach: Reach) -> Config:
    return Config(reach.member(target.region).client("config"))


def _wanted(target: Target, name: str) -> Recorder:
    foundation = target.foundation
    return Recorder(
        name=name,
        role_arn=role_arn(foundation.partition, target.account.id, SERVICE_ROLE, _ROLE_PATH),
        all_supported=True,
        global_types=target.region == global_region(foundation.home_region),
    )


def _delivers(channel: Mapping[str, Any], target: Target) -> bool:
    """Say whether a channel delivers into the log archive, and nowhere else."""
    return _settings(channel) == {"s3BucketName": target.foundation.config_bucket}


def _settings(channel: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in channel.items() if name != "name" and value}


def _told(channel: Mapping[str, Any]) -> str:
    return f"it is {', '.join(f'{name} {value}' for name, value in _settings(channel).items())}"


def _faults(found: Recorder, wanted: Recorder) -> Iterator[str]:
    for name in ("role_arn", "all_supported", "global_types", "mode"):
        if getattr(found, name) != getattr(wanted, name):
            yield f"{name} is {getattr(found, name)}"
