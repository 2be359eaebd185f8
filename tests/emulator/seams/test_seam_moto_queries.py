"""Queries that look at fewer items answer the same, and models that nobody looks for are not kept."""

from __future__ import annotations

import inspect
import itertools
from typing import Any

import pytest
from moto.core.common_models import BaseModel
from moto.dynamodb.models.dynamo_type import Item
from moto.dynamodb.models.table import Table
from moto.s3.models import FakeKey, S3Backend

from avm_emulator import moto_speed
from avm_emulator.context import Emulator
from avm_emulator.engine import Options

NAMES = ("pk", "sk", "colour", "size")
COLOURS = ("red", "blue", "green")


@pytest.fixture(scope="module")
def options() -> Options:
    return Options(speed="max", prepare=False, deploy=False, parts=("avm_emulator.moto_speed",))


@pytest.fixture(scope="module")
def client(emulator: Emulator) -> Any:
    return emulator.clients.client("dynamodb")


def schema(hash_key: str, range_key: str | None = None) -> list[dict[str, str]]:
    keys = [{"AttributeName": hash_key, "KeyType": "HASH"}]
    return keys + ([{"AttributeName": range_key, "KeyType": "RANGE"}] if range_key else [])


@pytest.fixture(scope="module", params=[True, False], ids=["with a sort key", "without"])
def table(client: Any, request: pytest.FixtureRequest) -> str:
    """A table with an index that not all of its items are in, written in no order."""
    name = f"table-{request.param}"
    client.create_table(
        TableName=name,
        KeySchema=schema("pk", "sk" if request.param else None),
        AttributeDefinitions=[
            {"AttributeName": each, "AttributeType": "S"} for each in NAMES if request.param or each != "sk"
        ],
        GlobalSecondaryIndexes=[
            {"IndexName": "look", "KeySchema": schema("colour", "size"), "Projection": {"ProjectionType": "ALL"}}
        ],
        BillingMode="PAY_PER_REQUEST",
    )
    for number, (partition, sort) in enumerate(itertools.product("cab", "7193582")):
        item = {"pk": partition if request.param else partition + sort, "sk": sort}
        item |= {"colour": COLOURS[number % 3]} | ({"size": str(number % 5)} if number % 4 else {})
        client.put_item(TableName=name, Item={key: {"S": value} for key, value in item.items()})
    return name


def pages(client: Any, table: str, **query: Any) -> list[Any]:
    paginator = client.get_paginator("query").paginate(TableName=table, PaginationConfig={"PageSize": 2}, **query)
    return [page["Items"] for page in paginator]


def where(**values: str) -> dict[str, Any]:
    return {
        "KeyConditionExpression": " AND ".join(f"{name} = :{name}" for name in values),
        "ExpressionAttributeValues": {f":{name}": {"S": value} for name, value in values.items()},
    }


@pytest.mark.parametrize("forward", [True, False])
@pytest.mark.parametrize(
    "query",
    [
        where(pk="a"),
        where(pk="a1"),
        where(pk="nobody"),
        {"IndexName": "look", **where(colour="red")},
        {"IndexName": "look", **where(colour="blue", size="1")},
    ],
    ids=["a partition", "another", "none", "an index", "a key of an index"],
)
def test_queries_answer_as_motos_own_way_does(
    client: Any,
    table: str,
    query: dict[str, Any],
    forward: bool,  # noqa: FBT001  a parameter
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    found = pages(client, table, ScanIndexForward=forward, **query)
    monkeypatch.setattr(Table, "query", moto_speed._table_query)
    monkeypatch.setattr(Table, "all_items", moto_speed._table_all_items)
    assert found == pages(client, table, ScanIndexForward=forward, **query)


def test_a_scan_is_in_order_still(client: Any, table: str) -> None:
    keys = [(item["pk"]["S"], item["sk"]["S"]) for item in client.scan(TableName=table)["Items"]]
    assert keys == sorted(keys)
    assert len(keys) == 21


def test_motos_query_looks_through_all_items_and_sorts_what_it_finds() -> None:
    source = inspect.getsource(moto_speed._table_query)
    assert source.count("self.all_items()") == 2
    assert "self.sorted_items(" in source
    assert "possible_results.sort(" in source


def test_only_what_moto_looks_for_is_kept(emulator: Emulator, client: Any, table: str) -> None:
    bucket = emulator.clients.client("s3", "us-east-1")
    bucket.create_bucket(Bucket="kept")
    bucket.put_object(Bucket="kept", Key="key", Body=b"x")
    client.transact_write_items(
        TransactItems=[{"Put": {"TableName": table, "Item": {"pk": {"S": "new"}, "sk": {"S": "new"}}}}]
    )
    assert {key.name for key in FakeKey.instances_tracked} == {"key"}
    assert Table.instances_tracked == Item.instances_tracked == []
    client.delete_item(TableName=table, Key={"pk": {"S": "new"}} | ({"sk": {"S": "new"}} if "True" in table else {}))


def test_moto_looks_for_no_other_model() -> None:
    assert inspect.getsource(S3Backend.reset).count("instances_tracked") == len(moto_speed._LOOKED_FOR)
    assert "instances_tracked.append" in inspect.getsource(BaseModel)
