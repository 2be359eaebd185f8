"""One value in the application's table that many change: each change is made of what is stored now."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from pydantic import BaseModel

from avm.aws.errors import translated, unless
from avm.aws.items import deserialize, serialize
from avm.domain.errors import ConcurrentChange

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_CONDITION_FAILED = "ConditionalCheckFailedException"

ATTEMPTS = 20
"""So many may write at the same moment before one of them has to come again later."""

Value = TypeVar("Value", bound=BaseModel)


class StoredValue(Generic[Value]):
    """An item that holds a model, and the nonce of its last write."""

    def __init__(self, client: DynamoDBClient, table_name: str, key: Mapping[str, str], empty: Value) -> None:
        """``key``: of the item; ``empty``: the value before anybody has written one."""
        self._client = client
        self._table = table_name
        self._key = key
        self._empty = empty

    def read(self) -> Value:
        """Return the value as it is now."""
        return self._read()[0]

    def change(self, change: Callable[[Value], Value]) -> tuple[Value, Value]:
        """Apply ``change`` to what is stored, whoever else writes meanwhile; return what was before, and after.

        Raises ConcurrentChange where too many write at once.
        """
        mine: dict[str, tuple[Value, Value]] = {}
        for _ in range(ATTEMPTS):
            before, nonce = self._read()
            if nonce in mine:  # written, but the answer was lost, and the SDK's second try failed its condition
                return mine[str(nonce)]
            after = change(before)
            if after == before:
                return before, after
            new = secrets.token_hex(8)
            mine[new] = (before, after)
            if self._write(after, nonce, new):
                return before, after
        message = f"{ATTEMPTS} others changed {self._key['pk']} at the same time"
        raise ConcurrentChange(message)

    def _read(self) -> tuple[Value, str | None]:
        with translated():
            answer = self._client.get_item(TableName=self._table, Key=serialize(self._key), ConsistentRead=True)
        if "Item" not in answer:
            return self._empty, None
        item = deserialize(answer["Item"])
        return type(self._empty).model_validate(item), str(item["nonce"])

    def _write(self, value: Value, old: str | None, new: str) -> bool:
        item = {**value.model_dump(mode="json", exclude_none=True), **self._key, "nonce": new}
        condition: dict[str, Any] = {"ConditionExpression": "attribute_not_exists(pk)"}
        if old is not None:
            condition = {
                "ConditionExpression": "nonce = :old",
                "ExpressionAttributeValues": serialize({":old": old}),
            }
        with translated(), unless(_CONDITION_FAILED):
            self._client.put_item(TableName=self._table, Item=serialize(item), **condition)
            return True
        return False
