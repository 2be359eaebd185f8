"""Which records of Service Catalog wait for their result, in the application's table.

=========================  ==========  ========================================
pk                         sk          what
=========================  ==========  ========================================
``PROVISIONING#<record>``  ``RECORD``  ``KnownProvisioning``
=========================  ==========  ========================================
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict, Field

from avm.aws.errors import translated, unless
from avm.aws.items import deserialize, serialize

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


class KnownProvisioning(BaseModel):
    """A record of Service Catalog; ``token`` lets its bearer end it, and stands nowhere else."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    token: str = Field(repr=False)
    told: str | None = None
    """The result that Service Catalog has taken: a record ends once."""


class Provisionings:
    """The records that have become requests; they are kept for ever, as requests are."""

    def __init__(self, client: DynamoDBClient, table_name: str) -> None:
        """``table_name``: of the stack's table."""
        self._client = client
        self._table = table_name

    def known(self, record_id: str) -> KnownProvisioning | None:
        """Return a record."""
        with translated():
            item = self._client.get_item(
                TableName=self._table, Key=serialize(_key(record_id)), ConsistentRead=True
            ).get("Item")
        return KnownProvisioning.model_validate(deserialize(item)) if item else None

    def keep(self, record_id: str, token: str) -> None:
        """Keep a record's token; the first one stays."""
        with translated(), unless("ConditionalCheckFailedException"):
            self._client.put_item(
                TableName=self._table,
                Item=serialize({**_key(record_id), "token": token}),
                ConditionExpression="attribute_not_exists(pk)",
            )

    def mark_told(self, record_id: str, status: str) -> None:
        """Keep which result Service Catalog has taken."""
        with translated():
            self._client.update_item(
                TableName=self._table,
                Key=serialize(_key(record_id)),
                UpdateExpression="SET told = :status",
                ExpressionAttributeValues=serialize({":status": status}),
            )


def _key(record_id: str) -> dict[str, str]:
    return {"pk": f"PROVISIONING#{record_id}", "sk": "RECORD"}
