"""ParkAccount."""

import json
from typing import Any

import pytest

from avm.domain.errors import ERRORS
from avm.steps import park_account
from avm.steps.park_account import Input, true_cause
from tests.unit.steps.conftest import World


@pytest.fixture(autouse=True)
def no_history(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("avm.aws.step_functions.Workflows.history", lambda *_: None)


def failure(error: str, cause: str) -> dict[str, Any]:
    return {"failed_state": "MoveAccount", "error": error, "cause": cause}


def test_the_account_is_held_and_the_cause_recorded(world: World) -> None:
    record, account_id = world.created()
    cause = json.dumps({"errorMessage": "MoveAccount: AccessDeniedException: no", "errorType": "AccessDenied"})
    output = world.run(park_account, record, **failure("AccessDenied", cause))
    assert (output.code, output.message) == ("AccessDenied", "MoveAccount: AccessDeniedException: no")
    assert world.catalog.quarantine.aws_name in world.organizations.attached_scps(account_id)
    stored, account = world.table.request(record.request_id), world.table.account(account_id)
    assert account is not None
    assert (stored.status, account.status) == ("PARKED", "PARKED")
    assert stored.error is not None
    assert stored.error["code"] == "AccessDenied"
    assert stored.error["hint"]


def test_a_request_without_an_account_is_parked_too(world: World) -> None:
    record = world.accepted()
    world.run(park_account, record, **failure("Throttled", "{}"))
    assert world.table.request(record.request_id).status == "PARKED"


def test_a_released_account_is_not_held_again(world: World) -> None:
    record, account_id = world.created()
    world.organizations.tag(account_id, {"avm:released-at": world.now()})
    world.run(park_account, record, **failure("Throttled", "{}"))
    assert world.catalog.quarantine.aws_name not in world.organizations.attached_scps(account_id)


@pytest.mark.parametrize(
    ("error", "cause", "code", "message"),
    [
        ("Throttled", '{"errorMessage": "slow"}', "Throttled", "slow"),
        (
            "Sandbox.Timedout",
            '{"errorMessage": "Task timed out"}',
            "UnexpectedError",
            "MoveAccount: Sandbox.Timedout: Task timed out",
        ),
        ("States.Timeout", "", "UnexpectedError", "MoveAccount: States.Timeout: "),
        ("States.QueryEvaluationError", "words", "UnexpectedError", "MoveAccount: States.QueryEvaluationError: words"),
        ("StillPending", "after 3 looks", "StillPending", "after 3 looks"),
    ],
)
def test_the_true_cause_is_told(error: str, cause: str, code: str, message: str) -> None:
    step = Input.model_validate({"request_id": "R", "attempt": 1, "time": "t", **failure(error, cause)})
    told = true_cause(step)
    assert (told["code"], told["message"]) == (code, message)
    assert told["hint"] == ERRORS[code].hint
