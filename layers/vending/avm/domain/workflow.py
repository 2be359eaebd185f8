"""The steps of a vend as people see them, in order; a test keeps them equal to the main path of the state machine."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

VEND_STEPS = (
    "ValidateRequest",
    "ReserveAccount",
    "JoinCreationQueue",
    "AcquireCreationSlot",
    "CreateAccount",
    "AwaitCreation",
    "ReleaseCreationSlot",
    "QuarantineAccount",
    "MoveAccount",
    "AwaitReadiness",
    "CreateVendingRoles",
    "RestrictBootstrap",
    "EnforceControls",
    "AcquireAccessSlot",
    "AssignAccess",
    "ReleaseAccessSlot",
    "VerifyControls",
    "ReleaseAccount",
    "RecordOutcome",
)

SOMETIMES_STEPS = ("RequestApproval",)
"""Steps of some vends only: shown once they are reached."""

ADOPTION_STEPS = (
    *VEND_STEPS[: VEND_STEPS.index("JoinCreationQueue")],
    "AdoptAccount",
    *VEND_STEPS[VEND_STEPS.index("MoveAccount") :],
)
"""The steps of an adoption: the account is there and in use, so it is neither created nor quarantined."""

END_STEPS = ("RejectRequest", "ParkAccount")
"""Steps that only a vend that goes wrong reaches."""

_SHOWN = frozenset((*VEND_STEPS, *ADOPTION_STEPS, *SOMETIMES_STEPS, *END_STEPS))
_OVER = frozenset({"ExecutionSucceeded", "ExecutionFailed", "ExecutionAborted", "ExecutionTimedOut"})


def steps_from_history(events: Sequence[Mapping[str, Any]], *, adopted: bool = False) -> list[dict[str, Any]]:
    """Return ``[{name, status, started_at, ended_at}]`` from an execution's history.

    ``events``: GetExecutionHistory's, oldest first, ``timestamp`` as text. A step that polls (its state is left and
    entered again) is one row, RUNNING until the next step begins. Steps that are not reached yet are PENDING while the
    execution runs towards them. ``adopted``: the request adopts an account.
    """
    rows: dict[str, dict[str, Any]] = {}
    left_at: dict[str, str] = {}
    current: str | None = None
    over = False
    for event in events:
        entered = event.get("stateEnteredEventDetails", {}).get("name")
        exited = event.get("stateExitedEventDetails", {}).get("name")
        if entered in _SHOWN:
            if current and current != entered:
                _end(rows[current], failed=entered in END_STEPS, at=left_at.get(current, event["timestamp"]))
            row = rows.setdefault(entered, {"name": entered, "started_at": event["timestamp"]})
            row.update(status="RUNNING", ended_at=None)
            left_at.pop(entered, None)
            current = entered
        elif exited in rows:
            left_at[exited] = event["timestamp"]
        over = over or event.get("type") in _OVER
    if over and current:
        _end(rows[current], failed=current not in left_at, at=left_at.get(current, events[-1]["timestamp"]))
    elif not any(name in rows for name in END_STEPS):
        for name in ADOPTION_STEPS if adopted else VEND_STEPS:
            rows.setdefault(name, {"name": name, "status": "PENDING", "started_at": None, "ended_at": None})
    return [{key: row[key] for key in ("name", "status", "started_at", "ended_at")} for row in rows.values()]


def ended_steps(events: Sequence[Mapping[str, Any]], last: str, at: str) -> list[dict[str, Any]]:
    """Return the steps as they stand when ``last``, the step that asks while it runs, has ended at ``at``."""
    rows = [row for row in steps_from_history(events) if row["status"] != "PENDING"]
    return [{**row, "status": "SUCCEEDED", "ended_at": at} if row["name"] == last else row for row in rows]


def planned_steps(*, adopted: bool = False) -> list[dict[str, Any]]:
    """Return all steps as PENDING: a vend, or an adoption, that has not begun."""
    return steps_from_history([], adopted=adopted)


def _end(row: dict[str, Any], *, failed: bool, at: str) -> None:
    row.update(status="FAILED" if failed else "SUCCEEDED", ended_at=at)
