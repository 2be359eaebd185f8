"""One execution: it starts on the clock, ends exactly once, and says so."""

from __future__ import annotations

import threading
from datetime import datetime
from typing import Any

from moto.stepfunctions.parser.api import ExecutionStatus, HistoryEventType
from moto.stepfunctions.parser.asl.eval.event.event_detail import EventDetails
from moto.stepfunctions.parser.asl.eval.program_state import ProgramEnded, ProgramError
from moto.stepfunctions.parser.backend.execution import Execution
from moto.stepfunctions.parser.models import stepfunctions_parser_backends

from avm_emulator.clock_threads import ClockThread
from avm_emulator.timers import Timer
from avm_emulator.workflows import running
from avm_emulator.workflows.definitions.parsing import parsed_definition
from avm_emulator.workflows.encoding import to_json
from avm_emulator.workflows.failures import RUNTIME
from avm_emulator.workflows.history import MAXIMUM_EVENTS
from avm_emulator.workflows.status_events import publish_status
from avm_emulator.workflows.waiting import EndOfProgram

_NOT_TRUNCATED = {"truncated": False}


class WorkflowExecution(Execution):
    """An execution of a Standard state machine."""

    def __init__(self, **kwargs: Any) -> None:
        """Take moto's arguments."""
        super().__init__(**kwargs)
        self.ended = EndOfProgram()
        self._ending = threading.Lock()
        self._deadline: Timer | None = None
        self.version_arn: str | None = None
        self.alias_arn: str | None = None

    @property
    def progress(self) -> int:
        """Return a number that grows whenever the execution moves: of the next event of its history."""
        number: int = self.exec_worker.env.event_manager._event_id_gen._next_id
        return number

    @property
    def place(self) -> tuple[str, str]:
        """Return the state that the execution is in, and since when."""
        state = self.exec_worker.env.states.context_object.context_object_data.get("State")
        return (state["Name"], state["EnteredTime"]) if state else ("", running.iso8601(self.start_date))

    def prepare(self) -> None:
        """Make everything that ``start`` needs, so that the execution can be described, stopped and answered."""
        self.exec_worker = self._get_start_execution_worker()
        env = self.exec_worker._get_evaluation_environment()
        self.exec_worker.env = env
        context = env.states.context_object.context_object_data
        context["Execution"] |= {"StartTime": running.iso8601(self.start_date), "RedriveCount": 0}
        self._program = parsed_definition(self.state_machine.definition)
        env.next_state_name = self._program.start_at.start_at_name
        details = {"input": self.execution_input, "inputDetails": _NOT_TRUNCATED, "roleArn": self.role_arn}
        env.event_manager.add_event(
            env.event_history_context,
            HistoryEventType.ExecutionStarted,
            EventDetails(executionStartedEventDetails=details),
            update_source_event_id=False,
        )
        env.event_manager.when_full = self._history_is_full
        self.exec_status = ExecutionStatus.RUNNING

    def start(self) -> None:
        """Run the state machine in a thread that counts as an activity from now on."""
        running.emulator().stuck.opened(self)
        publish_status(self)
        timeout = self._program.timeout_seconds
        if timeout is not None:
            self._deadline = running.clock().call_later(
                timeout.timeout_seconds, self._time_out, kind="timeout", name=f"time-out of {self.exec_arn}"
            )
        ClockThread(running.clock(), target=self._run, name=self.exec_arn, daemon=True).start()

    def stop(self, stop_date: datetime | None, error: str | None, cause: str | None) -> None:
        """End as ABORTED at once; nothing happens when it has ended already."""
        del stop_date  # that of the clock counts
        details = {key: value for key, value in (("error", error), ("cause", cause)) if value is not None}
        if self._end(
            ExecutionStatus.ABORTED, HistoryEventType.ExecutionAborted, "executionAborted", details, previous=0
        ):
            self.exec_worker.env.set_stop(stop_date=self.stop_date, cause=cause, error=error)

    def abandon(self) -> None:
        """End the threads of an execution that runs; its emulator stops."""
        env = self.exec_worker.env
        env.set_stop(stop_date=None, cause=None, error=None)

    def history(self) -> list[dict[str, Any]]:
        """Return all events so far, oldest first."""
        manager = self.exec_worker.env.event_manager
        with manager._mutex:  # moto's own way copies every event deeply
            return list(manager._history_event_list)

    def _run(self) -> None:
        env = self.exec_worker.env
        self._program.eval(env)
        state = env.program_state()
        if isinstance(state, ProgramEnded):
            self.output = env.states.get_input()
            details = {"output": to_json(self.output), "outputDetails": _NOT_TRUNCATED}
            self._end(ExecutionStatus.SUCCEEDED, HistoryEventType.ExecutionSucceeded, "executionSucceeded", details)
        elif isinstance(state, ProgramError):
            details = dict(state.error or {})
            self._end(ExecutionStatus.FAILED, HistoryEventType.ExecutionFailed, "executionFailed", details)

    def _time_out(self) -> None:
        if self._end(
            ExecutionStatus.TIMED_OUT, HistoryEventType.ExecutionTimedOut, "executionTimedOut", {}, previous=0
        ):
            self.exec_worker.env.set_timed_out()

    def _history_is_full(self) -> None:
        cause = f"The execution reached the maximum number of history events ({MAXIMUM_EVENTS})."
        details: Any = {"error": RUNTIME, "cause": cause}
        if self._end(ExecutionStatus.FAILED, HistoryEventType.ExecutionFailed, "executionFailed", details):
            self.exec_worker.env.set_error(error=details)

    def _end(
        self,
        status: ExecutionStatus,
        event_type: HistoryEventType,
        kind: str,
        details: dict[str, Any],
        previous: int | None = None,
    ) -> bool:
        """End with ``status``, as the first or not at all; answer which.

        Args:
            status: how it ended.
            event_type: the last event of the history.
            kind: the name of the event's details.
            details: they hold the error and the cause, if there are any.
            previous: the event that led to the last one, where it is not the last state's.
        """
        env = self.exec_worker.env
        with self._ending:
            if self.exec_status != ExecutionStatus.RUNNING:
                return False
            if previous is not None:
                env.event_history_context.source_event_id = previous
            event_details = EventDetails(**{f"{kind}EventDetails": details})
            env.event_manager.add_event(env.event_history_context, event_type, event_details)
            env.event_manager.closed = True
            self.stop_date = running.now()
            self.error, self.cause = details.get("error"), details.get("cause")
            self.exec_status = status
        if self._deadline is not None:
            self._deadline.cancel()
        running.emulator().stuck.closed(self.exec_arn, succeeded=status == ExecutionStatus.SUCCEEDED)
        publish_status(self)
        self.ended.set()
        return True


def execution_by_arn(arn: str) -> WorkflowExecution:
    """Return an execution of any account and Region; raise the AWS error ExecutionDoesNotExist."""
    _, _, _, region, account, *_ = arn.split(":")
    found: WorkflowExecution = stepfunctions_parser_backends[account][region].describe_execution(execution_arn=arn)
    return found
