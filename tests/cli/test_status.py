"""``avm status``."""

import json

from tests.cli.fakes import Avm, FakeApi, RequestBuilder


def test_a_request_is_shown_with_its_steps(avm: Avm, api: FakeApi, request_object: RequestBuilder) -> None:
    api.script((200, request_object()))
    result = avm("status", "RITM0012345")
    assert result.exit_code == 0
    assert "210987654321" in result.stdout
    steps = [line.split() for line in result.stdout.splitlines() if "Account " in line and "succeeded" in line]
    assert steps == [["✓", "CreateAccount", "succeeded", "30.0", "s"], ["✓", "MoveAccount", "succeeded", "11.0", "s"]]


def test_a_request_that_waits_says_for_what(avm: Avm, api: FakeApi, request_object: RequestBuilder) -> None:
    api.script((200, request_object("QUEUED", steps=[], queue_position=4)), (200, request_object("PENDING_APPROVAL")))
    queued, pending = avm("status", "RITM0012345"), avm("status", "RITM0012345")
    assert "payments-dev: QUEUED, position 4 in the queue" in queued.stdout
    assert "Waits for" not in queued.stdout
    assert "Waits for  an approver, who decides with 'avm approve RITM0012345'" in pending.stdout
    assert (queued.exit_code, pending.exit_code) == (0, 0)


def test_json_is_the_api_object_and_nothing_else(avm: Avm, api: FakeApi, request_object: RequestBuilder) -> None:
    api.script((200, request_object("PARKED", error={"code": "X", "message": "y", "hint": "z"})))
    result = avm("status", "RITM0012345", "--json")
    assert json.loads(result.stdout)["error"]["code"] == "X"
    assert result.exit_code == 0


def test_asking_about_a_parked_request_is_no_failure_but_shows_its_error(
    avm: Avm, api: FakeApi, request_object: RequestBuilder
) -> None:
    api.script((200, request_object("PARKED", error={"code": "AccessDenied", "message": "no", "hint": "Grant it."})))
    result = avm("status", "RITM0012345")
    assert result.exit_code == 0
    assert "AccessDenied: no" in result.stderr
    assert "Grant it." in result.stderr


def test_watching_ends_with_the_vends_exit_code(avm: Avm, api: FakeApi, request_object: RequestBuilder) -> None:
    api.script((200, request_object("IN_PROGRESS")), (200, request_object("PARKED")))
    assert avm("status", "RITM0012345", "--watch").exit_code == 1


def test_watching_times_out(avm: Avm, api: FakeApi, request_object: RequestBuilder) -> None:
    api.script((200, request_object("QUEUED")))
    assert avm("status", "RITM0012345", "--watch", "--timeout", "3").exit_code == 4


def test_an_unknown_id_is_a_failure_with_the_apis_hint(avm: Avm, api: FakeApi) -> None:
    problem = {"status": 404, "code": "RequestNotFound", "detail": "There is no request X.", "hint": "See 'avm list'."}
    api.script((404, problem))
    result = avm("status", "X")
    assert result.exit_code == 1
    assert result.stdout == ""
    assert "RequestNotFound: There is no request X. (API request aws-request-1)" in result.stderr
    assert "See 'avm list'." in result.stderr
