"""A stack: what was asked for, what has become of each resource, what has happened."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from moto.utilities.utils import get_partition


@dataclass
class Resource:
    """A resource of a stack."""

    logical_id: str
    kind: str
    properties: Mapping[str, Any]
    physical_id: str | None = None
    attributes: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Wanted:
    """What a template and its parameters ask for."""

    parameters: Mapping[str, Any]
    resources: Mapping[str, Mapping[str, Any]]
    """Type and Properties, by logical id, in the order of their dependencies; functions are not resolved yet."""
    outputs: Mapping[str, Any]
    resolver: Any


@dataclass
class Stack:
    """A stack and its events."""

    name: str
    account: str
    region: str
    role_arn: str
    tags: Mapping[str, str]
    created_at: float
    wanted: Wanted
    unique_id: str = field(default_factory=lambda: str(uuid.uuid4()))
    status: str = "CREATE_IN_PROGRESS"
    reason: str | None = None
    duplicated: bool = False
    """Whether what it sends is delivered twice."""
    resources: dict[str, Resource] = field(default_factory=dict)
    outputs: dict[str, str] = field(default_factory=dict)
    events: list[dict[str, Any]] = field(default_factory=list)
    failure: str = ""
    """Why the resource has failed that failed first."""

    @property
    def id(self) -> str:
        """Return the stack's ARN."""
        resource = f"stack/{self.name}/{self.unique_id}"
        return f"arn:{get_partition(self.region)}:cloudformation:{self.region}:{self.account}:{resource}"

    def become(self, status: str, now: float, reason: str | None = None) -> None:
        """Take a status."""
        self.status, self.reason = status, reason
        self.note(now, Resource(self.name, "AWS::CloudFormation::Stack", {}, self.id), status, reason)

    def note(self, now: float, resource: Resource, status: str, reason: str | None = None) -> None:
        """Keep what has happened to a resource, or to the stack itself."""
        event = {
            "StackId": self.id,
            "EventId": str(uuid.uuid4()),
            "StackName": self.name,
            "LogicalResourceId": resource.logical_id,
            "PhysicalResourceId": resource.physical_id or "",
            "ResourceType": resource.kind,
            "Timestamp": now,
            "ResourceStatus": status,
        }
        self.events.append(event if reason is None else {**event, "ResourceStatusReason": reason})

    def view(self) -> dict[str, Any]:
        """Return the shape ``Stack``."""
        view = {
            "StackId": self.id,
            "StackName": self.name,
            "Parameters": [
                {"ParameterKey": name, "ParameterValue": ",".join(value) if isinstance(value, list) else value}
                for name, value in self.wanted.parameters.items()
            ],
            "CreationTime": self.created_at,
            "StackStatus": self.status,
            "RoleARN": self.role_arn,
            "Tags": [{"Key": key, "Value": value} for key, value in self.tags.items()],
            "Outputs": [{"OutputKey": key, "OutputValue": value} for key, value in self.outputs.items()],
        }
        return view if self.reason is None else {**view, "StackStatusReason": self.reason}
