"""Slots, turns and queues in the application's table; and the task tokens of those who wait.

========================  ==================  =====================================================
pk                        sk                  what
========================  ==================  =====================================================
``SLOTS#<kind>``          ``STATE``           ``Slots`` of a kind, and the nonce of its last write
``REQUEST#<id>``          ``TOKEN#<kind>``    the task token on which the request's execution waits
========================  ==================  =====================================================

Task tokens stand nowhere else: the table is encrypted with the stack's key, logs and events never show them.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Literal

from avm.aws.errors import translated, unless
from avm.aws.items import deserialize, serialize
from avm.domain.errors import ConcurrentChange
from avm.domain.slots import Slots

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

Kind = Literal["creation", "access", "move-account", "policy-writes"]
TokenKind = Literal["creation", "access", "approval"]
TOKEN_KINDS: tuple[TokenKind, ...] = ("creation", "access", "approval")

_CONDITION_FAILED = "ConditionalCheckFailedException"

ATTEMPTS = 20
"""So many may write at the same moment before one of them has to come again later."""


class SlotsTable:
    """What the application's table knows of slots and of who waits."""

    def __init__(self, client: DynamoDBClient, table_name: str) -> None:
        """``table_name``: of the stack's table."""
        self._client = client
        self._table = table_name

    def read(self, kind: Kind) -> Slots:
        """Return the slots of a kind as they are now."""
        return self._read(kind)[0]

    def change(self, kind: Kind, change: Callable[[Slots], Slots]) -> tuple[Slots, Slots]:
        """Apply ``change`` to what is stored, whoever else writes meanwhile; return what was before, and after.

        Raises ConcurrentChange where too many write at once.
        """
        mine: dict[str, tuple[Slots, Slots]] = {}
        for _ in range(ATTEMPTS):
            before, nonce = self._read(kind)
            if nonce in mine:  # written, but the answer was lost, and the SDK's second try failed its condition
                return mine[str(nonce)]
            after = change(before)
            if after == before:
                return before, after
            new = secrets.token_hex(8)
            mine[new] = (before, after)
            if self._write(kind, after, nonce, new):
                return before, after
        message = f"{ATTEMPTS} others changed the slots '{kind}' at the same time"
        raise ConcurrentChange(message)

    def put_token(self, request_id: str, kind: TokenKind, token: str) -> None:
        """Keep the task token on which a request's execution waits; a later one takes its place."""
        with translated():
            self._client.put_item(
                TableName=self._table, Item=serialize({**_token_key(request_id, kind), "token": token})
            )

    def token(self, request_id: str, kind: TokenKind) -> str | None:
        """Return the task token on which a request's execution waits, if it does."""
        with translated():
            answer = self._client.get_item(
                TableName=self._table, Key=serialize(_token_key(request_id, kind)), ConsistentRead=True
            )
        return str(deserialize(answer["Item"])["token"]) if "Item" in answer else None

    def delete_token(self, request_id: str, kind: TokenKind, token: str | None = None) -> None:
        """Forget a task token: it has been answered, or its execution has ended; with ``token``, only this one."""
        condition: dict[str, Any] = {}
        if token is not None:
            condition = {
                "ConditionExpression": "attribute_not_exists(pk) OR #token = :token",
                "ExpressionAttributeNames": {"#token": "token"},
                "ExpressionAttributeValues": serialize({":token": token}),
            }
        with translated(), unless(_CONDITION_FAILED):
            self._client.delete_item(TableName=self._table, Key=serialize(_token_key(request_id, kind)), **condition)

    def _read(self, kind: Kind) -> tuple[Slots, str | None]:
        with translated():
            answer = self._client.get_item(TableName=self._table, Key=serialize(_slots_key(kind)), ConsistentRead=True)
        if "Item" not in answer:
            return Slots(), None
        item = deserialize(answer["Item"])
        return Slots.model_validate(item), str(item["nonce"])

    def _write(self, kind: Kind, slots: Slots, old: str | None, new: str) -> bool:
        item = {**slots.model_dump(mode="json", exclude_none=True), **_slots_key(kind), "nonce": new}
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


def _slots_key(kind: Kind) -> dict[str, str]:
    return {"pk": f"SLOTS#{kind}", "sk": "STATE"}


def _token_key(request_id: str, kind: TokenKind) -> dict[str, str]:
    return {"pk": f"REQUEST#{request_id}", "sk": f"TOKEN#{kind}"}
