"""Waiting in states: on the emulator's clock, and over at once when the program of the state has ended."""

from __future__ import annotations

import re
import threading
from datetime import datetime
from random import Random
from typing import Any

from moto.stepfunctions.parser.asl.component.common.error_name.failure_event import FailureEventException
from moto.stepfunctions.parser.asl.component.common.retry.jitter_strategy_decl import JitterStrategy, JitterStrategyDecl
from moto.stepfunctions.parser.asl.component.common.retry.max_attempts_decl import MaxAttemptsOutcome
from moto.stepfunctions.parser.asl.component.common.retry.retrier_decl import RetrierDecl
from moto.stepfunctions.parser.asl.component.common.retry.retrier_outcome import RetrierOutcome
from moto.stepfunctions.parser.asl.component.common.timeouts.heartbeat import HeartbeatSecondsJSONata
from moto.stepfunctions.parser.asl.component.common.timeouts.timeout import TimeoutSecondsJSONata
from moto.stepfunctions.parser.asl.component.state.wait.wait_function.seconds import SecondsJSONata
from moto.stepfunctions.parser.asl.component.state.wait.wait_function.timestamp import Timestamp
from moto.stepfunctions.parser.asl.component.state.wait.wait_function.wait_function import WaitFunction
from moto.stepfunctions.parser.asl.eval.environment import Environment

from avm_emulator.clock_threads import ClockEvent
from avm_emulator.workflows import running
from avm_emulator.workflows.jsonata.queries import expect
from avm_emulator.workflows.patching import replace

# RFC 3339 with an upper-case T and Z (Amazon States Language, "Timestamps").
_TIMESTAMP = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})")


class EndOfProgram(ClockEvent):
    """Set when a program (of an execution, branch or iteration) has ended; then for ever."""

    def __init__(self) -> None:
        """Begin unset, on the emulator's clock."""
        super().__init__(running.clock())
        self._followers: list[ClockEvent] = []
        self._followers_lock = threading.Lock()

    def also_set(self, event: ClockEvent) -> None:
        """Set ``event`` together with this one, so that somebody can wait for either."""
        with self._followers_lock:
            if not self.is_set():
                self._followers.append(event)
                return
        event.set()

    def set(self) -> None:
        """Wake all who wait for the end."""
        with self._followers_lock:
            super().set()
            followers, self._followers = self._followers, []
        for event in followers:
            event.set()

    def clear(self) -> None:
        """Do nothing: moto clears the event at once, which loses a wake-up; no program starts again."""


def pause(env: Any, seconds: float) -> None:
    """Let AWS-seconds pass in a state: work that the clock may jump to; less when the program ends meanwhile."""
    if seconds > 0:
        env.program_state_event.wait(seconds, kind="work")


def timestamp_of(timestamp: str) -> datetime | None:
    """Return the time that a Timestamp of the language means; None when it is none."""
    if not _TIMESTAMP.fullmatch(timestamp):
        return None
    try:
        return datetime.fromisoformat(timestamp)
    except ValueError:
        return None


def _seconds_until(wait: Timestamp, env: Any) -> float:
    wait.string.eval(env=env)
    text = env.stack.pop()
    moment = timestamp_of(text) if isinstance(text, str) else None
    if moment is None:
        raise FailureEventException(wait._create_failure_event(env, text))
    return moment.timestamp() - running.clock().now()


def _wait_interval(_: WaitFunction, env: Any, wait_seconds: float) -> None:
    pause(env, wait_seconds)


def _jsonata_seconds(declaration: Any, env: Any) -> int:
    seconds: int = expect(env, declaration.string_jsonata, "integer", int)
    return seconds


def _retry(retrier: RetrierDecl, env: Any) -> None:
    retrier.error_equals.eval(env)
    if not env.stack.pop():
        env.stack.append(RetrierOutcome.Skipped)
        return
    retrier.max_attempts.eval(env=env)
    if env.stack.pop() == MaxAttemptsOutcome.EXHAUSTED:
        env.stack.append(RetrierOutcome.Failed)
        return
    for step in (retrier.interval_seconds, retrier.backoff_rate, retrier.max_delay_seconds, retrier.jitter_strategy):
        step.eval(env=env)
    pause(env, env.stack.pop())
    env.stack.append(RetrierOutcome.Executed)


def _jitter(declaration: JitterStrategyDecl, env: Any) -> None:
    """Replace the interval on the stack by a random part of it, which is the same in each run with one seed."""
    if declaration.jitter_strategy == JitterStrategy.NONE:
        return
    context = env.states.context_object.context_object_data
    item = context.get("Map", {}).get("Item", {}).get("Index")
    retry = context["Execution"]["Name"], context["State"]["Name"], item, context["State"]["RetryCount"]
    random = Random(repr((running.emulator().random_seed, *retry)))  # noqa: S311  repeatable on purpose
    env.stack.append(random.uniform(0, env.stack.pop()))


_original_init = Environment.__init__


def _init(env: Environment, *args: Any, **kwargs: Any) -> None:
    _original_init(env, *args, **kwargs)
    env.program_state_event = EndOfProgram()


def apply() -> None:
    """Repair moto's waiting.

    It waits in real time, takes UTC for local time and anything for seconds, nobody can stop its retries, and no two
    runs are alike.
    """
    replace(Environment, "__init__", _init)
    replace(WaitFunction, "_wait_interval", _wait_interval)
    replace(SecondsJSONata, "_get_wait_seconds", _jsonata_seconds)
    replace(TimeoutSecondsJSONata, "_eval_seconds", _jsonata_seconds)
    replace(HeartbeatSecondsJSONata, "_eval_seconds", _jsonata_seconds)
    replace(Timestamp, "_get_wait_seconds", _seconds_until)
    replace(Timestamp, "_from_timestamp_string", staticmethod(timestamp_of))
    replace(RetrierDecl, "_eval_body", _retry)
    replace(JitterStrategyDecl, "_eval_body", _jitter)
