"""What the application's table knows of drift: exceptions, what was found and mended, and the circuit breaker.

========================  ==========================  ===================================================
pk                        sk                          what
========================  ==========================  ===================================================
``ACCOUNT#<id>``          ``EXCEPTION#<control>``     an exception (``Exemption``)
``ACCOUNT#<id>``          ``DRIFT#<run>``             what a run has found, before and after (``Drift``)
``ACCOUNT#<id>``          ``FINDING#<control>``       what Security Hub shows as open (``OpenFinding``); of the
                                                      foundation, too, whose id is ``foundation``
``BREAKER``               ``STATE``                   the ``Breaker``, and the nonce of its last write
========================  ==========================  ===================================================
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ConfigDict

from avm.aws.errors import translated
from avm.aws.items import deserialize, serialize
from avm.aws.stored_value import StoredValue
from avm.domain.breaker import Breaker
from avm.domain.exemption import Exemption
from avm.domain.open_finding import OpenFinding

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


class Drift(BaseModel):
    """A control that was found untrue, and what became of it."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    run: str
    account_id: str
    control: str
    detected_at: str
    before: Mapping[str, Any]
    """Scope -> what was found."""
    cause: Mapping[str, Any] | None = None
    """The call that has hinted at it; None where a sweep has found it."""


class DriftTable:
    """What the application's table knows of drift."""

    def __init__(self, client: DynamoDBClient, table_name: str) -> None:
        """``table_name``: of the stack's table."""
        self._client = client
        self._table = table_name

    @property
    def breaker(self) -> StoredValue[Breaker]:
        """The circuit breaker."""
        return StoredValue(self._client, self._table, {"pk": "BREAKER", "sk": "STATE"}, Breaker())

    # -- exceptions ----------------------------------------------------------------------------------------------
    def exemptions(self, account_id: str) -> dict[str, Exemption]:
        """Return the exceptions of an account, by control; ended ones, too."""
        found = map(Exemption.model_validate, self._of_account(account_id, "EXCEPTION#"))
        return {exemption.control: exemption for exemption in found}

    def put_exemption(self, exemption: Exemption) -> None:
        """Store an exception; a later one of the same control takes its place."""
        key = _exemption_key(exemption.account_id, exemption.control)
        with translated():
            self._client.put_item(TableName=self._table, Item=serialize({**exemption.model_dump(mode="json"), **key}))

    def delete_exemption(self, account_id: str, control: str) -> None:
        """End an exception; without one nothing happens."""
        with translated():
            self._client.delete_item(TableName=self._table, Key=serialize(_exemption_key(account_id, control)))

    # -- drift ---------------------------------------------------------------------------------------------------
    def put_drift(self, drift: Drift) -> None:
        """Store what a run has found."""
        item = {**drift.model_dump(mode="json", exclude_none=True), **_drift_key(drift.account_id, drift.run)}
        with translated():
            self._client.put_item(TableName=self._table, Item=serialize(item))

    def drift(self, account_id: str, run: str) -> Drift | None:
        """Return what a run has found, if it has."""
        with translated():
            answer = self._client.get_item(
                TableName=self._table, Key=serialize(_drift_key(account_id, run)), ConsistentRead=True
            )
        return Drift.model_validate(deserialize(answer["Item"])) if "Item" in answer else None

    # -- findings ------------------------------------------------------------------------------------------------
    def put_finding(self, finding: OpenFinding) -> None:
        """Remember that Security Hub shows a finding."""
        key = _finding_key(finding.account_id, finding.control)
        item = {**finding.model_dump(mode="json", exclude_none=True), **key}
        with translated():
            self._client.put_item(TableName=self._table, Item=serialize(item))

    def open_finding(self, account_id: str, control: str) -> OpenFinding | None:
        """Return the finding that Security Hub shows of a control, if it does."""
        key = _finding_key(account_id, control)
        with translated():
            answer = self._client.get_item(TableName=self._table, Key=serialize(key), ConsistentRead=True)
        return OpenFinding.model_validate(deserialize(answer["Item"])) if "Item" in answer else None

    def open_findings(self, account_id: str) -> frozenset[str]:
        """Return the controls of an account of which Security Hub shows a finding."""
        return frozenset(str(item["control"]) for item in self._of_account(account_id, "FINDING#"))

    def close_finding(self, account_id: str, control: str) -> None:
        """Forget a finding that is resolved."""
        with translated():
            self._client.delete_item(TableName=self._table, Key=serialize(_finding_key(account_id, control)))

    def _of_account(self, account_id: str, kind: str) -> list[dict[str, Any]]:
        """Return the items of an account whose sort key begins with ``kind``."""
        with translated():
            pages = self._client.get_paginator("query").paginate(
                TableName=self._table,
                KeyConditionExpression="pk = :pk AND begins_with(sk, :sk)",
                ExpressionAttributeValues=serialize({":pk": f"ACCOUNT#{account_id}", ":sk": kind}),
                ConsistentRead=True,
            )
            return [deserialize(item) for page in pages for item in page["Items"]]


def _exemption_key(account_id: str, control: str) -> dict[str, str]:
    return {"pk": f"ACCOUNT#{account_id}", "sk": f"EXCEPTION#{control}"}


def _finding_key(account_id: str, control: str) -> dict[str, str]:
    return {"pk": f"ACCOUNT#{account_id}", "sk": f"FINDING#{control}"}


def _drift_key(account_id: str, run: str) -> dict[str, str]:
    return {"pk": f"ACCOUNT#{account_id}", "sk": f"DRIFT#{run}"}
