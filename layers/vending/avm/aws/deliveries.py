"""Which webhooks have come, in the application's table.

===============================  ==========  ===============================================
pk                               sk          what
===============================  ==========  ===============================================
``DELIVERY#<source>#<id>``       ``RECORD``  the request that it became (``KnownDelivery``)
===============================  ==========  ===============================================
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict

from avm.aws.errors import translated, unless
from avm.aws.items import deserialize, serialize

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


class KnownDelivery(BaseModel):
    """A webhook that has come: which request it became, and the SHA-256 of its body, in hex."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    request_id: str
    digest: str
    received_at: str


class Deliveries:
    """The webhooks that have become requests; they are kept for ever, as requests are."""

    def __init__(self, client: DynamoDBClient, table_name: str) -> None:
        """``table_name``: of the stack's table."""
        self._client = client
        self._table = table_name

    def known(self, source: str, delivery_id: str) -> KnownDelivery | None:
        """Return what a webhook became that came before."""
        with translated():
            item = self._client.get_item(
                TableName=self._table, Key=serialize(_key(source, delivery_id)), ConsistentRead=True
            ).get("Item")
        return KnownDelivery.model_validate(deserialize(item)) if item else None

    def keep(self, source: str, delivery_id: str, delivery: KnownDelivery) -> None:
        """Keep what a webhook has become; the first one stays."""
        with translated(), unless("ConditionalCheckFailedException"):
            self._client.put_item(
                TableName=self._table,
                Item=serialize({**_key(source, delivery_id), **delivery.model_dump()}),
                ConditionExpression="attribute_not_exists(pk)",
            )


def _key(source: str, delivery_id: str) -> dict[str, str]:
    return {"pk": f"DELIVERY#{source}#{delivery_id}", "sk": "RECORD"}
