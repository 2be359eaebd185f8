"""``avm retry``."""

import json

import pytest

from tests.cli.fakes import Avm, FakeApi, FakeClock, RequestBuilder


def test_a_retry_waits_and_ends_with_the_account(avm: Avm, api: FakeApi, request_object: RequestBuilder) -> None:
    api.script(
        (202, request_object("QUEUED", attempt=2, steps=[])),
        (200, request_object("IN_PROGRESS", attempt=2)),
        (200, request_object(attempt=2)),
    )
    result = avm("retry", "RITM0012345")
    assert result.exit_code == 0
    assert "210987654321" in result.stdout
    assert "CreateAccount: running" in result.stderr.splitlines()
    assert [f"{call.method} {call.path}" for call in api.calls] == [
        "POST /v1/requests/RITM0012345/retry",
        "GET /v1/requests/RITM0012345",
        "GET /v1/requests/RITM0012345",
        "GET /v1/accounts/210987654321",
    ]


@pytest.mark.parametrize(("status", "code"), [("PARKED", 1), ("REJECTED", 3), ("CANCELLED", 3)])
def test_a_retry_ends_with_what_its_vend_came_to(
    avm: Avm, api: FakeApi, request_object: RequestBuilder, *, status: str, code: int
) -> None:
    api.script((202, request_object("IN_PROGRESS")), (200, request_object(status)))
    assert avm("retry", "RITM0012345").exit_code == code


def test_no_wait_returns_at_once(avm: Avm, api: FakeApi, request_object: RequestBuilder) -> None:
    api.script((202, request_object("QUEUED", steps=[])))
    result = avm("retry", "RITM0012345", "--no-wait", "--json")
    assert result.exit_code == 0
    assert json.loads(result.stdout)["status"] == "QUEUED"
    assert len(api.calls) == 1


def test_a_time_out_ends_the_waiting_not_the_vend(
    avm: Avm, api: FakeApi, clock: FakeClock, request_object: RequestBuilder
) -> None:
    api.script((202, request_object("IN_PROGRESS")))
    result = avm("retry", "RITM0012345", "--timeout", "7.5")
    assert result.exit_code == 4
    assert "avm status RITM0012345 --watch" in result.stderr
    assert sum(clock.sleeps) == pytest.approx(7.5)
