"""The application's table: what is conditional is decided by the table alone."""

from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from moto import mock_aws

from avm.aws.dynamodb import Audit, RequestTable
from avm.domain.account import AccountRecord
from avm.domain.account_request import Requester, RequestRecord
from avm.domain.catalog import Catalog
from avm.domain.errors import EmailTaken, InvalidCursor, NameTaken, RequestCancelled, RequestNotFound
from avm.domain.request_rules import parse_request
from tests.unit.conftest import create_table

AUDIT = Audit("2026-01-01T00:00:00.000Z", "jane", "RequestAccepted", {"door": "api"})


@pytest.fixture
def table(monkeypatch: pytest.MonkeyPatch) -> Iterator[RequestTable]:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    with mock_aws():
        client = boto3.client("dynamodb", region_name="eu-west-1")
        create_table(client, "t")
        yield RequestTable(client, "t")


def record(catalog: Catalog, request_id: str = "R1", **changes: Any) -> RequestRecord:
    body = {
        "name": f"name-{request_id}",
        "type": "sandbox",
        "owner": "jane.doe@example.com",
        "cost_center": "CC-1042",
        "purpose": "x",
        "budget": {"monthly_usd": 12.5},
        "tags": {"team": "a"},
    }
    request = parse_request(body | changes.pop("body", {}), catalog)
    values: dict[str, Any] = {
        "request_id": request_id,
        "status": "QUEUED",
        "request": request,
        "digest": request.digest(),
        "email": f"{request_id}@example.com",
        "regions": ("eu-west-1",),
        "requester": Requester(door="api", principal="arn:x"),
        "catalog_version": catalog.version,
        "created_at": "2026-01-01T00:00:00.000Z",
        "updated_at": "2026-01-01T00:00:00.000Z",
    }
    return RequestRecord(**(values | changes))


def test_an_accepted_request_is_read_back_as_it_was(table: RequestTable, catalog: Catalog) -> None:
    assert table.accept(record(catalog), AUDIT) is None
    assert table.request("R1") == record(catalog)
    assert table.audit("R1") == [AUDIT]


def test_a_second_acceptance_of_an_id_returns_the_first(table: RequestTable, catalog: Catalog) -> None:
    table.accept(record(catalog), AUDIT)
    second = record(catalog, body={"name": "other"}, email="other@example.com")
    assert table.accept(second, AUDIT) == record(catalog)


@pytest.mark.parametrize("name", ["name-R1", "NAME-r1"])
def test_a_name_is_held_by_one_request_whatever_its_case(table: RequestTable, catalog: Catalog, name: str) -> None:
    table.accept(record(catalog), AUDIT)
    with pytest.raises(NameTaken):
        table.accept(record(catalog, "R2", body={"name": name}), AUDIT)
    with pytest.raises(RequestNotFound):
        table.request("R2")


def test_an_email_is_held_by_one_request(table: RequestTable, catalog: Catalog) -> None:
    table.accept(record(catalog), AUDIT)
    with pytest.raises(EmailTaken):
        table.accept(record(catalog, "R2", email="r1@EXAMPLE.com"), AUDIT)
    table.accept(record(catalog, "R2"), AUDIT)
    with pytest.raises(EmailTaken):
        table.reserve(record(catalog, "R2", email="r1@example.com"))


def test_a_closed_request_frees_what_it_held_and_nothing_else(table: RequestTable, catalog: Catalog) -> None:
    table.accept(record(catalog), AUDIT)
    thief = record(catalog, "R2", body={"name": "name-R1"})
    table.accept(record(catalog, "R2"), AUDIT)
    table.close_request(thief, {"status": "REJECTED"}, AUDIT)
    assert table.request("R2").status == "REJECTED"
    with pytest.raises(RequestCancelled):
        table.reserve(thief)
    table.update_request("R2", {"status": "QUEUED"})
    with pytest.raises(NameTaken):
        table.reserve(thief)
    table.close_request(record(catalog), {"status": "REJECTED"}, AUDIT)
    table.reserve(thief)


def test_an_update_happens_only_as_expected(table: RequestTable, catalog: Catalog) -> None:
    table.accept(record(catalog), AUDIT)
    assert table.update_request("R1", {"status": "IN_PROGRESS"}, expected={"status": {"QUEUED", "PENDING_APPROVAL"}})
    assert not table.update_request("R1", {"status": "IN_PROGRESS"}, expected={"status": "QUEUED"}, audit=AUDIT)
    assert table.update_request("R1", {"account_id": "1"}, expected={"account_id": None})
    assert not table.update_request("R1", {"account_id": "2"}, expected={"account_id": None})
    assert table.update_request("R1", {"account_id": None, "error": {"code": "x"}})
    stored = table.request("R1")
    assert (stored.status, stored.account_id, stored.error) == ("IN_PROGRESS", None, {"code": "x"})


def test_nothing_is_updated_that_is_not_there(table: RequestTable) -> None:
    assert not table.update_request("nobody", {"status": "READY"})


def test_requests_are_listed_newest_first_by_pages_and_filters(table: RequestTable, catalog: Catalog) -> None:
    for number in range(5):
        at = f"2026-01-0{number + 1}T00:00:00.000Z"
        status = "READY" if number % 2 else "QUEUED"
        table.accept(record(catalog, f"R{number}", created_at=at, status=status), AUDIT)
    first, cursor = table.requests(limit=2)
    second, cursor = table.requests(limit=2, cursor=cursor)
    third, end = table.requests(limit=2, cursor=cursor)
    assert [r.request_id for r in (*first, *second, *third)] == ["R4", "R3", "R2", "R1", "R0"]
    assert end is None
    ready, end = table.requests(limit=2, filters={"status": "READY", "type": "sandbox"})
    assert [r.request_id for r in ready] == ["R3", "R1"]
    assert end is None
    assert table.requests(limit=5, filters={"owner": "nobody"}) == ([], None)


@pytest.mark.parametrize("cursor", ["x", "e30=", "WzFd", "eyJwayI6MX0=", "\u00e9"])
def test_a_cursor_that_was_not_handed_out_is_refused(table: RequestTable, cursor: str) -> None:
    with pytest.raises(InvalidCursor):
        table.requests(limit=1, cursor=cursor)


def test_of_the_same_request_many_times_the_first_is_new(table: RequestTable, catalog: Catalog) -> None:
    # one after the other: moto's stores are not locked; many at once: tests/end_to_end/test_vend.py
    answers = [table.accept(record(catalog), AUDIT) for _ in range(4)]
    assert answers == [None] + [record(catalog)] * 3


def test_accounts_are_stored_and_listed(table: RequestTable) -> None:
    account = AccountRecord(
        account_id="111111111111",
        name="n",
        email="e",
        type="sandbox",
        ou="Sandbox",
        status="VENDING",
        request_id="R1",
        created_at="t",
        catalog_version="v",
    )
    assert table.account("111111111111") is None
    table.put_account(account)
    table.put_account(account)
    assert table.account("111111111111") == account
    assert table.accounts(limit=5) == ([account], None)
