"""``avm list``."""

import json
from typing import get_args

from avm.domain.account_request import Status as DomainStatus
from avm_cli.commands.list import Status
from tests.cli.fakes import Avm, FakeApi, RequestBuilder


def test_requests_are_rows_and_the_next_page_is_named(avm: Avm, api: FakeApi, request_object: RequestBuilder) -> None:
    parked = request_object("PARKED", request_id="R2", name="web[bold]-prod")
    api.script((200, {"items": [request_object(), parked], "cursor": "abc=="}))
    result = avm("list")
    assert result.exit_code == 0
    rows = [line.split() for line in result.stdout.splitlines()]
    account = ["RITM0012345", "READY", "payments-dev", "development", "210987654321", "2026-11-23", "10:00"]
    assert rows[1] == account
    assert rows[2][:4] == ["R2", "PARKED", "web[bold]-prod", "development"]
    assert "--cursor abc==" in result.stderr


def test_the_filters_are_sent_and_no_others(avm: Avm, api: FakeApi) -> None:
    api.script((200, {"items": [], "cursor": None}))
    avm(
        "list",
        "--status",
        "ready",
        "--type",
        "sandbox",
        "--owner",
        "jane.doe@example.com",
        "--limit",
        "5",
        "--cursor",
        "a==",
    )
    avm("list")
    assert api.calls[0].query == {
        "status": "READY",
        "type": "sandbox",
        "owner": "jane.doe@example.com",
        "limit": "5",
        "cursor": "a==",
    }
    assert api.calls[1].query == {}


def test_json_is_the_api_object_and_nothing_else(avm: Avm, api: FakeApi, request_object: RequestBuilder) -> None:
    page = {"items": [request_object()], "cursor": "abc"}
    api.script((200, page))
    assert json.loads(avm("list", "--json").stdout) == page


def test_the_statuses_are_those_of_a_request() -> None:
    assert set(Status) == set(get_args(DomainStatus))


def test_a_status_that_does_not_exist_is_bad_usage(avm: Avm, api: FakeApi) -> None:
    result = avm("list", "--status", "FINISHED")
    assert result.exit_code == 2
    assert api.calls == []
