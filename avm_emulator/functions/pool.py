"""The execution environments of all functions: one invocation at a time in each, started on demand, reused warm.

All of it lives in one event loop in one thread, so nothing here needs a lock. Demand drives it: an invocation that
finds no idle environment waits, and takes whichever comes first, an environment that is being started for it or one
that another invocation gives back.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import os
import tempfile
import threading
from collections import Counter, deque
from collections.abc import Callable, Coroutine, Sequence
from concurrent.futures import CancelledError
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from avm_emulator.endpoints import endpoint_variables
from avm_emulator.functions.configuration import FunctionConfiguration
from avm_emulator.functions.environment import Environment, InitializationError, Outcome
from avm_emulator.functions.zygote import PRELOADED, Zygotes

log = logging.getLogger(__name__)

_T = TypeVar("_T")

STARTING = 2 * (os.cpu_count() or 1)
"""Environments that may initialise at the same time. A start is computing (importing), so more only delay each other:
16 at once on two cores, with boto3 and pydantic, take 2.5 s with 4 as with 16 at a time, but 1.6 s instead of 2.4 s in
the mean."""
IDLE = 48
"""Idle environments that are kept; beyond that the one that has been idle longest ends. About 60 MB each."""
WORKING = 64
"""Environments that start or work at which a function that has one waits for it instead of getting another one."""


class PoolClosedError(Exception):
    """The emulator stops: nothing runs any more."""


@dataclass
class _Revision:
    """The environments of one revision of a function."""

    configuration: FunctionConfiguration
    idle: list[Environment] = field(default_factory=list)
    busy: set[Environment] = field(default_factory=set)
    waiting: deque[asyncio.Future[Environment]] = field(default_factory=deque)
    starting: int = 0


class Pool:
    """Runs invocations; every public method may be called from any thread."""

    def __init__(
        self,
        python: Path,
        endpoint_url: str,
        log_stream_name: Callable[[FunctionConfiguration], str],
        sleep: Callable[[int, float], None],
        preloaded: Sequence[str] = PRELOADED,
    ) -> None:
        """Start the thread of the pool.

        Args:
            python: interpreter of the runtime's virtual environment.
            endpoint_url: where the AWS APIs answer.
            log_stream_name: gives the name of a new environment's log stream.
            sleep: waits, in the thread that calls it, for AWS-seconds on behalf of the invocation with a number.
            preloaded: modules that processes have imported before they begin, where they can.
        """
        self._zygotes = Zygotes(python, preloaded)
        # Empty: without HOME the SDK finds the configuration of the person who runs the emulator, by way of the user
        # database. Nobody writes there, as on Lambda.
        self._home = tempfile.TemporaryDirectory(prefix="lambda-", ignore_cleanup_errors=True)
        self._variables = {**endpoint_variables(endpoint_url), "HOME": self._home.name}
        self._log_stream_name = log_stream_name
        self._sleep = sleep
        self._revisions: dict[str, _Revision] = {}
        self._environments: set[Environment] = set()  # those that have started and live
        self._idle: dict[Environment, None] = {}  # in the order in which they became idle
        self._starts: set[asyncio.Task[None]] = set()
        self._closed = False
        self._gate = threading.Lock()  # between what is asked and the end
        self._serving: dict[int, Environment] = {}  # by the number of the invocation
        self._loop = asyncio.new_event_loop()
        self._start_slots = asyncio.Semaphore(STARTING)
        self._thread = threading.Thread(target=self._loop.run_forever, name="functions", daemon=True)
        self._thread.start()

    def invoke(self, configuration: FunctionConfiguration, payload: bytes, request_id: str, number: int) -> Outcome:
        """Run one invocation, whose activity has the given number, and wait for its outcome, in real time."""
        return self._run(lambda: self._invoke(configuration, payload, request_id, number))

    def kill(self, function_name: str) -> int:
        """End all processes of a function, in the middle of their work; return how many there were."""

        async def kill() -> int:
            wanted = [e for e in self._environments if e.configuration.function_name == function_name]
            for environment in wanted:
                self._end(environment)
            return len(wanted)

        return self._run(kill)

    def serves(self, number: int) -> bool:
        """Say whether an activity is an invocation that runs in an environment now."""
        return number in self._serving

    def kill_invocation(self, number: int) -> bool:
        """End the process that runs an invocation, in the middle of its work; return whether there was one."""

        async def kill() -> bool:
            environment = self._serving.get(number)
            if environment is None:
                return False
            self._end(environment)
            return True

        return self._run(kill)

    def processes(self) -> dict[str, int]:
        """Return how many environments each function has now, by name."""

        async def count() -> dict[str, int]:
            return dict(Counter(environment.configuration.function_name for environment in self._environments))

        return self._run(count)

    def close(self) -> None:
        """End every process and the thread; invocations under way end as killed, later ones are refused."""

        async def close() -> None:
            for start in self._starts:
                start.cancel()
            for environment in list(self._environments):
                self._end(environment)
            for revision in self._revisions.values():
                while revision.waiting:
                    revision.waiting.popleft().cancel()
            others = asyncio.all_tasks() - {asyncio.current_task()}
            if others:
                _, pending = await asyncio.wait(others, timeout=5)
                for task in pending:
                    task.cancel()
            await self._zygotes.close()
            await asyncio.sleep(0)  # connections that were closed are so after the loop's next turn
            await asyncio.sleep(0)

        with self._gate:
            self._closed = True
            closing = asyncio.run_coroutine_threadsafe(close(), self._loop)
        closing.result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()
        self._home.cleanup()

    def _run(self, function: Callable[[], Coroutine[Any, Any, _T]]) -> _T:
        """Run a coroutine in the loop and wait for its result."""
        with self._gate:
            if self._closed:
                raise PoolClosedError
            running = asyncio.run_coroutine_threadsafe(function(), self._loop)
        try:
            return running.result()
        except CancelledError as error:
            raise PoolClosedError from error

    # -- inside the loop -----------------------------------------------------------------------------------------
    async def _invoke(
        self, configuration: FunctionConfiguration, payload: bytes, request_id: str, number: int
    ) -> Outcome:
        revision = self._revision(configuration)
        try:
            environment = await self._acquire(revision, request_id)
        except InitializationError as failure:
            log.warning("%s did not start: %s", configuration.function_name, failure)
            error = {**failure.error, "requestId": request_id}
            return Outcome(json.dumps(error).encode(), True, request_id, failure.log, failure.log_stream)  # noqa: FBT003
        self._serving[number] = environment
        try:
            return await environment.invoke(payload, request_id, number)
        finally:
            del self._serving[number]
            if environment in revision.busy:
                revision.busy.remove(environment)
                self._offer(revision, environment)

    async def _wait(self, number: int, seconds: float) -> None:
        """Let an invocation sleep, in a thread of its own: of those of a pool, all may wait for one that gets none."""
        woken = asyncio.Event()

        def sleep() -> None:
            self._sleep(number, seconds)
            with contextlib.suppress(RuntimeError):  # the loop is closed
                self._loop.call_soon_threadsafe(woken.set)

        threading.Thread(target=sleep, name=f"sleep of {number}", daemon=True).start()
        await woken.wait()

    def _revision(self, configuration: FunctionConfiguration) -> _Revision:
        revision = self._revisions.get(configuration.revision)
        if revision is None:
            # Environments of an older revision serve no more; those that are busy end with their invocation.
            for older in list(self._revisions.values()):
                if older.configuration.function_arn == configuration.function_arn:
                    del self._revisions[older.configuration.revision]
                    for environment in list(older.idle):
                        self._end(environment)
            revision = self._revisions[configuration.revision] = _Revision(configuration)
        return revision

    async def _acquire(self, revision: _Revision, request_id: str) -> Environment:
        while revision.idle:
            environment = revision.idle.pop()
            del self._idle[environment]
            if environment.alive:
                revision.busy.add(environment)
                return environment
            self._end(environment)
        waiting: asyncio.Future[Environment] = self._loop.create_future()
        revision.waiting.append(waiting)
        self._grow(revision, request_id)
        return await waiting

    def _grow(self, revision: _Revision, request_id: str) -> None:
        crowded = sum(len(other.busy) + other.starting for other in self._revisions.values()) >= WORKING
        if (
            not self._closed
            and revision.starting < len(revision.waiting)
            and not (crowded and (revision.busy or revision.starting))
        ):
            revision.starting += 1
            start = self._loop.create_task(self._start(revision, request_id))
            self._starts.add(start)
            start.add_done_callback(self._starts.discard)

    async def _start(self, revision: _Revision, request_id: str) -> None:
        try:
            async with self._start_slots:
                if not revision.waiting:
                    return  # served meanwhile by environments that were given back
                configuration = revision.configuration
                name = self._log_stream_name(configuration)
                environment = Environment(
                    configuration, self._zygotes, self._variables, name, request_id, sleep=self._wait
                )
                try:
                    await environment.start()
                except (InitializationError, OSError) as failure:
                    if revision.waiting:
                        revision.waiting.popleft().set_exception(failure)
                else:
                    self._environments.add(environment)
                    self._offer(revision, environment)
        finally:
            revision.starting -= 1
            self._grow(revision, request_id)

    def _offer(self, revision: _Revision, environment: Environment) -> None:
        """Give a free environment to the invocation that waits longest, or keep it."""
        if not environment.alive:
            self._end(environment)
            self._grow(revision, "")
        elif revision.waiting:
            revision.busy.add(environment)
            revision.waiting.popleft().set_result(environment)
        elif self._revisions.get(revision.configuration.revision) is not revision:
            self._end(environment)
        else:
            revision.idle.append(environment)
            self._idle[environment] = None
            if len(self._idle) > IDLE:
                self._end(next(iter(self._idle)))

    def _end(self, environment: Environment) -> None:
        """End the processes of an environment; an invocation that it serves ends as killed."""
        self._environments.discard(environment)
        self._idle.pop(environment, None)
        revision = self._revisions.get(environment.configuration.revision)
        if revision is not None:
            revision.busy.discard(environment)
            if environment in revision.idle:
                revision.idle.remove(environment)
        environment.kill()
