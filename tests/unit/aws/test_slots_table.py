"""Slots and task tokens in the table: whoever else writes meanwhile, no change is lost and none is made twice."""

from collections.abc import Callable, Iterator
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from moto import mock_aws

from avm.aws.slots_table import SlotsTable
from avm.aws.stored_value import ATTEMPTS
from avm.domain.errors import ConcurrentChange, Throttled
from avm.domain.slots import Slots, Waiting, grant, join
from tests.unit.conftest import create_table

NOW = "2026-01-01T00:00:00.000Z"


@pytest.fixture
def client(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    with mock_aws():
        client = boto3.client("dynamodb", region_name="eu-west-1")
        create_table(client, "t")
        yield client


@pytest.fixture
def table(client: Any) -> SlotsTable:
    return SlotsTable(client, "t")


def joins(number: int) -> Callable[[Slots], Slots]:
    return lambda slots: join(slots, Waiting(request_id=f"R{number}", name=f"name-{number}", arrival=number))


def waiting(table: SlotsTable) -> list[str]:
    return [each.request_id for each in table.read("creation").waiting]


def test_a_table_without_slots_has_none_taken(table: SlotsTable) -> None:
    assert table.read("creation") == Slots()


def test_what_is_changed_is_read_back_and_the_kinds_are_apart(table: SlotsTable) -> None:
    table.change("creation", joins(1))
    before, after = table.change("creation", lambda slots: grant(slots, 1, NOW))
    assert (before.position("R1"), after.position("R1")) == (1, None)
    assert table.read("creation") == after
    assert table.read("access") == Slots()


def test_a_change_that_changes_nothing_writes_nothing(
    table: SlotsTable, client: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, after = table.change("creation", joins(1))
    monkeypatch.setattr(client, "put_item", lambda **_: pytest.fail("written"))
    assert table.change("creation", joins(1)) == (after, after)


def test_a_change_is_made_anew_on_what_somebody_else_has_written_meanwhile(
    table: SlotsTable, client: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    put, rivals = client.put_item, iter([1, 2])

    def put_after_a_rival(**arguments: Any) -> Any:
        rival = next(rivals, None)
        if rival:
            with monkeypatch.context() as quiet:
                quiet.setattr(client, "put_item", put)
                SlotsTable(client, "t").change("creation", joins(rival))
        return put(**arguments)

    monkeypatch.setattr(client, "put_item", put_after_a_rival)
    before, after = table.change("creation", joins(3))
    assert [each.request_id for each in before.waiting] == ["R1", "R2"]
    assert [each.request_id for each in after.waiting] == ["R1", "R2", "R3"]
    assert waiting(table) == ["R1", "R2", "R3"]


def test_a_write_whose_answer_is_lost_counts_once(
    table: SlotsTable, client: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The SDK repeats the call, and its own first call makes the condition of the second fail."""
    put, written = client.put_item, []

    def put_twice(**arguments: Any) -> Any:
        written.append(put(**arguments))
        return put(**arguments)

    def give_one(slots: Slots) -> Slots:
        return grant(slots, 1, NOW)

    for number in (1, 2):
        table.change("creation", joins(number))
    monkeypatch.setattr(client, "put_item", put_twice)
    before, after = table.change("creation", give_one)
    assert len(written) == 1
    assert [each.request_id for each in before.waiting] == ["R1", "R2"]
    assert [each.request_id for each in after.holders] == ["R1"]
    assert table.read("creation") == after


def test_where_too_many_write_at_once_it_is_to_be_tried_later(
    table: SlotsTable, client: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    attempts = []

    def fail(**arguments: Any) -> Any:
        attempts.append(arguments)
        raise ClientError({"Error": {"Code": "ConditionalCheckFailedException"}}, "PutItem")

    monkeypatch.setattr(client, "put_item", fail)
    with pytest.raises(ConcurrentChange, match="SLOTS#creation"):
        table.change("creation", joins(1))
    assert len(attempts) == ATTEMPTS


def test_another_error_of_aws_is_told_as_what_it_is(
    table: SlotsTable, client: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(**_: Any) -> Any:
        raise ClientError({"Error": {"Code": "ThrottlingException", "Message": "slow"}}, "PutItem")

    monkeypatch.setattr(client, "put_item", fail)
    with pytest.raises(Throttled):
        table.change("creation", joins(1))


def test_a_token_is_kept_for_each_request_and_kind_until_it_is_deleted(table: SlotsTable) -> None:
    table.put_token("R1", "creation", "one")
    table.put_token("R1", "creation", "two")
    table.put_token("R2", "creation", "three")
    assert [table.token("R1", "creation"), table.token("R1", "access"), table.token("R2", "creation")] == [
        "two",
        None,
        "three",
    ]
    for _ in range(2):
        table.delete_token("R1", "creation")
        assert table.token("R1", "creation") is None
    assert table.token("R2", "creation") == "three"


def test_a_token_that_was_replaced_meanwhile_stays(table: SlotsTable) -> None:
    table.put_token("R1", "creation", "new")
    table.delete_token("R1", "creation", "old")
    assert table.token("R1", "creation") == "new"
    table.delete_token("R1", "creation", "new")
    assert table.token("R1", "creation") is None
