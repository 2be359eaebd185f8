"""One execution environment: a process of the managed runtime that serves one invocation at a time.

The process is AWS's own runtime client (``python -m awslambdaric``) in a virtual environment that holds only what the
managed runtime holds. A dependency that neither the code nor a layer brings along fails as on AWS, with
``Runtime.ImportModuleError``. It sees no variable of the emulator's own process; the only trace of the emulator are
the SDKs' own variables that name endpoints (``endpoints.py``).
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import math
import os
import signal
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from avm_emulator.functions.configuration import FunctionConfiguration
from avm_emulator.functions.runtime_api import Invocation, Result, RuntimeApi, Sleep
from avm_emulator.functions.zygote import Process, Zygotes
from avm_emulator.tracing import trace_of

INIT_TIMEOUT = 10.0
"""Seconds of the init phase; then Lambda starts it again within the function's own time-out."""
_USER_TIME, _SYSTEM_TIME = 11, 12
"""Fields of /proc/PID/stat, counted after the name of the process."""
MAXIMUM_RESPONSE = 6_291_556
"""Bytes of the answer of a synchronous invocation."""


@dataclass(frozen=True)
class Outcome:
    """What became of one invocation."""

    payload: bytes
    is_error: bool
    request_id: str
    log: list[str]
    """The lines of the log stream that belong to it, START to REPORT, and what was written since the one before."""
    log_stream: str
    duration: float = 0.0
    """Seconds that the handler took."""
    cpu: float = 0.0
    """Seconds of the processor in the process since the invocation before, its start included."""


class InitializationError(Exception):
    """The environment did not come up; ``error`` is ``{errorMessage, errorType, stackTrace}``."""

    def __init__(self, error: dict[str, Any], log: list[str], log_stream: str) -> None:
        """Keep what the invoker is told and what belongs in the log."""
        super().__init__(error["errorMessage"])
        self.error = error
        self.log = log
        self.log_stream = log_stream


class Environment:
    """A process and its Runtime API; use it inside the pool's event loop only."""

    def __init__(
        self,
        configuration: FunctionConfiguration,
        zygotes: Zygotes,
        variables: Mapping[str, str],
        log_stream: str,
        request_id: str,
        *,
        sleep: Sleep,
    ) -> None:
        """Make the environment; ``start`` brings it up.

        Args:
            configuration: what runs.
            zygotes: where processes come from.
            variables: what the processes of all functions see.
            log_stream: name of its log stream.
            request_id: the invocation that it is started for, for messages.
            sleep: what a function that sleeps waits for.
        """
        self._sleep = sleep
        self.configuration = configuration
        self.log_stream = log_stream
        self._zygotes = zygotes
        self._variables = variables
        self._request_id = request_id
        self._lines: list[str] = []
        self._partial = b""
        self._output = -1
        self._init_seconds: float | None = None
        self._killed = False
        self._cpu = 0.0
        self._process: Process

    @property
    def alive(self) -> bool:
        """Whether the process runs and nobody has ended it."""
        return not self._killed and not self._process.exit.done()

    async def start(self) -> None:
        """Start the process and wait until the handler's module is imported.

        Raises:
            InitializationError: the runtime reported an error, ended, or took too long.
        """
        began = time.perf_counter()
        self._api = RuntimeApi(self._sleep)
        platform = {
            **self._variables,
            "AWS_LAMBDA_LOG_STREAM_NAME": self.log_stream,
            "AWS_LAMBDA_RUNTIME_API": await self._api.start(),
        }
        self._output, write_end = os.pipe()
        os.set_blocking(self._output, False)
        asyncio.get_running_loop().add_reader(self._output, self._read_output)
        try:
            variables = self.configuration.environment_variables(platform)
            self._process = await self._zygotes.fork(
                self.configuration.handler, self.configuration.task_root, variables, write_end
            )
        except BaseException:  # no such interpreter, or the pool closes
            self._close()
            raise
        finally:
            os.close(write_end)
        limit = INIT_TIMEOUT + self.configuration.timeout
        try:
            await _first_of(self._api.initialized, self._process.exit, timeout=limit)
        except asyncio.CancelledError:  # the pool closes
            self.kill()
            raise
        error = self._initialization_error(limit)
        if error is not None:
            self.kill()
            self._end_line()
            raise InitializationError(error, self._take_lines(), self.log_stream)
        self._init_seconds = time.perf_counter() - began

    async def invoke(self, payload: bytes, request_id: str, number: int) -> Outcome:
        """Run the handler once; what goes wrong in it is the outcome's error, never an exception here.

        ``number`` is that of the invocation's activity on the clock.
        """
        configuration = self.configuration
        loop = asyncio.get_running_loop()
        invocation = Invocation(
            payload,
            configuration.function_arn,
            time.time() + configuration.timeout,
            loop.create_future(),
            request_id,
            trace_of(number),
            number,
            configuration.timeout,
            loop.create_future(),
        )
        self._read_output()
        self._lines.append(f"START RequestId: {request_id} Version: {configuration.version}")
        began = time.perf_counter()
        self._api.send(invocation)
        ends = invocation.result, self._process.exit, invocation.overslept
        await _first_of(*ends, timeout=configuration.timeout)
        seconds = time.perf_counter() - began
        result, status = self._result(invocation)
        memory = self._max_memory_used()
        cpu = self._cpu_since_last_time(seconds)
        if status is not None:
            self.kill()
        self._read_output()
        self._end_line()
        self._lines.append(f"END RequestId: {request_id}")
        self._lines.append(self._report(request_id, seconds, memory, status))
        return Outcome(result.payload, result.is_error, request_id, self._take_lines(), self.log_stream, seconds, cpu)

    def kill(self) -> None:
        """End the process, its children and its port at once; harmless when repeated."""
        if not self._killed:  # once only: later the number may belong to another process
            self._killed = True
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._close()

    def _close(self) -> None:
        self._api.close()
        self._read_output()
        self._close_output()

    # -- what becomes of it --------------------------------------------------------------------------------------
    def _initialization_error(self, limit: float) -> dict[str, Any] | None:
        if self._api.initialized.done():
            error = self._api.initialized.result()
            return None if error is None else {**error, "requestId": self._request_id}
        if self._process.exit.done():
            return _error("Runtime.ExitError", self._request_id, self._exit_reason())
        return _error("Sandbox.Timedout", self._request_id, f"Error: Task timed out after {limit:.2f} seconds")

    def _result(self, invocation: Invocation) -> tuple[Result, str | None]:
        """Return the result and, if the environment is of no more use, the status in the report."""
        request_id = invocation.request_id
        if invocation.result.done():
            result = invocation.result.result()
            if len(result.payload) > MAXIMUM_RESPONSE:
                message = f"Response payload size exceeded maximum allowed payload size ({MAXIMUM_RESPONSE} bytes)."
                error = {"errorMessage": message, "errorType": "Function.ResponseSizeTooLarge"}
                return Result(json.dumps(error).encode(), is_error=True), None
            return result, None
        if self._process.exit.done():
            error = _error("Runtime.ExitError", request_id, self._exit_reason())
            self._lines.append(error["errorMessage"])
            return Result(json.dumps(error).encode(), is_error=True), "error\tError Type: Runtime.ExitError"
        reason = f"Task timed out after {self.configuration.timeout:.2f} seconds"
        self._lines.append(f"{request_id} {reason}")
        error = _error("Sandbox.Timedout", request_id, f"Error: {reason}")
        return Result(json.dumps(error).encode(), is_error=True), "timeout"

    def _exit_reason(self) -> str:
        code = self._process.exit.result()
        if code == 0:
            return "Error: Runtime exited without providing a reason"
        if code < 0:
            name = (signal.strsignal(-code) or str(-code)).lower()
            return f"Error: Runtime exited with error: signal: {name}"
        return f"Error: Runtime exited with error: exit status {code}"

    def _report(self, request_id: str, seconds: float, memory: int | None, status: str | None) -> str:
        # The init phase is billed with the first invocation since August 2025.
        billed = seconds + (self._init_seconds or 0.0)
        parts = [
            f"REPORT RequestId: {request_id}",
            f"Duration: {seconds * 1000:.2f} ms",
            f"Billed Duration: {math.ceil(billed * 1000)} ms",
            f"Memory Size: {self.configuration.memory_size} MB",
        ]
        if memory is not None:
            parts.append(f"Max Memory Used: {memory} MB")
        if self._init_seconds is not None:
            parts.append(f"Init Duration: {self._init_seconds * 1000:.2f} ms")
            self._init_seconds = None
        if status is not None:
            parts.append(f"Status: {status}")
        return "\t".join(parts)

    def _max_memory_used(self) -> int | None:
        """Return the most memory that the process ever held, in MB; None where the system does not tell."""
        try:
            status = Path(f"/proc/{self._process.pid}/status").read_text()
        except OSError:
            return None
        kilobytes = [int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM")]
        return kilobytes[0] // 1024 if kilobytes else None

    def _cpu_since_last_time(self, seconds: float) -> float:
        """Return the processor's seconds in the process; where the system does not tell, the ``seconds`` it took."""
        try:
            fields = Path(f"/proc/{self._process.pid}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            return seconds
        total = (int(fields[_USER_TIME]) + int(fields[_SYSTEM_TIME])) / os.sysconf("SC_CLK_TCK")
        before, self._cpu = self._cpu, total
        return total - before

    # -- its output ----------------------------------------------------------------------------------------------
    def _read_output(self) -> None:
        """Take over what the process has written so far; without waiting."""
        while self._output >= 0:
            try:
                data = os.read(self._output, 65536)
            except BlockingIOError:
                return
            if not data:
                self._close_output()
            *lines, self._partial = (self._partial + data).split(b"\n")
            self._lines.extend(_text(line) for line in lines)

    def _close_output(self) -> None:
        if self._output < 0:
            return
        asyncio.get_running_loop().remove_reader(self._output)
        os.close(self._output)
        self._output = -1

    def _end_line(self) -> None:
        if self._partial:
            self._lines.append(_text(self._partial))
            self._partial = b""

    def _take_lines(self) -> list[str]:
        lines, self._lines = self._lines, []
        return lines


async def _first_of(*futures: asyncio.Future[Any], timeout: float) -> None:  # noqa: ASYNC109  nothing is cancelled
    await asyncio.wait(futures, timeout=timeout, return_when=asyncio.FIRST_COMPLETED)


def _error(kind: str, request_id: str, reason: str) -> dict[str, Any]:
    return {"errorType": kind, "errorMessage": f"RequestId: {request_id} {reason}"}


def _text(line: bytes) -> str:
    # awslambdaric separates the lines of one error by carriage returns, so that they stay one log event.
    return line.decode(errors="replace").replace("\r", "\n")
