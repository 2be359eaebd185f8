"""``avm dead-letters``."""

import json
from typing import Any

import pytest

from tests.cli.fakes import Avm, FakeApi


def letter(number: int, **changes: Any) -> dict[str, Any]:
    return {
        "id": f"m-{number}",
        "queue": "requests",
        "time": "2026-11-23T10:00:00.000Z",
        "code": "NameTaken",
        "reason": "the account name 'x' is taken",
        "request_id": f"R{number}",
        "body": "{}",
        **changes,
    }


GONE = (404, {"status": 404, "code": "DeadLetterNotFound", "detail": "no letter.", "hint": "List them."})


def test_letters_are_rows_with_their_reason(avm: Avm, api: FakeApi) -> None:
    moved = letter(2, code=None, reason=None, request_id=None)
    api.script((200, {"items": [letter(1), moved], "cursor": None}))
    result = avm("dead-letters", "list")
    assert result.exit_code == 0
    rows = [line.split() for line in result.stdout.splitlines()]
    assert rows[1][:5] == ["m-1", "requests", "2026-11-23T10:00:00.000Z", "R1", "NameTaken"]
    assert "the account name 'x' is taken" in result.stdout
    assert rows[2] == ["m-2", "requests", "2026-11-23T10:00:00.000Z"]


def test_json_is_the_api_object_and_nothing_else(avm: Avm, api: FakeApi) -> None:
    page = {"items": [letter(1)], "cursor": None}
    api.script((200, page), (202, letter(1)))
    assert json.loads(avm("dead-letters", "list", "--json").stdout) == page
    assert json.loads(avm("dead-letters", "replay", "m-1", "--json").stdout) == letter(1)


def test_one_letter_is_sent_back(avm: Avm, api: FakeApi) -> None:
    api.script((202, letter(1)))
    result = avm("dead-letters", "replay", "m-1")
    assert (result.exit_code, result.stdout) == (0, "")
    assert "Sent back to requests: m-1" in result.stderr
    assert [(call.method, call.path) for call in api.calls] == [("POST", "/v1/dead-letters/m-1/replay")]


def test_all_letters_are_sent_back_and_each_once(avm: Avm, api: FakeApi) -> None:
    api.script((200, {"items": [letter(1), letter(2)], "cursor": None}), (202, letter(1)), (202, letter(2)))
    result = avm("dead-letters", "replay", "--all", "--json")
    assert result.exit_code == 0
    assert json.loads(result.stdout) == {"items": [letter(1), letter(2)], "cursor": None}
    assert [call.path for call in api.calls] == [
        "/v1/dead-letters",
        "/v1/dead-letters/m-1/replay",
        "/v1/dead-letters/m-2/replay",
    ]


def test_one_that_cannot_be_sent_back_keeps_none_of_the_others(avm: Avm, api: FakeApi) -> None:
    api.script((200, {"items": [letter(1), letter(2)], "cursor": None}), GONE, (202, letter(2)))
    result = avm("dead-letters", "replay", "--all", "--json")
    assert result.exit_code == 1
    assert json.loads(result.stdout)["items"] == [letter(2)]
    assert "DeadLetterNotFound: no letter." in result.stderr
    assert "Not sent back: 1; sent back: 1." in result.stderr


def test_a_letter_that_is_not_there_is_a_failure(avm: Avm, api: FakeApi) -> None:
    api.script(GONE)
    result = avm("dead-letters", "replay", "m-1")
    assert result.exit_code == 1
    assert "List them." in result.stderr


@pytest.mark.parametrize("arguments", [[], ["m-1", "--all"]])
def test_which_letters_is_said_in_one_way(avm: Avm, api: FakeApi, arguments: list[str]) -> None:
    assert avm("dead-letters", "replay", *arguments).exit_code == 2
    assert api.calls == []
