"""What is quicker than moto's own way answers the same."""

from __future__ import annotations

import copy
import inspect
import itertools
from typing import Any

import moto.core.responses
import moto.dynamodb.models as dynamodb
import pytest
from botocore.exceptions import ClientError
from moto.core.serialize import (
    DEFAULT_ALIAS_PROVIDERS,
    JSONSerializer,
    ResponseSerializer,
    XFormedAttributePicker,
)
from moto.core.utils import get_service_model
from moto.dynamodb.models import DynamoDBBackend
from moto.dynamodb.responses import DynamoHandler

from avm_emulator import moto_speed
from avm_emulator.context import Emulator
from avm_emulator.engine import Options

_numbers = itertools.count()
KEY = [{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}]


@pytest.fixture(scope="module")
def options() -> Options:
    return Options(speed="max", prepare=False, deploy=False, parts=("avm_emulator.moto_speed",))


def test_motos_serialiser_and_transactions_are_as_they_were_when_they_were_made_quicker() -> None:
    assert list(inspect.signature(ResponseSerializer.get_value).parameters)[1:] == ["value", "key", "shape"]
    assert [provider.__name__ for provider in DEFAULT_ALIAS_PROVIDERS] == [
        *("ExplicitAlias", "ShapeNameAlias", "NoAlias", "ShapePrefixAlias", "ClassPrefixAlias", "ModelAlias")
    ]
    assert "copy.deepcopy" in inspect.getsource(moto_speed._transact_write_items)
    # Updates change an item where it is; put and delete do not.
    assert "UpdateExpressionExecutor" in inspect.getsource(DynamoDBBackend.update_item)


def test_the_methods_of_a_service_are_listed_once(emulator: Emulator) -> None:
    emulator.clients.client("dynamodb").list_tables()
    listed = moto.core.responses.method_names_from_class
    assert listed(DynamoHandler) is listed(DynamoHandler)
    assert listed(DynamoHandler) == moto_speed._method_names(DynamoHandler)


@pytest.mark.parametrize(
    ("service", "operation", "result"),
    [
        ("dynamodb", "GetItem", {"Item": {"a": {"S": "x"}, "b": {"M": {"c": {"L": [{"N": "1"}, {"BOOL": False}]}}}}}),
        ("organizations", "DescribeAccount", {"Account": {"Id": "1", "Name": None, "JoinedMethod": "CREATED"}}),
        ("organizations", "DescribeAccount", {"account": {"id": "1", "joined_method": "CREATED"}}),
        ("organizations", "ListRoots", {"Roots": [{"Id": "r", "PolicyTypes": [{"Type": "T", "Status": "S"}]}]}),
        ("kms", "CreateKey", {"KeyMetadata": {"KeyId": "1", "Enabled": True}, "Unknown": 1}),
        ("stepfunctions", "ListTagsForResource", {"tags": [{"key": "a", "value": "b"}, {"Key": "A", "Value": "B"}]}),
    ],
)
def test_answers_are_those_of_motos_own_way(service: str, operation: str, result: dict[str, Any]) -> None:
    def serialized() -> Any:
        model = get_service_model(service).operation_model(operation)
        return JSONSerializer(model, value_picker=XFormedAttributePicker()).serialize(copy.deepcopy(result))["body"]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ResponseSerializer, "get_value", moto_speed._get_value)
        slow = serialized()
        patch.setattr(ResponseSerializer, "get_value", moto_speed._member)
        assert serialized() == slow
        assert serialized() == slow  # with the names that are known by now


@pytest.fixture(params=[False, True], ids=["plain", "with a stream"])
def table(emulator: Emulator, request: pytest.FixtureRequest) -> str:
    """A table with two items."""
    client = emulator.clients.client("dynamodb")
    name = f"table-{next(_numbers)}"
    stream = {"StreamSpecification": {"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"}} if request.param else {}
    client.create_table(
        TableName=name,
        KeySchema=KEY,
        AttributeDefinitions=[{"AttributeName": key["AttributeName"], "AttributeType": "S"} for key in KEY],
        BillingMode="PAY_PER_REQUEST",
        **stream,
    )
    for sort in "ab":
        client.put_item(TableName=name, Item={**key(sort), "value": {"S": "old"}, "list": {"L": [{"N": "1"}]}})
    return name


def key(sort: str) -> dict[str, Any]:
    return {"pk": {"S": "p"}, "sk": {"S": sort}}


def actions(table: str) -> list[dict[str, Any]]:
    """Update, delete and put, one each."""
    change = {"UpdateExpression": "SET #v = :v, #l[0] = :n", "ExpressionAttributeNames": {"#v": "value", "#l": "list"}}
    values = {":v": {"S": "new"}, ":n": {"N": "2"}}
    return [
        {"Update": {"TableName": table, "Key": key("a"), **change, "ExpressionAttributeValues": values}},
        {"Delete": {"TableName": table, "Key": key("b")}},
        {"Put": {"TableName": table, "Item": {**key("c"), "value": {"S": "new"}}}},
    ]


def test_a_transaction_that_fails_leaves_everything_as_it_was(emulator: Emulator, table: str) -> None:
    client = emulator.clients.client("dynamodb")
    before = client.scan(TableName=table)["Items"]
    check = {"TableName": table, "Key": key("z"), "ConditionExpression": "attribute_exists(pk)"}
    for _ in range(2):
        with pytest.raises(ClientError, match="TransactionCanceledException"):
            client.transact_write_items(TransactItems=[*actions(table), {"ConditionCheck": check}])
        assert client.scan(TableName=table)["Items"] == before


def test_a_transaction_that_succeeds_changes_everything(emulator: Emulator, table: str) -> None:
    client = emulator.clients.client("dynamodb")
    client.transact_write_items(TransactItems=actions(table))
    items = {item["sk"]["S"]: item for item in client.scan(TableName=table)["Items"]}
    assert sorted(items) == ["a", "c"]
    assert (items["a"]["value"], items["a"]["list"]) == ({"S": "new"}, {"L": [{"N": "2"}]})


def test_copies_outside_of_transactions_are_deep(emulator: Emulator, table: str) -> None:
    found = dynamodb.dynamodb_backends[emulator.management_account_id][emulator.region].tables[table]
    copied = dynamodb.copy.deepcopy(found)
    original, other = (next(iter(next(iter(each.items.values())).values())) for each in (found, copied))
    assert original is not other
