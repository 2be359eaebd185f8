"""Ticketing systems, as far as they are told something: an HTTPS POST, made with botocore's own HTTP client."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus

from botocore.awsrequest import AWSRequest
from botocore.exceptions import ConnectionError as AwsConnectionError
from botocore.exceptions import HTTPClientError
from botocore.httpsession import URLLib3Session

from avm.domain.errors import ServiceUnavailable, TicketNotTold

TIMEOUT_SECONDS = 10
"""For the connection, and for the answer."""


class TicketSystems:
    """Posts to ticketing systems; certificates are verified, and no redirection is followed."""

    def __init__(self) -> None:
        """Begin without a connection."""
        self._session = URLLib3Session(timeout=TIMEOUT_SECONDS)

    def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> None:
        """Post a body as it is; raises ServiceUnavailable where that may pass, TicketNotTold where it is not taken."""
        request = AWSRequest("POST", url, headers=dict(headers), data=body)
        try:
            answer = self._session.send(request.prepare())
        except (HTTPClientError, AwsConnectionError) as error:
            message = f"{url} does not answer: {error}"
            raise ServiceUnavailable(message) from error
        status = answer.status_code
        if status >= HTTPStatus.INTERNAL_SERVER_ERROR or status == HTTPStatus.TOO_MANY_REQUESTS:
            raise ServiceUnavailable(f"{url} answers {status}")
        if status >= HTTPStatus.MULTIPLE_CHOICES:
            raise TicketNotTold(f"{url} answers {status}")
