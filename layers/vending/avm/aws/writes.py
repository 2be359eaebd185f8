"""The parts of a TransactWriteItems call on the application's table."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from avm.aws.items import serialize


class Writes:
    """Builds writes on one table."""

    def __init__(self, table_name: str) -> None:
        """``table_name``: of the stack's table."""
        self._table = table_name

    def put(self, key: Mapping[str, str], item: Mapping[str, Any], condition: str | None) -> dict[str, Any]:
        """Return the write of a whole item."""
        put: dict[str, Any] = {"TableName": self._table, "Item": serialize({**item, **key})}
        if condition:
            put["ConditionExpression"] = condition
        return {"Put": put}

    def update(self, key: Mapping[str, str], changes: Mapping[str, Any], expected: Mapping[str, Any]) -> dict[str, Any]:
        """Return the write of some attributes (None removes one) of an item that exists.

        ``expected``: attribute -> value, a set of values, or None for "not there".
        """
        condition, values = _condition(expected)
        names = {f"#{name}": name for name in (*changes, *expected)}
        values |= {f":{name}": value for name, value in changes.items() if value is not None}
        assigned = ", ".join(f"#{name} = :{name}" for name, value in changes.items() if value is not None)
        removed = ", ".join(f"#{name}" for name, value in changes.items() if value is None)
        update: dict[str, Any] = {
            "TableName": self._table,
            "Key": serialize(key),
            "UpdateExpression": " ".join(
                part for part in (f"SET {assigned}" if assigned else "", f"REMOVE {removed}" if removed else "") if part
            ),
            "ConditionExpression": condition,
            "ExpressionAttributeNames": names,
        }
        if values:
            update["ExpressionAttributeValues"] = serialize(values)
        return {"Update": update}

    def check(self, key: Mapping[str, str], expected: Mapping[str, Any]) -> dict[str, Any]:
        """Return what writes nothing and lets all others fail unless an item is as ``expected`` (as in ``update``)."""
        condition, values = _condition(expected)
        return {
            "ConditionCheck": {
                "TableName": self._table,
                "Key": serialize(key),
                "ConditionExpression": condition,
                "ExpressionAttributeNames": {f"#{name}": name for name in expected},
                "ExpressionAttributeValues": serialize(values),
            }
        }

    def reserve(self, kind: str, value: str, request_id: str) -> dict[str, Any]:
        """Return the write that reserves a name or e-mail; its condition fails where another request holds it."""
        put = self.put(
            reservation_key(kind, value), {"request_id": request_id}, "attribute_not_exists(pk) OR request_id = :id"
        )
        put["Put"]["ExpressionAttributeValues"] = serialize({":id": request_id})
        return put

    def release(self, kind: str, value: str, request_id: str) -> dict[str, Any]:
        """Return the write that gives a name or e-mail up; its condition fails where another request holds it."""
        return {
            "Delete": {
                "TableName": self._table,
                "Key": serialize(reservation_key(kind, value)),
                "ConditionExpression": "attribute_not_exists(pk) OR request_id = :id",
                "ExpressionAttributeValues": serialize({":id": request_id}),
            }
        }


def _condition(expected: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    """Return the condition that an item exists and is as ``expected``, and the values that it names."""
    conditions = ["attribute_exists(pk)"]
    values: dict[str, Any] = {}
    for name, value in expected.items():
        if value is None:
            conditions.append(f"attribute_not_exists(#{name})")
        else:
            options = sorted(value) if isinstance(value, (set, frozenset)) else [value]
            places = [f":expected_{name}_{index}" for index in range(len(options))]
            values |= dict(zip(places, options, strict=True))
            conditions.append(f"#{name} IN ({', '.join(places)})")
    return " AND ".join(conditions), values


def reservation_key(kind: str, value: str) -> dict[str, str]:
    """Return the key of the reservation of a name or e-mail."""
    return {"pk": f"{kind}#{value.lower()}", "sk": "RESERVATION"}
