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

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Literal

from avm.aws.errors import translated, unless
from avm.aws.items import deserialize, serialize
from avm.aws.stored_value import StoredValue
from avm.domain.slots import Slots

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

Kind = Literal["creation", "access", "move-account", "policy-writes"]
TokenKind = Literal["creation", "access", "approval"]
TOKEN_KINDS: tuple[TokenKind, ...] = ("creation", "access", "approval")

_CONDITION_FAILED = "ConditionalCheckFailedException"


class SlotsTable:
    """What the application's table knows of slots and of who waits."""

    def __init__(self, client: DynamoDBClient, table_name: str) -> None:
        """``table_name``: of the stack's table."""
        self._client = client
        self._table = table_name

    def read(self, kind: Kind) -> Slots:
        """Return the slots of a kind as they are now."""
        return self._slots(kind).read()

    def change(self, kind: Kind, change: Callable[[Slots], Slots]) -> tuple[Slots, Slots]:
        """Apply ``change`` to what is stored, whoever else writes meanwhile; return what was before, and after.

        Raises ConcurrentChange where too many write at once.
        """
        return self._slots(kind).change(change)

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

    def _slots(self, kind: Kind) -> StoredValue[Slots]:
        return StoredValue(self._client, self._table, _slots_key(kind), Slots())


def _slots_key(kind: Kind) -> dict[str, str]:
    return {"pk": f"SLOTS#{kind}", "sk": "STATE"}


def _token_key(request_id: str, kind: TokenKind) -> dict[str, str]:
    return {"pk": f"REQUEST#{request_id}", "sk": f"TOKEN#{kind}"}
