"""What the application's table knows of proposed repairs: ``PROPOSAL``, ``<run>``, each with its task token."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from avm.aws.errors import translated, unless
from avm.aws.items import deserialize, serialize
from avm.domain.account_request import ApprovalDecision
from avm.domain.proposal import Proposal

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_PARTITION = "PROPOSAL"


class ProposalsTable:
    """The proposals that nobody has decided about, and those whose run was not told yet."""

    def __init__(self, client: DynamoDBClient, table_name: str) -> None:
        """``table_name``: of the stack's table."""
        self._client = client
        self._table = table_name

    def put(self, proposal: Proposal, token: str) -> None:
        """Store a proposal, and how its run is told what was decided."""
        item = {**proposal.model_dump(mode="json", exclude_none=True), **_key(proposal.observation_id), "token": token}
        with translated():
            self._client.put_item(TableName=self._table, Item=serialize(item))

    def open(self, now: str) -> list[Proposal]:
        """Return the proposals that can be decided about, the newest first."""
        with translated():
            pages = self._client.get_paginator("query").paginate(
                TableName=self._table,
                KeyConditionExpression="pk = :pk",
                FilterExpression="attribute_not_exists(decision)",
                ExpressionAttributeValues=serialize({":pk": _PARTITION}),
                ConsistentRead=True,
            )
            found = [Proposal.model_validate(deserialize(item)) for page in pages for item in page["Items"]]
        standing = [proposal for proposal in found if proposal.stands(now)]
        return sorted(standing, key=lambda proposal: (proposal.proposed_at, proposal.observation_id), reverse=True)

    def decide(self, observation_id: str, decision: ApprovalDecision, now: str) -> tuple[Proposal, str] | None:
        """Record a decision; return the proposal and its task token, None where there is nothing to decide.

        The same decision again is the same: whoever was cut off in between may repeat it.
        """
        values = {":decision": decision, ":now": now}
        with translated(), unless("ConditionalCheckFailedException"):
            answer = self._client.update_item(
                TableName=self._table,
                Key=serialize(_key(observation_id)),
                UpdateExpression="SET decision = :decision",
                ConditionExpression="attribute_exists(pk) AND #until > :now"
                " AND (attribute_not_exists(decision) OR decision = :decision)",
                ExpressionAttributeNames={"#until": "until"},
                ExpressionAttributeValues=serialize(values),
                ReturnValues="ALL_NEW",
            )
            item = deserialize(answer["Attributes"])
            return Proposal.model_validate(item), str(item["token"])
        return None

    def delete(self, observation_id: str) -> None:
        """Forget a proposal whose run was told what was decided."""
        with translated():
            self._client.delete_item(TableName=self._table, Key=serialize(_key(observation_id)))


def _key(observation_id: str) -> Mapping[str, str]:
    return {"pk": _PARTITION, "sk": observation_id}
