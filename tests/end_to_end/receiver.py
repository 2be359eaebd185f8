"""Where ticketing systems are told what has become of their requests: an HTTP server on loopback."""

from __future__ import annotations

import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from tests.payloads import SECRET, timed


class Receiver(ThreadingHTTPServer):
    """The ticketing systems' own end, on loopback: it keeps what it is told and answers as a test wants it to."""

    def __init__(self) -> None:
        self.told: list[dict[str, Any]] = []
        self.status = 204
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                timestamp = int(self.headers["X-Avm-Timestamp"])
                assert abs(timestamp - time.time()) < 60
                assert timed(body, SECRET, timestamp)["X-Avm-Signature"] == self.headers["X-Avm-Signature"]
                receiver.told.append({"path": self.path, "status_code": receiver.status, **json.loads(body)})
                self.send_response(receiver.status)
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                """Say nothing."""

        super().__init__(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def of(self, request_id: str) -> list[dict[str, Any]]:
        """Return what was told of a request, in the order of the events."""
        return sorted((each for each in self.told if each["request_id"] == request_id), key=lambda each: each["time"])
