"""DynamoDB items as plain Python values, and the cursors of lists."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from boto3.dynamodb.types import TypeDeserializer, TypeSerializer

from avm.domain.errors import InvalidCursor

CURSOR_KEYS = frozenset({"pk", "sk", "kind", "sort"})
"""The keys of table and index together: where a query of the index goes on."""


def serialize(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return values in DynamoDB's form; floats become exact decimals."""
    exact = json.loads(json.dumps(values), parse_float=Decimal)
    return {name: TypeSerializer().serialize(value) for name, value in exact.items()}


def deserialize(item: Mapping[str, Any]) -> dict[str, Any]:
    """Return an item of DynamoDB as plain values."""
    return {name: _without_decimals(TypeDeserializer().deserialize(value)) for name, value in item.items()}


def _without_decimals(value: Any) -> Any:
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, dict):
        return {key: _without_decimals(entry) for key, entry in value.items()}
    if isinstance(value, list):
        return [_without_decimals(entry) for entry in value]
    return value


def cursor_of(key: Mapping[str, str]) -> str:
    """Return the cursor that stands for a key."""
    return base64.urlsafe_b64encode(json.dumps(key, separators=(",", ":")).encode()).decode()


def cursor_key(cursor: str) -> dict[str, str]:
    """Return the key that a cursor stands for; raises InvalidCursor."""
    try:
        key = json.loads(base64.urlsafe_b64decode(cursor.encode()))
    except (ValueError, binascii.Error):
        key = None
    if isinstance(key, dict) and set(key) == CURSOR_KEYS and all(isinstance(value, str) for value in key.values()):
        return key
    message = "this cursor was not handed out by this API"
    raise InvalidCursor(message)
