"""Steps as people see them, made from an execution's history."""

from typing import Any

from avm.domain.workflow import ADOPTION_STEPS, VEND_STEPS, ended_steps, planned_steps, steps_from_history


def entered(name: str, at: str) -> dict[str, Any]:
    return {"type": "TaskStateEntered", "timestamp": at, "stateEnteredEventDetails": {"name": name}}


def exited(name: str, at: str) -> dict[str, Any]:
    return {"type": "TaskStateExited", "timestamp": at, "stateExitedEventDetails": {"name": name}}


STARTED = {"type": "ExecutionStarted", "timestamp": "t0"}


def status(rows: list[dict[str, Any]]) -> dict[str, str]:
    return {row["name"]: row["status"] for row in rows}


def test_a_vend_that_has_not_begun_has_all_steps_pending() -> None:
    assert [row["name"] for row in planned_steps()] == list(VEND_STEPS)
    assert {row["status"] for row in planned_steps()} == {"PENDING"}


def test_an_adoption_shows_its_own_steps() -> None:
    assert [row["name"] for row in planned_steps(adopted=True)] == list(ADOPTION_STEPS)
    history = [STARTED, entered("AdoptAccount", "t1")]
    assert status(steps_from_history(history, adopted=True))["AdoptAccount"] == "RUNNING"
    assert not {"CreateAccount", "QuarantineAccount"} & set(ADOPTION_STEPS)


def test_a_polling_step_is_one_row_that_runs_until_the_next_begins() -> None:
    history = [STARTED, entered("AwaitCreation", "t1"), exited("AwaitCreation", "t2"), entered("WaitForCreation", "t2")]
    assert status(steps_from_history(history))["AwaitCreation"] == "RUNNING"
    history += [entered("AwaitCreation", "t7"), exited("AwaitCreation", "t8"), entered("QuarantineAccount", "t9")]
    row = next(row for row in steps_from_history(history) if row["name"] == "AwaitCreation")
    assert row == {"name": "AwaitCreation", "status": "SUCCEEDED", "started_at": "t1", "ended_at": "t8"}


def test_the_step_before_an_end_step_has_failed_and_nothing_is_pending() -> None:
    history = [STARTED, entered("MoveAccount", "t1"), exited("MoveAccount", "t2"), entered("ParkAccount", "t2")]
    assert status(steps_from_history(history)) == {"MoveAccount": "FAILED", "ParkAccount": "RUNNING"}
    assert status(ended_steps(history, "ParkAccount", "t3")) == {"MoveAccount": "FAILED", "ParkAccount": "SUCCEEDED"}


def test_a_step_that_never_ended_has_failed_when_the_execution_is_over() -> None:
    history = [STARTED, entered("MoveAccount", "t1"), {"type": "ExecutionAborted", "timestamp": "t5"}]
    assert steps_from_history(history) == [
        {"name": "MoveAccount", "status": "FAILED", "started_at": "t1", "ended_at": "t5"}
    ]


def test_the_last_step_has_succeeded_when_the_execution_has() -> None:
    history = [
        STARTED,
        entered("RecordOutcome", "t1"),
        exited("RecordOutcome", "t2"),
        {"type": "ExecutionSucceeded", "timestamp": "t2"},
    ]
    assert status(steps_from_history(history)) == {"RecordOutcome": "SUCCEEDED"}
