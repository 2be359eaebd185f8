"""A request as it arrived."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

from werkzeug import Request as WerkzeugRequest
from werkzeug.datastructures import Headers

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment


@dataclass(frozen=True)
class Request:
    """Method, URL, headers and body, nothing decoded."""

    http_method: str
    url: str
    """As sent: the path still percent-encoded."""
    headers: Headers
    body: bytes
    source_ip: str
    protocol: str

    @classmethod
    def of(cls, environ: WSGIEnvironment) -> Request:
        """Read a WSGI request."""
        received = WerkzeugRequest(environ)
        host = received.headers.get("Host", "localhost")
        return cls(
            http_method=received.method,
            # werkzeug's server keeps the request target as it was sent; a decoded path could not be verified
            url=f"http://{host}{environ['RAW_URI']}",
            headers=Headers(received.headers.to_wsgi_list()),
            body=received.get_data(),
            source_ip=received.remote_addr or "",
            protocol=environ.get("SERVER_PROTOCOL", "HTTP/1.1"),
        )

    @property
    def header_items(self) -> list[tuple[str, str]]:
        """Return the headers as pairs."""
        return list(self.headers.items())

    @cached_property
    def path(self) -> str:
        """Return the path as sent."""
        return urlsplit(self.url).path

    @cached_property
    def query_values(self) -> dict[str, list[str]]:
        """Return the decoded query: values by name."""
        return parse_qs(urlsplit(self.url).query, keep_blank_values=True)
