from __future__ import annotations

import http.client
import json
import socket
import sys
from collections.abc import Iterator
from types import ModuleType
from urllib.parse import urlsplit

import pytest
import requests
from werkzeug import Request, Response

from avm_emulator.context import Emulator
from avm_emulator.engine import Options, start

BARE_ENGINE = Options(speed="max", prepare=False, deploy=False, parts=())


@pytest.fixture
def part() -> Iterator[ModuleType]:
    """A part of the emulator that says what happens to it."""
    module = ModuleType("avm_emulator_test_part")
    happened: list[str] = []

    @Request.application
    def application(request: Request) -> Response:
        emulator: Emulator = vars(module)["emulator"]
        return Response(f"{request.script_root} {request.path} {emulator.clock.active}")

    def install(emulator: Emulator) -> None:
        happened.append("install")
        emulator.mounts["/_aws/execute-api"] = application
        emulator.on_stop.append(lambda: happened.append("stop first"))
        emulator.on_stop.append(lambda: happened.append("stop last"))
        vars(module)["emulator"] = emulator

    vars(module).update(install=install, happened=happened)
    sys.modules[module.__name__] = module
    yield module
    del sys.modules[module.__name__]


def with_part(part: ModuleType) -> Options:
    return Options(speed="max", prepare=False, deploy=False, parts=(part.__name__,))


def test_parts_are_installed_and_stopped_in_reverse_order(part: ModuleType) -> None:
    with start(with_part(part)):
        assert part.happened == ["install"]
    assert part.happened == ["install", "stop last", "stop first"]


@pytest.mark.parametrize(("method", "activities"), [("POST", 1), ("GET", 0)])
def test_what_a_part_mounts_is_served_and_who_only_looks_does_not_hold_the_clock(
    part: ModuleType, method: str, activities: int
) -> None:
    with start(with_part(part)) as running:
        answer = requests.request(method, f"{running.endpoint_url}/_aws/execute-api/abc/v1/requests", timeout=10)
        assert answer.text == f"/_aws/execute-api /abc/v1/requests {activities}"
        assert not list(running.emulator.calls)


def test_a_part_that_cannot_be_installed_leaves_nothing_behind(part: ModuleType) -> None:
    seen: list[Emulator] = []

    def install(emulator: Emulator) -> None:
        seen.append(emulator)
        message = "no artefacts"
        raise FileNotFoundError(message)

    vars(part)["install"] = install
    with pytest.raises(FileNotFoundError, match="no artefacts"):
        start(with_part(part))
    assert not seen[0].work_dir.exists()
    with pytest.raises(OSError, match="refused"):
        socket.create_connection((seen[0].host, seen[0].port), timeout=5)


def test_a_stop_that_fails_does_not_keep_the_rest_from_stopping(
    part: ModuleType, caplog: pytest.LogCaptureFixture
) -> None:
    with start(with_part(part)) as running:

        def fail() -> None:
            message = "stuck"
            raise RuntimeError(message)

        running.emulator.on_stop.append(fail)
    assert part.happened == ["install", "stop last", "stop first"]
    assert "stuck" in caplog.text


def test_each_emulator_begins_with_an_empty_world() -> None:
    for _ in range(2):
        with start(BARE_ENGINE) as running:
            sqs = running.emulator.clients.client("sqs")
            assert "QueueUrls" not in sqs.list_queues()
            sqs.create_queue(QueueName="q")
            assert running.emulator.work_dir.is_dir()
        assert not running.emulator.work_dir.exists()


def test_a_port_that_is_taken_is_an_os_error() -> None:
    with start(BARE_ENGINE) as running, pytest.raises(OSError, match="in use"):
        start(Options(port=running.emulator.port))


@pytest.mark.parametrize(
    ("options", "quota"),
    [(Options(), 5000), (Options(bare=True), 10), (Options(bare=True, accounts_quota=7), 7)],
)
def test_the_quota_of_accounts_depends_on_the_kind_of_start(options: Options, quota: int) -> None:
    engine = Options(
        bare=options.bare, accounts_quota=options.accounts_quota, prepare=False, deploy=False, parts=(), speed="max"
    )
    with start(engine) as running:
        assert running.emulator.accounts_quota == quota
        assert running.emulator.bare is options.bare


# -- the server --------------------------------------------------------------------------------------------------------
def test_one_connection_serves_many_requests() -> None:
    with start(BARE_ENGINE) as running:
        connection = http.client.HTTPConnection(urlsplit(running.endpoint_url).netloc, timeout=10)
        connection.connect()
        assert connection.sock is not None
        used = connection.sock.getsockname()
        for method, body in (("GET", None), ("POST", b"{}"), ("HEAD", None), ("GET", None)):
            connection.request(method, "/_emulator/health", body=body)
            answer = connection.getresponse()
            content = answer.read()
            assert answer.version == 11
            assert method == "HEAD" or json.loads(content)
            assert connection.sock.getsockname() == used
        connection.close()


def test_a_chunked_body_and_expect_100_are_understood() -> None:
    with start(BARE_ENGINE) as running:
        address = urlsplit(running.endpoint_url)
        with socket.create_connection((address.hostname, address.port), timeout=10) as connection:
            connection.sendall(
                b"POST /_emulator/clock HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n"
                b"Expect: 100-continue\r\n\r\n"
            )
            assert connection.recv(100).startswith(b"HTTP/1.1 100 Continue")
            connection.sendall(b'8\r\n{"hold":\r\n5\r\ntrue}\r\n0\r\n\r\n')
            assert connection.recv(10_000).startswith(b"HTTP/1.1 200")
        assert running.emulator.clock.held


def test_an_answer_is_one_write() -> None:
    with start(BARE_ENGINE) as running:
        address = urlsplit(running.endpoint_url)
        with socket.create_connection((address.hostname, address.port), timeout=10) as connection:
            connection.sendall(b"GET /_emulator/clock HTTP/1.1\r\nHost: x\r\n\r\n")
            head, _, body = connection.recv(10_000).partition(b"\r\n\r\n")
        assert b"Content-Length: %d" % len(body) in head


def test_stopping_closes_connections_that_clients_keep_open() -> None:
    with start(BARE_ENGINE) as running:
        address = urlsplit(running.endpoint_url)
        connection = socket.create_connection((address.hostname, address.port), timeout=10)
        connection.sendall(b"GET /_emulator/clock HTTP/1.1\r\nHost: x\r\n\r\n")
        assert connection.recv(10_000)
    assert connection.recv(10) == b""
    connection.close()


def test_an_application_that_fails_is_a_500_and_the_connection_goes_on(
    part: ModuleType, caplog: pytest.LogCaptureFixture
) -> None:
    with start(with_part(part)) as running:

        def fail(_environ: object, _start_response: object) -> list[bytes]:
            message = "surprise"
            raise RuntimeError(message)

        running.emulator.mounts["/fail"] = fail
        session = requests.Session()
        assert session.get(f"{running.endpoint_url}/fail", timeout=10).status_code == 500
        assert session.get(f"{running.endpoint_url}/_emulator/health", timeout=10).status_code == 200
        session.close()
    assert "surprise" in caplog.text
