"""A client of REST APIs that can sign, presign, and tamper with what it has signed."""

from __future__ import annotations

import http.client
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from botocore.auth import SigV4Auth, SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from avm_emulator.clients import ACCESS_KEY_ID, SECRET_ACCESS_KEY

OWN = Credentials(ACCESS_KEY_ID, SECRET_ACCESS_KEY)
"""The root of the management account."""


@dataclass(frozen=True)
class Answer:
    status: int
    headers: http.client.HTTPMessage
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def error(self) -> tuple[int, str | None, str]:
        """Status, error type and message of an answer that API Gateway gives by itself."""
        message: str = {name.lower(): value for name, value in self.json.items()}["message"]
        return self.status, self.headers["x-amzn-errortype"], message


@dataclass(frozen=True)
class Client:
    """Sends requests to an API's stage, signed unless told otherwise."""

    url: str
    """With the stage."""
    region: str = "eu-west-1"

    def send(
        self,
        method: str,
        path: str,
        body: bytes = b"",
        *,
        headers: Mapping[str, str] | None = None,
        credentials: Credentials | None = OWN,
        presign: int | None = None,
        service: str = "execute-api",
        region: str | None = None,
        tamper: Callable[[AWSRequest], None] | None = None,
    ) -> Answer:
        """Send one request; ``presign``: seconds that a presigned URL is valid; ``tamper``: what is done to it then."""
        request = AWSRequest(method, self.url + path, dict(headers or {}), body)
        if credentials is not None:
            scope = (credentials, service, region or self.region)
            signer = SigV4Auth(*scope) if presign is None else SigV4QueryAuth(*scope, expires=presign)
            signer.add_auth(request)
        if tamper is not None:
            tamper(request)
        parts = urlsplit(str(request.url))
        connection = http.client.HTTPConnection(parts.netloc, timeout=60)
        try:
            connection.putrequest(method, parts.path + (f"?{parts.query}" if parts.query else ""))
            for name, value in request.headers.items():
                connection.putheader(name, value)
            connection.putheader("Content-Length", str(len(request.data or b"")))
            connection.endheaders(request.data or None)
            response = connection.getresponse()
            return Answer(response.status, response.headers, response.read())
        finally:
            connection.close()
