"""The Lambda Runtime API (version 2018-06-01): where a runtime fetches invocations and posts their results.

One server on its own port per execution environment, because ``AWS_LAMBDA_RUNTIME_API`` holds host and port only
(facts/local-emulator.md, section 3). All servers live in the event loop of the pool.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, cast

_BASE = "/2018-06-01/runtime/"
# The header with the X-Ray cause of an error may have up to 1 MiB (awslambdaric, lambda_runtime_client.py).
_LONGEST_HEAD = 2 << 20

Sleep = Callable[[int, float], Awaitable[None]]
"""Lets an activity, by its number, wait for AWS-seconds."""


@dataclass(frozen=True)
class Result:
    """What a runtime posted: the function's answer, or its error ``{errorMessage, errorType, stackTrace}``."""

    payload: bytes
    is_error: bool


@dataclass
class Invocation:
    """One event on its way through an execution environment; ``deadline`` in real epoch seconds."""

    payload: bytes
    function_arn: str
    deadline: float
    result: asyncio.Future[Result]
    request_id: str
    trace_id: str
    number: int
    """Of its activity on the clock."""
    awake: float
    """AWS-seconds that it may sleep in all; then it takes too long."""
    overslept: asyncio.Future[None]


@dataclass(frozen=True)
class _Request:
    method: str
    path: str
    body: bytes


class RuntimeApi:
    """The Runtime API of one execution environment; use it inside the pool's event loop only."""

    def __init__(self, sleep: Sleep) -> None:
        """Make the API; ``start`` opens its port."""
        self._sleep = sleep
        self.initialized: asyncio.Future[dict[str, Any] | None] = asyncio.get_running_loop().create_future()
        """Done when initialisation ends: None, or the error that the runtime reported."""
        self._waiting: asyncio.Queue[Invocation] = asyncio.Queue()
        self._current: Invocation | None = None
        self._server: asyncio.Server | None = None
        self._connections: dict[asyncio.Task[None], asyncio.StreamWriter] = {}
        self._closed = False

    async def start(self) -> str:
        """Listen on a free port of the loopback interface; return ``host:port``."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0, limit=_LONGEST_HEAD)
        host, port = self._server.sockets[0].getsockname()
        return f"{host}:{port}"

    def send(self, invocation: Invocation) -> None:
        """Give the invocation to the runtime as soon as it asks for the next one."""
        self._waiting.put_nowait(invocation)

    def close(self) -> None:
        """Stop listening and drop the connections."""
        if self._server is not None:
            self._server.close()
        self._closed = True
        for connection, writer in self._connections.items():
            connection.cancel()
            writer.transport.abort()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = cast("asyncio.Task[None]", asyncio.current_task())
        if self._closed:  # it was accepted at the last moment
            writer.transport.abort()
            return
        self._connections[task] = writer
        # A runtime that dies in the middle of a request is noticed by its environment, not here.
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError):
            while (request := await _read_request(reader)) is not None:
                writer.write(await self._answer(request))
                await writer.drain()
        del self._connections[task]
        writer.close()

    async def _answer(self, request: _Request) -> bytes:
        path = request.path.removeprefix(_BASE)
        if request.method == "GET" and path == "invocation/next":
            return await self._next()
        if request.method == "POST" and path == "init/error":
            self._initialized(json.loads(request.body))
            return _response(HTTPStatus.ACCEPTED)
        current = self._current
        if request.method == "POST" and current is not None and path == "sleep":  # our own: zygote_process.py
            return await self._let_sleep(current, float(request.body))
        if request.method == "POST" and current is not None and path.startswith(f"invocation/{current.request_id}/"):
            kind = path.rpartition("/")[2]
            if kind in ("response", "error"):
                self._current = None
                if not current.result.done():
                    current.result.set_result(Result(request.body, is_error=kind == "error"))
                return _response(HTTPStatus.ACCEPTED)
        return _response(HTTPStatus.NOT_FOUND, {"errorType": "InvalidRequest", "errorMessage": request.path})

    async def _let_sleep(self, invocation: Invocation, seconds: float) -> bytes:
        left = invocation.awake
        invocation.awake -= seconds
        await self._sleep(invocation.number, min(left, seconds))
        if seconds > left:
            invocation.overslept.set_result(None)
            await asyncio.Future()  # its process is ended
        return _response(HTTPStatus.ACCEPTED)

    async def _next(self) -> bytes:
        self._initialized(None)
        self._current = invocation = await self._waiting.get()
        return _response(
            HTTPStatus.OK,
            invocation.payload,
            {
                "Lambda-Runtime-Aws-Request-Id": invocation.request_id,
                "Lambda-Runtime-Deadline-Ms": str(int(invocation.deadline * 1000)),
                "Lambda-Runtime-Invoked-Function-Arn": invocation.function_arn,
                "Lambda-Runtime-Trace-Id": invocation.trace_id,
            },
        )

    def _initialized(self, error: dict[str, Any] | None) -> None:
        if not self.initialized.done():
            self.initialized.set_result(error)


async def _read_request(reader: asyncio.StreamReader) -> _Request | None:
    try:
        head = await reader.readuntil(b"\r\n\r\n")
    except asyncio.IncompleteReadError as end:
        if not end.partial:
            return None
        raise
    first, *lines = head.decode("latin-1").split("\r\n")
    method, path, _ = first.split(" ", 2)
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines if line)}
    if headers.get("transfer-encoding", "").lower() == "chunked":
        body = b""
        while size := int(await reader.readline(), 16):
            body += await reader.readexactly(size)
            await reader.readline()
        await reader.readline()
    else:
        body = await reader.readexactly(int(headers.get("content-length", 0)))
    return _Request(method, path, body)


def _response(status: HTTPStatus, body: bytes | dict[str, Any] = b"{}", headers: dict[str, str] | None = None) -> bytes:
    # Head and body leave in one write, without Nagle's delay (asyncio's default): else 88 ms per invocation (facts,
    # section 3).
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    lines = [f"HTTP/1.1 {status.value} {status.phrase}", "Content-Type: application/json"]
    lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
    lines += [f"Content-Length: {len(content)}", "", ""]
    return "\r\n".join(lines).encode("latin-1") + content
