"""``avm audit``."""

import json

from tests.cli.fakes import Avm, FakeApi

ITEMS = [
    {"time": "2026-11-23T10:00:00.000Z", "actor": "arn:x", "action": "RequestAccepted", "details": {"door": "queue"}},
    {"time": "2026-11-23T10:00:01.000Z", "actor": "workflow", "action": "VendStarted", "details": {"attempt": 2}},
    {"time": "2026-11-23T10:00:02.000Z", "actor": "workflow", "action": "AccountReady", "details": {}},
]


def test_what_happened_is_a_row_each_oldest_first(avm: Avm, api: FakeApi) -> None:
    api.script((200, {"items": ITEMS}))
    result = avm("audit", "RITM0012345")
    assert result.exit_code == 0
    rows = [line.split() for line in result.stdout.splitlines()]
    assert rows[1:] == [
        ["2026-11-23T10:00:00.000Z", "arn:x", "RequestAccepted", "door:", "queue"],
        ["2026-11-23T10:00:01.000Z", "workflow", "VendStarted", "attempt:", "2"],
        ["2026-11-23T10:00:02.000Z", "workflow", "AccountReady"],
    ]
    assert api.calls[0].path == "/v1/requests/RITM0012345/audit"


def test_json_is_the_api_object_and_nothing_else(avm: Avm, api: FakeApi) -> None:
    api.script((200, {"items": ITEMS}))
    assert json.loads(avm("audit", "RITM0012345", "--json").stdout) == {"items": ITEMS}
