"""``avm vend`` against an API that answers as the real one does."""

import json
import re
from pathlib import Path

import pytest

from tests.cli.fakes import Avm, FakeApi, FakeClock, RequestBuilder

PROBLEM = {
    "type": "about:blank",
    "title": "Bad Request",
    "status": 400,
    "detail": "2 fields cannot be accepted",
    "code": "InvalidRequest",
    "hint": "Correct the fields named in 'errors'.",
    "errors": [
        {"field": "type", "reason": "there is no account type 'dev'", "hint": "one of: development, sandbox"},
        {"field": "cost_center", "reason": "does not have the form that is asked for", "hint": "the pattern is ^CC-"},
    ],
}


def test_a_vend_waits_and_ends_with_the_account(
    avm: Avm, api: FakeApi, clock: FakeClock, request_object: RequestBuilder, request_path: Path
) -> None:
    api.script(
        (202, request_object("QUEUED", steps=[], queue_position=2)),
        (200, request_object("IN_PROGRESS")),
        (200, request_object()),
    )
    result = avm("vend", str(request_path))
    assert result.exit_code == 0, result.output
    for text in ("READY", "210987654321", "Dev", "aws+payments-dev-1a2b3c4d@example.com", "42.0 s"):
        assert text in result.stdout
    progress = result.stderr.splitlines()
    assert "payments-dev: QUEUED, position 2 in the queue" in progress
    assert "CreateAccount: running" in progress
    assert progress.count("CreateAccount: succeeded") == 1
    assert [f"{call.method} {call.path}" for call in api.calls] == [
        "POST /v1/requests",
        "GET /v1/requests/RITM0012345",
        "GET /v1/requests/RITM0012345",
        "GET /v1/accounts/210987654321",
    ]
    assert clock.sleeps[0] == 1.0


def test_a_vend_waits_for_approval_and_says_once_who_can_do_what(
    avm: Avm, api: FakeApi, request_object: RequestBuilder, request_path: Path
) -> None:
    waiting = request_object("PENDING_APPROVAL", steps=[])
    api.script((202, waiting), (200, waiting), (200, request_object("IN_PROGRESS")), (200, request_object()))
    result = avm("vend", str(request_path))
    assert result.exit_code == 0
    progress = result.stderr.splitlines()
    assert "payments-dev: PENDING_APPROVAL" in progress
    (line,) = (line for line in progress if line.startswith("Waits for"))
    for command in ("avm approve RITM0012345", "avm reject RITM0012345", "avm cancel RITM0012345"):
        assert command in line


def test_polling_slows_down_and_stays_below_five_seconds(
    avm: Avm, api: FakeApi, clock: FakeClock, request_object: RequestBuilder, request_path: Path
) -> None:
    api.script(*[(202, request_object("IN_PROGRESS"))] * 40, (200, request_object()))
    assert avm("vend", str(request_path)).exit_code == 0
    assert clock.sleeps == sorted(clock.sleeps)
    assert clock.sleeps[-1] == 5.0


def test_the_body_is_the_files_mapping_and_the_key_is_a_ulid_said_first(
    avm: Avm, api: FakeApi, request_object: RequestBuilder, request_path: Path
) -> None:
    api.script((202, request_object()))
    result = avm("vend", str(request_path), "--no-wait")
    sent = api.calls[0]
    assert sent.body == {
        "name": "payments-dev",
        "type": "development",
        "owner": "jane.doe@example.com",
        "cost_center": "CC-1042",
        "purpose": "Card payments",
    }
    key = sent.headers["idempotency-key"]
    assert re.fullmatch(r"[0-7][0-9A-HJKMNP-TV-Z]{25}", key)
    assert result.stderr.splitlines()[0] == f"Request {key}"


def test_every_invocation_has_another_key(
    avm: Avm, api: FakeApi, request_object: RequestBuilder, request_path: Path
) -> None:
    api.script((202, request_object()))
    avm("vend", str(request_path), "--no-wait")
    avm("vend", str(request_path), "--no-wait")
    first, second = (call.headers["idempotency-key"] for call in api.calls if call.method == "POST")
    assert first != second
    assert first[:6] == second[:6], "the time comes first, so that ids sort by age"


def test_a_request_id_of_the_authors_is_the_only_key(
    avm: Avm, api: FakeApi, request_object: RequestBuilder, request_path: Path
) -> None:
    request_path.write_text(request_path.read_text() + "request_id: RITM0012345\n")
    api.script((202, request_object()))
    result = avm("vend", str(request_path))
    assert api.calls[0].body["request_id"] == "RITM0012345"
    assert "idempotency-key" not in api.calls[0].headers
    assert result.stderr.startswith("Request RITM0012345\n")


def test_a_lost_answer_is_sent_again_with_the_same_key(
    avm: Avm, api: FakeApi, request_object: RequestBuilder, request_path: Path
) -> None:
    api.script((502, {"message": "Internal server error"}), (503, ""), (200, request_object()))
    result = avm("vend", str(request_path))
    assert result.exit_code == 0
    posts = [call for call in api.calls if call.method == "POST"]
    assert len(posts) == 3
    assert len({call.headers["idempotency-key"] for call in posts}) == 1


def test_a_ready_account_is_no_failure_when_its_ou_cannot_be_read(
    avm: Avm, api: FakeApi, request_object: RequestBuilder, request_path: Path
) -> None:
    api.script((202, request_object()))
    api.account = (404, {"code": "AccountNotFound", "detail": "there is no account"})
    result = avm("vend", str(request_path))
    assert result.exit_code == 0
    assert "210987654321" in result.stdout
    assert "AccountNotFound: there is no account" in result.stderr


def test_json_is_the_api_object_and_nothing_else(
    avm: Avm, api: FakeApi, request_object: RequestBuilder, request_path: Path
) -> None:
    api.script((202, request_object("IN_PROGRESS")), (200, request_object()))
    result = avm("vend", str(request_path), "--json")
    assert json.loads(result.stdout) == request_object()
    assert result.exit_code == 0


def test_no_wait_returns_what_was_accepted(
    avm: Avm, api: FakeApi, request_object: RequestBuilder, request_path: Path
) -> None:
    api.script((202, request_object("QUEUED", steps=[])))
    result = avm("vend", str(request_path), "--no-wait", "--json")
    assert result.exit_code == 0
    assert json.loads(result.stdout)["status"] == "QUEUED"
    assert len(api.calls) == 1


def test_standard_input_is_a_request_too(
    avm: Avm, api: FakeApi, request_object: RequestBuilder, request_path: Path
) -> None:
    api.script((202, request_object()))
    assert avm("vend", "-", input=request_path.read_text()).exit_code == 0
    assert api.calls[0].body["name"] == "payments-dev"


@pytest.mark.parametrize(("status", "code"), [("PARKED", 1), ("REJECTED", 3)])
def test_a_vend_that_fails_ends_with_code_message_and_hint(
    avm: Avm, api: FakeApi, request_object: RequestBuilder, request_path: Path, *, status: str, code: int
) -> None:
    error = {"code": "PrincipalNotFound", "message": "There is no group [x].", "hint": "Create the group."}
    api.script((202, request_object("IN_PROGRESS")), (200, request_object(status, error=error)))
    result = avm("vend", str(request_path))
    assert result.exit_code == code
    assert "PrincipalNotFound: There is no group [x]." in result.stderr
    assert "Create the group." in result.stderr


def test_a_cancelled_request_counts_as_rejected(
    avm: Avm, api: FakeApi, request_object: RequestBuilder, request_path: Path
) -> None:
    api.script((202, request_object("PENDING_APPROVAL")), (200, request_object("CANCELLED")))
    assert avm("vend", str(request_path)).exit_code == 3


def test_a_time_out_ends_the_waiting_not_the_vend(
    avm: Avm, api: FakeApi, clock: FakeClock, request_object: RequestBuilder, request_path: Path
) -> None:
    api.script((202, request_object("IN_PROGRESS")))
    result = avm("vend", str(request_path), "--timeout", "7.5", "--json")
    assert result.exit_code == 4
    assert json.loads(result.stdout)["status"] == "IN_PROGRESS"
    assert "avm status RITM0012345 --watch" in result.stderr
    assert sum(clock.sleeps) == pytest.approx(7.5)


def test_ctrl_c_tells_how_to_follow_the_vend(
    avm: Avm, api: FakeApi, clock: FakeClock, request_object: RequestBuilder, request_path: Path
) -> None:
    def interrupt() -> None:
        raise KeyboardInterrupt

    clock.on_sleep = interrupt
    api.script((202, request_object("IN_PROGRESS")))
    result = avm("vend", str(request_path))
    key = api.calls[0].headers["idempotency-key"]
    assert result.exit_code == 130
    assert f"avm status {key} --watch" in result.stderr


def test_all_problems_of_a_request_are_shown(avm: Avm, api: FakeApi, request_path: Path) -> None:
    api.script((400, PROBLEM))
    result = avm("vend", str(request_path))
    assert result.exit_code == 2
    assert result.stdout == ""
    assert "InvalidRequest: fields that cannot be accepted: 2 (API request aws-request-1)" in result.stderr
    rows = [line for line in result.stderr.splitlines() if line.startswith(("type", "cost_center"))]
    assert len(rows) == 2
    assert "there is no account type 'dev'" in rows[0]
    assert "one of: development, sandbox" in rows[0]
    assert len(api.calls) == 1, "what is refused is not sent again"


def test_a_conflicting_request_is_bad_input(avm: Avm, api: FakeApi, request_path: Path) -> None:
    api.script(
        (409, {"status": 409, "code": "RequestConflict", "detail": "used with another body", "hint": "Use a new id."})
    )
    result = avm("vend", str(request_path))
    assert result.exit_code == 2
    assert "RequestConflict: used with another body (API request aws-request-1)" in result.stderr
    assert "Use a new id." in result.stderr


def test_an_api_that_goes_away_leaves_the_way_to_follow(
    avm: Avm, api: FakeApi, request_object: RequestBuilder, request_path: Path
) -> None:
    api.script((202, request_object("IN_PROGRESS")), (503, {"message": "Service Unavailable"}))
    result = avm("vend", str(request_path))
    assert result.exit_code == 1
    assert "The vend goes on; follow it with: avm status RITM0012345 --watch" in result.stderr
    assert "HTTP 503: Service Unavailable" in result.stderr


def test_an_invalid_file_reaches_no_api(avm: Avm, api: FakeApi, request_path: Path) -> None:
    request_path.write_text("name: a\nname: b\n")
    result = avm("vend", str(request_path))
    assert result.exit_code == 2
    assert "payments.yaml:2: 'name' is given twice (first in line 1)" in result.stderr
    assert api.calls == []


def test_a_negative_time_out_is_bad_usage(avm: Avm, request_path: Path) -> None:
    assert avm("vend", str(request_path), "--timeout", "-1").exit_code == 2
