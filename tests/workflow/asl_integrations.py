"""What a Task state hands to an AWS API, against botocore's model of it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import botocore.session
from botocore.model import ListShape, OperationModel, Shape, StructureShape

RESOURCE = re.compile(r"arn:[^:]+:states:::(aws-sdk:)?(?P<service>[\w-]+):(?P<operation>\w+)(\.[\w:]+)?$")
BOTO_NAMES = {"cloudwatchlogs": "logs", "eventbridge": "events", "sfn": "stepfunctions", "states": "stepfunctions"}
"""Names that Step Functions gives to services, where it is not boto3's without hyphens."""


@dataclass(frozen=True)
class Integration:
    """A Task's ``Resource``, as botocore knows it."""

    service: str
    model: OperationModel

    def errors(self) -> frozenset[str]:
        """Return the error names that Step Functions reports for it, in lower case: ``service.shape``."""
        return frozenset(f"{self.service}.{shape.name}".lower() for shape in self.model.error_shapes)


@cache
def _boto_services() -> Mapping[str, str]:
    return {name.replace("-", ""): name for name in botocore.session.get_session().get_available_services()}


def integration(resource: str) -> Integration | None:
    """Return what ``resource`` calls, None where it is not an AWS API's ARN; raises ValueError for an unknown call."""
    match = RESOURCE.match(resource)
    if match is None:
        return None
    named = match["service"]
    service = _boto_services().get(BOTO_NAMES.get(named, named).replace("-", ""))
    if service is None:
        message = f"there is no service {named}"
        raise ValueError(message)
    model = _operations(service)
    operation = match["operation"][0].upper() + match["operation"][1:]
    if operation not in model.operation_names:
        message = f"{named} has no operation {match['operation']}"
        raise ValueError(message)
    return Integration(named.replace("-", ""), model.operation_model(operation))


@cache
def _operations(service: str) -> Any:
    return botocore.session.get_session().get_service_model(service)


def argument_problems(model: OperationModel, arguments: object) -> Iterator[str]:
    """Yield what of a Task's ``Arguments`` the operation does not take, and what it misses."""
    if model.input_shape is not None:
        yield from _problems(model.input_shape, arguments, "")


def _problems(shape: Shape, value: object, path: str) -> Iterator[str]:
    if isinstance(shape, StructureShape) and isinstance(value, Mapping):
        members = {name[0].upper() + name[1:]: member for name, member in shape.members.items()}
        for key, inner in value.items():
            if key not in members:
                yield f"{shape.name} has no member {path}{key}"
            else:
                yield from _problems(members[key], inner, f"{path}{key}.")
        for name in shape.required_members:
            if name[0].upper() + name[1:] not in value:
                yield f"{shape.name} needs {path}{name[0].upper() + name[1:]}"
    elif isinstance(shape, ListShape) and isinstance(value, list):
        for item in value:
            yield from _problems(shape.member, item, path)
