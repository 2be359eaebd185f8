"""Who makes a request: the account and the principal of its key."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import boto3
from botocore.exceptions import ClientError

from avm_emulator.boundary import Call, Interceptor
from avm_emulator.context import Emulator
from tests.emulator.boundary.told import ROLE, last


def test_an_unknown_key_is_the_management_accounts_root(emulator: Emulator) -> None:
    identity = emulator.clients.client("sts").get_caller_identity()
    assert identity["Arn"] == last(emulator).principal == "arn:aws:iam::123456789012:root"
    assert identity["Account"] == last(emulator).account == "123456789012"
    assert last(emulator).source.startswith("root Boto3/")


def test_a_session_is_named_as_sts_names_it(emulator: Emulator) -> None:
    sts = emulator.clients.client("sts", "eu-central-1", role_arn=ROLE, session_name="vend-1")
    identity = sts.get_caller_identity()
    record = last(emulator)
    assert record.principal == identity["Arn"] == "arn:aws:sts::210987654321:assumed-role/avm-enforce/vend-1"
    assert (record.account, record.region) == ("210987654321", "eu-central-1")
    assert record.source.startswith("avm-enforce/vend-1 Boto3/")


def test_interceptors_see_the_role_with_its_path(emulator: Emulator, intercept: Callable[[Interceptor], None]) -> None:
    calls: list[Call] = []
    intercept(calls.append)
    emulator.clients.client("sts", role_arn=ROLE, session_name="vend-2").get_caller_identity()
    assert calls[-1].principal.role_arn == ROLE
    assert calls[-1].principal.session_name == "vend-2"


def test_a_user_is_named_as_iam_names_him(emulator: Emulator) -> None:
    iam = emulator.clients.client("iam")
    iam.create_user(UserName="jane")
    key = iam.create_access_key(UserName="jane")["AccessKey"]
    client = boto3.client(
        "sts",
        region_name="eu-west-1",
        endpoint_url=emulator.endpoint_url,
        aws_access_key_id=key["AccessKeyId"],
        aws_secret_access_key=key["SecretAccessKey"],
    )
    assert client.get_caller_identity()["Arn"] == "arn:aws:iam::123456789012:user/jane"
    assert last(emulator).principal == "arn:aws:iam::123456789012:user/jane"


def test_a_functions_session_is_recorded_as_the_function(emulator: Emulator) -> None:
    credentials = emulator.clients.credentials(ROLE, "avm-move-account")
    emulator.function_sessions[credentials["AccessKeyId"]] = "avm-move-account"
    emulator.clients.client("sts", role_arn=ROLE, session_name="avm-move-account").get_caller_identity()
    assert last(emulator).source == "avm-move-account"


def test_the_account_comes_from_the_key_and_not_from_a_header(emulator: Emulator) -> None:
    client = emulator.clients.client("sts", role_arn=ROLE, session_name="honest")
    client.meta.events.register_first(
        "before-sign.sts", lambda request, **_: request.headers.add_header("x-moto-account-id", "999999999999")
    )
    assert client.get_caller_identity()["Account"] == "210987654321"


def test_accounts_stay_apart_when_many_call_at_once(emulator: Emulator) -> None:
    accounts = [f"{number:012d}" for number in range(300000000000, 300000000016)]
    clients = {
        account: emulator.clients.client("dynamodb", role_arn=f"arn:aws:iam::{account}:role/r", session_name="worker")
        for account in accounts
    }

    def work(account: str) -> list[str]:
        for turn in range(5):
            clients[account].create_table(
                TableName=f"t{account}-{turn}",
                KeySchema=[{"AttributeName": "a", "KeyType": "HASH"}],
                AttributeDefinitions=[{"AttributeName": "a", "AttributeType": "S"}],
                BillingMode="PAY_PER_REQUEST",
            )
        names: list[str] = clients[account].list_tables()["TableNames"]
        return names

    with ThreadPoolExecutor(16) as pool:
        tables = dict(zip(accounts, pool.map(work, accounts), strict=True))
    assert tables == {account: [f"t{account}-{turn}" for turn in range(5)] for account in accounts}
    for account in accounts:
        assert len(emulator.calls.select(account=account, operation="CreateTable", error=None)) == 5


def test_of_conditional_writes_at_once_one_wins_and_transactions_are_whole(emulator: Emulator) -> None:
    dynamodb = emulator.clients.client("dynamodb")
    dynamodb.create_table(
        TableName="race",
        KeySchema=[{"AttributeName": "a", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "a", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )

    def item(name: str) -> dict[str, Any]:
        condition = "attribute_not_exists(a)"
        return {"TableName": "race", "Item": {"a": {"S": name}}, "ConditionExpression": condition}

    def write(number: int) -> str | None:
        try:
            if number % 2:
                dynamodb.put_item(**item(f"round-{number // 16}"))
            else:
                dynamodb.transact_write_items(
                    TransactItems=[{"Put": item(f"round-{number // 16}")}, {"Put": item(f"other-{number}")}]
                )
        except ClientError as error:
            return str(error.response["Error"]["Code"])
        return None

    with ThreadPoolExecutor(16) as pool:
        outcomes = list(pool.map(write, range(160)))
    assert outcomes.count(None) == 10
    assert set(outcomes) == {None, "ConditionalCheckFailedException", "TransactionCanceledException"}
    others = [number for number, outcome in enumerate(outcomes) if outcome is None and number % 2 == 0]
    assert dynamodb.scan(TableName="race")["Count"] == 10 + len(others)
