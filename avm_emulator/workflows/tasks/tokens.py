"""Task tokens: a task that waits to be told how it ended, and the one answer that it takes."""

from __future__ import annotations

import json
import threading
from typing import Any

from moto.stepfunctions.parser.asl.eval.callback.callback import (
    CallbackEndpoint,
    CallbackOutcome,
    CallbackOutcomeFailure,
    CallbackOutcomeFailureError,
    CallbackOutcomeSuccess,
    CallbackPoolManager,
    HeartbeatTimeoutError,
)

from avm_emulator.clock_threads import ClockEvent
from avm_emulator.errors import AwsError
from avm_emulator.workflows import running
from avm_emulator.workflows.limits import require_state_data
from avm_emulator.workflows.patching import replace


class TaskEndedError(Exception):
    """The program of a waiting task has ended (stopped, timed out, failed in a sibling); nobody needs its result."""


class TaskToken(CallbackEndpoint):
    """One token: open until its answer, or until its task no longer waits."""

    def __init__(self, token: str) -> None:
        """Begin open."""
        super().__init__(callback_id=token)
        self._changed = ClockEvent(running.clock())
        self._lock = threading.Lock()
        self._closed = False
        self._heartbeats = 0

    def answer(self, outcome: CallbackOutcome) -> None:
        """Take the first answer; raise the AWS error TaskTimedOut for any later one."""
        with self._lock:
            self._refuse_when_closed()
            self._closed = True
            self._outcome = outcome
        self._changed.set()

    def heartbeat(self) -> None:
        """Start the interval of the heartbeat again; raise the AWS error TaskTimedOut when nobody waits."""
        with self._lock:
            self._refuse_when_closed()
            self._heartbeats += 1
        self._changed.set()

    def close(self) -> None:
        """Refuse answers from now on."""
        with self._lock:
            self._closed = True

    def wait(self, env: Any, heartbeat_seconds: float | None) -> Any:
        """Wait for the answer and return its output.

        Raises:
            HeartbeatTimeoutError: no heartbeat came in time.
            CallbackOutcomeFailureError: the answer is a failure.
            TaskEndedError: the program of the state has ended.
        """
        env.program_state_event.also_set(self._changed)
        try:
            while self._outcome is None:
                heartbeats = self._heartbeats
                self._changed.clear()
                if not env.is_running():
                    raise TaskEndedError
                if self._outcome is None and heartbeats == self._heartbeats:
                    in_time = self._changed.wait(heartbeat_seconds, kind="timeout")
                    if not in_time and self._outcome is None and heartbeats == self._heartbeats:
                        raise HeartbeatTimeoutError
        finally:
            self.close()
        if isinstance(self._outcome, CallbackOutcomeFailure):
            raise CallbackOutcomeFailureError(self._outcome)
        return json.loads(self._outcome.output)

    def _refuse_when_closed(self) -> None:
        if self._closed:
            # The message of AWS for an answer that comes too late or twice.
            raise AwsError("TaskTimedOut", "Task Timed Out: 'Provided task does not exist anymore'")


def send_success(backend: Any, token: str, output: str) -> None:
    """Answer a task with its output (JSON text); raise InvalidToken, InvalidOutput or TaskTimedOut."""
    waiting = _token(backend, token)
    require_state_data("output", output)
    try:
        json.loads(output)
    except ValueError as error:
        raise AwsError("InvalidOutput", f"Invalid Output: '{error}'") from error
    waiting.answer(CallbackOutcomeSuccess(callback_id=token, output=output))


def send_failure(backend: Any, token: str, error: str | None, cause: str | None) -> None:
    """Answer a task with an error; raise InvalidToken or TaskTimedOut."""
    _token(backend, token).answer(CallbackOutcomeFailure(callback_id=token, error=error, cause=cause))


def send_heartbeat(backend: Any, token: str) -> None:
    """Say that a task is still worked on; raise InvalidToken or TaskTimedOut."""
    _token(backend, token).heartbeat()


def _token(backend: Any, token: str) -> TaskToken:
    for execution in backend._get_executions():
        found: TaskToken | None = execution.exec_worker.env.callback_pool_manager.get(callback_id=token)
        if found is not None:
            return found
    raise AwsError("InvalidToken", "Invalid Token: 'Invalid token'")


def _add(pool: CallbackPoolManager, callback_id: str) -> TaskToken:
    token = TaskToken(callback_id)
    pool._pool[callback_id] = token
    return token


def apply() -> None:
    """Repair moto's tokens: real time, the last answer wins, the same token in every retry, no end with the state."""
    replace(CallbackPoolManager, "add", _add)
