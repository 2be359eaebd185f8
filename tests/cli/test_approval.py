"""``avm approve``, ``avm reject`` and ``avm cancel``."""

import json
from typing import Any

import pytest

from tests.cli.fakes import Avm, FakeApi, RequestBuilder

Sent = tuple[str, dict[str, Any] | None]


@pytest.mark.parametrize(
    ("arguments", "sent", "status"),
    [
        (["approve", "RITM0012345"], ("approval", {"decision": "approve"}), "QUEUED"),
        (
            ["approve", "RITM0012345", "--comment", "ok, J."],
            ("approval", {"decision": "approve", "comment": "ok, J."}),
            "QUEUED",
        ),
        (
            ["reject", "RITM0012345", "--comment", "no"],
            ("approval", {"decision": "reject", "comment": "no"}),
            "REJECTED",
        ),
        (["cancel", "RITM0012345"], ("cancel", None), "CANCELLED"),
    ],
)
def test_a_decision_is_sent_once_and_the_request_is_shown(
    avm: Avm, api: FakeApi, request_object: RequestBuilder, arguments: list[str], *, sent: Sent, status: str
) -> None:
    api.script((200, request_object(status)))
    result = avm(*arguments)
    assert result.exit_code == 0, "what was asked for is done"
    assert status in result.stdout
    (call,) = api.calls
    assert (call.method, call.path, call.body) == ("POST", f"/v1/requests/RITM0012345/{sent[0]}", sent[1])


@pytest.mark.parametrize("command", ["approve", "reject", "cancel", "retry"])
def test_json_is_the_api_object_and_nothing_else(
    avm: Avm, api: FakeApi, request_object: RequestBuilder, command: str
) -> None:
    answer = request_object("READY")
    api.script((200, answer))
    assert json.loads(avm(command, "RITM0012345", "--json").stdout) == answer


@pytest.mark.parametrize("command", ["approve", "reject", "cancel", "retry", "audit"])
def test_what_the_api_refuses_is_a_failure_with_its_hint(avm: Avm, api: FakeApi, command: str) -> None:
    problem = {"status": 409, "code": "NotWaiting", "detail": "it does not wait.", "hint": "See 'avm status'."}
    api.script((409, problem))
    result = avm(command, "RITM0012345")
    assert result.exit_code == 1
    assert result.stdout == ""
    assert "NotWaiting: it does not wait." in result.stderr
    assert "See 'avm status'." in result.stderr
    assert len(api.calls) == 1


@pytest.mark.parametrize("command", ["approve", "reject", "cancel", "retry", "audit"])
def test_an_id_is_sent_as_one_part_of_the_path(
    avm: Avm, api: FakeApi, request_object: RequestBuilder, command: str
) -> None:
    api.script((200, request_object() | {"items": []}))
    avm(command, "a/../b c")
    assert api.calls[0].path.startswith("/v1/requests/a/../b c")
    assert avm(command).exit_code == 2
