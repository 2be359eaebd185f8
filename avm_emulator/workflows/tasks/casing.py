"""Between the state language and boto3: names, times and texts of parameters and responses.

AWS SDK integrations name members as the Java SDK does (``DBName`` -> ``DbName``, ``accountId`` -> ``AccountId``);
optimized integrations as the API does, with a capital first letter.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

from botocore.model import ListShape, MapShape, Shape, StructureShape
from botocore.response import StreamingBody

from avm_emulator.workflows.encoding import to_json
from avm_emulator.workflows.running import iso8601
from avm_emulator.workflows.tasks.service_names import java_cased

_Cased = Callable[[str], str]


class ParametersError(Exception):
    """Parameters that Step Functions refuses; the message is one reason of its cause."""


def capitalized(member: str) -> str:
    """Return a member's name in an optimized integration."""
    return member[:1].upper() + member[1:]


def names_of(shape: StructureShape | None, cased: _Cased) -> dict[str, str]:
    """Return every name that a parameter may have, and the member of the API that it means."""
    members = list(shape.members) if shape else []
    # The API's own capitals are understood as well: BOOL and SS of DynamoDB are written either way.
    return {capitalized(member): member for member in members} | {cased(member): member for member in members}


def request_of(parameters: Any, shape: Shape | None, cased: _Cased) -> Any:
    """Return parameters as boto3 takes them; raise ``ParametersError`` for a field that there is not."""
    if isinstance(shape, StructureShape) and isinstance(parameters, dict):
        return dict(_members(parameters, shape, cased))
    if isinstance(shape, ListShape) and isinstance(parameters, list):
        return [request_of(member, shape.member, cased) for member in parameters]
    if isinstance(shape, MapShape) and isinstance(parameters, dict):
        return {key: request_of(value, shape.value, cased) for key, value in parameters.items()}
    if shape is not None and shape.type_name in {"string", "blob"}:
        return _text(parameters, shape)
    return parameters


def _members(parameters: dict[str, Any], shape: StructureShape, cased: _Cased) -> Iterator[tuple[str, Any]]:
    known = names_of(shape, cased)
    for name, value in parameters.items():
        if getattr(shape, "is_document_type", False):
            yield name, value
        elif name not in known:
            message = f'The field "{name}" is not supported by Step Functions'
            raise ParametersError(message)
        else:
            try:
                yield known[name], request_of(value, shape.members[known[name]], cased)
            except _NotTextError as error:
                message = f"The value for the field '{name}' must be a STRING"
                raise ParametersError(message) from error


class _NotTextError(Exception):
    """A number or boolean where the API takes text."""


def _text(value: Any, shape: Shape) -> Any:
    """Return text for the API: objects and arrays (a message body, an event's detail) become JSON text."""
    if value is None:
        return value
    if isinstance(value, bool | int | float):
        raise _NotTextError
    text = value if isinstance(value, str | bytes) else to_json(value)
    return text.encode() if shape.type_name == "blob" and isinstance(text, str) else text


def response_of(client: Any, operation: str, response: dict[str, Any], *, sdk: bool = False) -> Any:
    """Return a response of boto3 as state data, without its metadata.

    Args:
        client: the boto3 client that gave it.
        operation: its method's name.
        response: what it returned; not changed.
        sdk: members and times as in AWS SDK integrations (ISO 8601) instead of optimized ones (milliseconds).
    """
    model = client.meta.service_model.operation_model(client.meta.method_to_api_mapping[operation])
    plain = {name: value for name, value in response.items() if name != "ResponseMetadata"}
    return _state_data(plain, model.output_shape, java_cased if sdk else capitalized, iso8601 if sdk else _milliseconds)


def _milliseconds(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)


def _state_data(value: Any, shape: Shape | None, cased: _Cased, timed: Callable[[datetime], Any]) -> Any:
    if isinstance(shape, StructureShape) and isinstance(value, dict):
        return {
            cased(name): _state_data(member, shape.members.get(name), cased, timed) for name, member in value.items()
        }
    if isinstance(shape, ListShape) and isinstance(value, list):
        return [_state_data(member, shape.member, cased, timed) for member in value]
    if isinstance(shape, MapShape) and isinstance(value, dict):
        return {key: _state_data(member, shape.value, cased, timed) for key, member in value.items()}
    if isinstance(value, datetime):
        return timed(value)
    if isinstance(value, StreamingBody):
        value = value.read()
    return value.decode() if isinstance(value, bytes) else value
