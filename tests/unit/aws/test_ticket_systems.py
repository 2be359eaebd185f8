"""Posts to ticketing systems."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest

from avm.aws.ticket_systems import TicketSystems
from avm.domain.errors import ServiceUnavailable, TicketNotTold

BODY = '{"name": "Zoë"}'.encode()


class Receiver(HTTPServer):
    """Answers with one status, and keeps what it gets."""

    def __init__(self) -> None:
        self.status = 200
        self.got: list[tuple[str, bytes, str | None]] = []
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                receiver.got.append((self.path, body, self.headers["X-Avm-Signature"]))
                self.send_response(receiver.status)
                self.send_header("Location", "/elsewhere")
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                """Say nothing."""

        super().__init__(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.serve_forever, daemon=True).start()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as receiver:
        yield receiver
        receiver.shutdown()


def post(receiver: Receiver) -> None:
    url = f"http://127.0.0.1:{receiver.server_port}/answers"
    TicketSystems().post(url, BODY, {"Content-Type": "application/json", "X-Avm-Signature": "sha256=1"})


@pytest.mark.parametrize("status", [200, 201, 204])
def test_the_very_bytes_arrive_with_their_signature(receiver: Receiver, status: int) -> None:
    receiver.status = status
    post(receiver)
    assert receiver.got == [("/answers", BODY, "sha256=1")]


@pytest.mark.parametrize("status", [301, 302, 307, 400, 401, 404])
def test_what_is_not_taken_is_told_and_no_redirection_is_followed(receiver: Receiver, status: int) -> None:
    receiver.status = status
    with pytest.raises(TicketNotTold, match=f"/answers answers {status}"):
        post(receiver)
    assert len(receiver.got) == 1


@pytest.mark.parametrize("status", [429, 500, 503])
def test_what_may_pass_is_told_as_that(receiver: Receiver, status: int) -> None:
    receiver.status = status
    with pytest.raises(ServiceUnavailable, match=f"answers {status}"):
        post(receiver)
    assert len(receiver.got) == 1


def test_nobody_there_may_pass_too() -> None:
    with pytest.raises(ServiceUnavailable, match="does not answer"):
        TicketSystems().post("http://127.0.0.1:9/answers", BODY, {})


def test_a_certificate_that_nobody_vouches_for_is_none(receiver: Receiver) -> None:
    with pytest.raises(ServiceUnavailable, match="does not answer"):
        TicketSystems().post(f"https://127.0.0.1:{receiver.server_port}/answers", BODY, {})
    assert receiver.got == []
