"""The HTTP server: werkzeug's, with what the emulator needs on top.

werkzeug closes every connection and writes headers and body apart. A client then opens a connection and waits for a
thread on each call (4-5 ms), and small answers meet Nagle's algorithm (40 ms); facts/local-emulator.md, sections 3, 7.
"""

from __future__ import annotations

import contextlib
import logging
import socket
import threading
from http import HTTPStatus
from io import BytesIO
from typing import TYPE_CHECKING, Any

from moto.core.request import environ_key_for_header
from moto.moto_server.werkzeug_app import MotoRequestHandler
from werkzeug.serving import ThreadedWSGIServer

from avm_emulator.errors import NoAnswerError

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication, WSGIEnvironment

log = logging.getLogger(__name__)

_BACKLOG = 512
_IDENTITY_PORTAL_TOKEN = "x-amz-sso_bearer_token"  # noqa: S105  the name of a header, no secret
_FAILURE = ("500 Internal Server Error", [("Content-Type", "text/plain")])
_BODYLESS = (HTTPStatus.NO_CONTENT, HTTPStatus.NOT_MODIFIED)


class Server(ThreadedWSGIServer):
    """Serves a WSGI application on loopback, a thread for each connection."""

    def __init__(self, host: str, port: int, app: WSGIApplication) -> None:
        """Listen at once (port 0: any free port); raise OSError when the port is taken."""
        # Bound here because werkzeug prints and exits when it cannot bind.
        with socket.create_server((host, port), backlog=_BACKLOG) as listener:
            super().__init__(host, listener.getsockname()[1], app, handler=_Handler, fd=listener.fileno())
        self.connections: set[socket.socket] = set()
        self._serving = False

    def start(self) -> None:
        """Serve in a thread of its own."""
        self._serving = True
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.05}, name="server", daemon=True).start()

    def stop(self) -> None:
        """Stop serving and close what clients have kept open."""
        if self._serving:
            self.shutdown()
        self.server_close()
        for connection in list(self.connections):
            with contextlib.suppress(OSError):  # closed by the client meanwhile
                connection.shutdown(socket.SHUT_RDWR)


class _Handler(MotoRequestHandler):
    """One connection: HTTP/1.1, kept alive, one write for each answer."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = 1 << 16

    server: Server

    def setup(self) -> None:
        """Note the connection, so that it can be closed when the emulator stops."""
        super().setup()
        self.server.connections.add(self.connection)

    def finish(self) -> None:
        """Forget the connection."""
        self.server.connections.discard(self.connection)
        super().finish()

    def run_wsgi(self) -> None:
        """Answer one request; werkzeug's own never keeps a connection alive."""
        if self.headers.get("Expect", "").lower() == "100-continue":
            self.wfile.write(b"HTTP/1.1 100 Continue\r\n\r\n")
            self.wfile.flush()
        environ = self.make_environ()
        self._read_body(environ)
        answer = _FAILURE

        def start_response(status: str, headers: list[tuple[str, str]], _exc_info: Any = None) -> Any:
            nonlocal answer
            answer = status, headers
            return None

        try:
            body = b"".join(self.server.app(environ, start_response))
        except NoAnswerError:
            self.close_connection = True
            return
        except Exception:
            log.exception("%s %s failed", self.command, self.path)
            answer = _FAILURE
            body = b"The emulator failed; its log says why.\n"
        self._write(*answer, body)

    def make_environ(self) -> WSGIEnvironment:
        """Keep the one header with underscores that AWS has; werkzeug drops all, moto brings back S3 metadata."""
        environ: WSGIEnvironment = super().make_environ()
        token = self.headers.get(_IDENTITY_PORTAL_TOKEN)
        if token is not None:
            environ[environ_key_for_header(_IDENTITY_PORTAL_TOKEN)] = token
        return environ

    def _read_body(self, environ: WSGIEnvironment) -> None:
        """Read the whole request, so that the next one on this connection begins at its beginning."""
        if environ.get("wsgi.input_terminated"):  # chunked
            body = environ["wsgi.input"].read()
            del environ["HTTP_TRANSFER_ENCODING"]
        else:
            body = self.rfile.read(int(environ.get("CONTENT_LENGTH") or 0))
        environ["wsgi.input"] = BytesIO(body)
        environ["wsgi.input_terminated"] = True
        environ["CONTENT_LENGTH"] = str(len(body))

    def _write(self, status: str, headers: list[tuple[str, str]], body: bytes) -> None:
        code, _, reason = status.partition(" ")
        names = {name.lower() for name, _ in headers}
        self.send_response_only(int(code), reason)
        for name, value in headers:
            self.send_header(name, value)
        if "date" not in names:
            self.send_header("Date", self.date_time_string())  # real time: SDKs correct their clock's skew with it
        if "content-length" not in names and int(code) not in _BODYLESS:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
        self.wfile.flush()
