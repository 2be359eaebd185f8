"""The application's table: requests, reservations of names and e-mails, accounts, and what happened when (audit).

========================  =====================  ==========================================================
pk                        sk                     what
========================  =====================  ==========================================================
``REQUEST#<id>``          ``RECORD``             the request's record (``RequestRecord``)
``REQUEST#<id>``          ``AUDIT#<time>#<...>`` one thing that happened to it
``NAME#<lower case>``     ``RESERVATION``        the request that holds an account name
``EMAIL#<lower case>``    ``RESERVATION``        the request that holds an e-mail
``ACCOUNT#<id>``          ``RECORD``             the account's record (``AccountRecord``)
``FOUNDATION``            ``TYPE#<type>``        the foundational account of a type, as it was found last
``COUNTER``               ``ARRIVALS``           how many requests were accepted
========================  =====================  ==========================================================

Slots, queues and task tokens: ``avm/aws/slots_table.py``. Index ``by-time`` (``kind``, ``sort``): all requests, or all
accounts, newest first. Index ``open`` (``open``, ``sort``): requests that the watchdog looks after, oldest first.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError
from pydantic import BaseModel

from avm.aws.errors import error_code, translated
from avm.aws.items import CURSOR_KEYS, cursor_key, cursor_of, deserialize, serialize
from avm.aws.writes import Writes, reservation_key
from avm.domain.account import AccountRecord
from avm.domain.account_request import OPEN, RequestRecord
from avm.domain.errors import EmailTaken, InvalidCursor, NameTaken, RequestCancelled, RequestNotFound

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

INDEX = "by-time"
OPEN_INDEX = "open"
_CONDITION_FAILED = "ConditionalCheckFailed"


@dataclass(frozen=True)
class Audit:
    """One thing that happened to a request: who did what, when (ISO 8601), and what else there is to say."""

    time: str
    actor: str
    action: str
    details: Mapping[str, Any] = field(default_factory=dict)


class RequestTable:
    """The application's table; every write that decides something is conditional."""

    def __init__(self, client: DynamoDBClient, table_name: str) -> None:
        """``table_name``: of the stack's table."""
        self._client = client
        self._table = table_name
        self._writes = Writes(table_name)

    # -- requests ------------------------------------------------------------------------------------------------
    def accept(self, record: RequestRecord, audit: Audit) -> RequestRecord | None:
        """Store a new request and reserve its name and e-mail, all or nothing.

        Returns None when it is stored, the stored record where the id is known already.
        Raises NameTaken or EmailTaken where another request holds one of them.
        """
        writes = [
            self._writes.put(_request_key(record.request_id), _request_item(record), "attribute_not_exists(pk)"),
            self._writes.reserve("NAME", record.name, record.request_id),
            self._writes.reserve("EMAIL", record.email, record.request_id),
            self._put_audit(record.request_id, audit),
        ]
        failed = self._transact(writes)
        if not failed:
            return None
        if failed[0]:
            return self.request(record.request_id)
        raise self._taken(record, name=failed[1])

    def next_arrival(self) -> int:
        """Return the number of the next request that is accepted; a number may stay unused."""
        with translated():
            answer = self._client.update_item(
                TableName=self._table,
                Key=serialize({"pk": "COUNTER", "sk": "ARRIVALS"}),
                UpdateExpression="ADD arrivals :one",
                ExpressionAttributeValues=serialize({":one": 1}),
                ReturnValues="UPDATED_NEW",
            )
        return int(deserialize(answer["Attributes"])["arrivals"])

    def reserve(self, record: RequestRecord) -> None:
        """Make sure that the request holds its name and e-mail.

        Raises NameTaken or EmailTaken, and RequestCancelled where the request is over: it must hold nothing any more.
        """
        writes = [
            self._writes.check(_request_key(record.request_id), {"status": OPEN}),
            self._writes.reserve("NAME", record.name, record.request_id),
            self._writes.reserve("EMAIL", record.email, record.request_id),
        ]
        failed = self._transact(writes)
        if failed and failed[0]:
            message = f"request {record.request_id} was cancelled"
            raise RequestCancelled(message)
        if failed:
            raise self._taken(record, name=failed[1])

    def check_free(self, record: RequestRecord) -> None:
        """Raise NameTaken or EmailTaken where another request holds the name or the e-mail now."""
        for kind, value in (("NAME", record.name), ("EMAIL", record.email)):
            if self._holder(kind, value) not in {None, record.request_id}:
                raise self._taken(record, name=kind == "NAME")

    def holder_of_email(self, email: str) -> str | None:
        """Return the request that holds an e-mail, if any does."""
        return self._holder("EMAIL", email)

    def request(self, request_id: str) -> RequestRecord:
        """Return the request's record as it is now; raises RequestNotFound."""
        with translated():
            answer = self._client.get_item(
                TableName=self._table, Key=serialize(_request_key(request_id)), ConsistentRead=True
            )
        if "Item" not in answer:
            message = f"there is no request '{request_id}'"
            raise RequestNotFound(message)
        return RequestRecord.model_validate(deserialize(answer["Item"]))

    def update_request(
        self,
        request_id: str,
        changes: Mapping[str, Any],
        *,
        audit: Audit | None = None,
        expected: Mapping[str, Any] | None = None,
    ) -> bool:
        """Set attributes of a request (None removes one); False where ``expected`` is not what is stored.

        ``expected``: attribute -> value, a set of values, or None for "not there".
        """
        writes = [self._writes.update(_request_key(request_id), _with_openness(changes), expected or {})]
        if audit:
            writes.append(self._put_audit(request_id, audit))
        return not self._transact(writes)

    def close_request(
        self,
        record: RequestRecord,
        changes: Mapping[str, Any],
        audit: Audit,
        *,
        expected: Mapping[str, Any] | None = None,
    ) -> bool:
        """Set attributes of a request and give up its name and e-mail; what others hold stays theirs.

        False where ``expected`` (as in ``update_request``) is not what is stored: nothing is written then.
        """
        writes = [
            self._writes.update(_request_key(record.request_id), _with_openness(changes), expected or {}),
            self._put_audit(record.request_id, audit),
            self._writes.release("NAME", record.name, record.request_id),
            self._writes.release("EMAIL", record.email, record.request_id),
        ]
        failed = self._transact(writes)
        if failed and not failed[0]:
            failed = self._transact([write for write, is_foreign in zip(writes, failed, strict=True) if not is_foreign])
        return not failed

    def open_requests(self) -> Iterator[RequestRecord]:
        """Yield the requests that the watchdog looks after, oldest first; the index may lag behind by moments."""
        with translated():
            pages = self._client.get_paginator("query").paginate(
                TableName=self._table,
                IndexName=OPEN_INDEX,
                KeyConditionExpression="#open = :yes",
                ExpressionAttributeNames={"#open": "open"},
                ExpressionAttributeValues=serialize({":yes": "yes"}),
            )
            for page in pages:
                yield from (RequestRecord.model_validate(deserialize(item)) for item in page["Items"])

    def requests(
        self,
        *,
        limit: int,
        cursor: str | None = None,
        filters: Mapping[str, str] | None = None,
        shown: Callable[[RequestRecord], bool] = lambda _: True,
    ) -> tuple[list[RequestRecord], str | None]:
        """Return one page of requests, newest first, and the cursor of the next; raises InvalidCursor.

        ``shown``: which of them the reader may see; the others are left out.
        """
        items, following = self._page(
            "REQUEST", limit, cursor, filters or {}, lambda item: shown(RequestRecord.model_validate(item))
        )
        return [RequestRecord.model_validate(item) for item in items], following

    def audit(self, request_id: str) -> list[Audit]:
        """Return what happened to a request, oldest first."""
        key = serialize({":pk": _request_key(request_id)["pk"], ":prefix": "AUDIT#"})
        with translated():
            pages = self._client.get_paginator("query").paginate(
                TableName=self._table,
                KeyConditionExpression="pk = :pk AND begins_with(sk, :prefix)",
                ExpressionAttributeValues=key,
                ConsistentRead=True,
            )
            rows = [deserialize(item) for page in pages for item in page["Items"]]
        return [Audit(row["time"], row["actor"], row["action"], row.get("details", {})) for row in rows]

    # -- accounts ------------------------------------------------------------------------------------------------
    def put_account(self, account: AccountRecord) -> None:
        """Store an account's record, whatever is stored."""
        self._transact([self._writes.put(_account_key(account.account_id), _account_item(account), None)])

    def account(self, account_id: str) -> AccountRecord | None:
        """Return the account's record, if there is one."""
        with translated():
            answer = self._client.get_item(
                TableName=self._table, Key=serialize(_account_key(account_id)), ConsistentRead=True
            )
        return AccountRecord.model_validate(deserialize(answer["Item"])) if "Item" in answer else None

    def accounts(self, *, limit: int, cursor: str | None = None) -> tuple[list[AccountRecord], str | None]:
        """Return one page of accounts, newest first, and the cursor of the next; raises InvalidCursor."""
        items, following = self._page("ACCOUNT", limit, cursor, {}, lambda _: True)
        return [AccountRecord.model_validate(item) for item in items], following

    def foundational_account(self, account_type: str) -> str | None:
        """Return the id of the account of a type that was found last, if any; whether it is still so, AWS knows."""
        with translated():
            key = serialize(_foundational_key(account_type))
            item = self._client.get_item(TableName=self._table, Key=key).get("Item")
        return str(deserialize(item)["account_id"]) if item else None

    def keep_foundational_account(self, account_type: str, account_id: str) -> None:
        """Store which account of a type was found."""
        self._transact([self._writes.put(_foundational_key(account_type), {"account_id": account_id}, None)])

    # -- writing -------------------------------------------------------------------------------------------------
    def _transact(self, writes: Sequence[Mapping[str, Any]]) -> list[bool]:
        """Write all or nothing; return [] when written, else which of the writes had its condition fail."""
        with translated():
            try:
                self._client.transact_write_items(TransactItems=writes)  # type: ignore[arg-type]
            except ClientError as error:
                reasons = [reason.get("Code") for reason in error.response.get("CancellationReasons", [])]
                if error_code(error) == "TransactionCanceledException" and _CONDITION_FAILED in reasons:
                    return [reason == _CONDITION_FAILED for reason in reasons]
                if "TransactionConflict" in reasons:
                    error.response["Error"]["Code"] = "TransactionConflictException"
                raise
        return []

    def _put_audit(self, request_id: str, audit: Audit) -> dict[str, Any]:
        key = {"pk": _request_key(request_id)["pk"], "sk": f"AUDIT#{audit.time}#{audit.action}"}
        row = {"time": audit.time, "actor": audit.actor, "action": audit.action, "details": dict(audit.details)}
        return self._writes.put(key, row, None)

    def _holder(self, kind: str, value: str) -> str | None:
        with translated():
            key = serialize(reservation_key(kind, value))
            item = self._client.get_item(TableName=self._table, Key=key, ConsistentRead=True).get("Item")
        return str(deserialize(item)["request_id"]) if item else None

    def _taken(self, record: RequestRecord, *, name: bool) -> NameTaken | EmailTaken:
        if name:
            return NameTaken(f"the account name '{record.name}' is taken by another request")
        return EmailTaken(f"the e-mail {record.email} is taken by another request")

    # -- reading -------------------------------------------------------------------------------------------------
    def _page(
        self,
        kind: str,
        limit: int,
        cursor: str | None,
        filters: Mapping[str, str],
        shown: Callable[[Mapping[str, Any]], bool],
    ) -> tuple[list[dict[str, Any]], str | None]:
        start = cursor_key(cursor) if cursor else None
        found: list[dict[str, Any]] = []
        for item in map(deserialize, self._query(kind, start, filters)):
            if not shown(item):
                continue
            if len(found) == limit:
                last = found[-1]
                return found, cursor_of({name: last[name] for name in CURSOR_KEYS})
            found.append(item)
        return found, None

    def _query(self, kind: str, start: dict[str, Any] | None, filters: Mapping[str, str]) -> Iterator[dict[str, Any]]:
        arguments: dict[str, Any] = {
            "TableName": self._table,
            "IndexName": INDEX,
            "KeyConditionExpression": "kind = :kind",
            "ScanIndexForward": False,
            "ExpressionAttributeValues": serialize(
                {":kind": kind} | {f":{name}": value for name, value in filters.items()}
            ),
        }
        if filters:
            arguments["FilterExpression"] = " AND ".join(f"#{name} = :{name}" for name in filters)
            arguments["ExpressionAttributeNames"] = {f"#{name}": name for name in filters}
        if start:
            arguments["ExclusiveStartKey"] = serialize(start)
        with translated(ValidationException=InvalidCursor):
            for page in self._client.get_paginator("query").paginate(**arguments):
                yield from page["Items"]


def _request_key(request_id: str) -> dict[str, str]:
    return {"pk": f"REQUEST#{request_id}", "sk": "RECORD"}


def _account_key(account_id: str) -> dict[str, str]:
    return {"pk": f"ACCOUNT#{account_id}", "sk": "RECORD"}


def _foundational_key(account_type: str) -> dict[str, str]:
    return {"pk": "FOUNDATION", "sk": f"TYPE#{account_type}"}


def _request_item(record: RequestRecord) -> dict[str, Any]:
    index = {"kind": "REQUEST", "sort": f"{record.created_at}#{record.request_id}"}
    # type and owner stand on the item itself, so that a list can be filtered by them
    filters = {"type": record.request.type, "owner": record.request.owner}
    return _plain(record) | index | filters | {"open": "yes"}


def _with_openness(changes: Mapping[str, Any]) -> dict[str, Any]:
    """Return ``changes`` of a request with what puts it into the index of open ones, or takes it out."""
    if "status" not in changes or "open" in changes:
        return dict(changes)
    return {**changes, "open": "yes" if changes["status"] in OPEN else None}


def _account_item(account: AccountRecord) -> dict[str, Any]:
    return _plain(account) | {"kind": "ACCOUNT", "sort": f"{account.created_at}#{account.account_id}"}


def _plain(model: BaseModel) -> dict[str, Any]:
    plain: dict[str, Any] = model.model_dump(mode="json", exclude_none=True)
    return plain
