"""moto behind the boundary: hands it a request, turns what it cannot do into errors with a name."""

from __future__ import annotations

import io
import logging
import re
import threading
from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING, Any

from moto.backends import list_of_moto_modules
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from werkzeug import Response

from avm_emulator.boundary.call import Call
from avm_emulator.errors import NOT_IMPLEMENTED, AwsError

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

log = logging.getLogger(__name__)

_PRESIGNED = "Signature="
_FLASK_KNOWS_NO_ROUTE = (404, 405)

_OF_THE_QUEUE = re.compile(
    r"(Send|Receive|Delete)Message(Batch)?|ChangeMessageVisibility(Batch)?|GetQueueAttributes|PurgeQueue"
)
"""What may be done to a queue of another account (SQS developer guide, "Limitations of custom policies")."""
_QUEUE_URL = re.compile(r"https?://[^/]+/(?P<account>\d{12})/[^/]+")

_CALLING_SERVICES = frozenset(
    {"cloudformation", "events", "lambda", "logs", "s3", "secretsmanager", "sns", "sqs", "stepfunctions"}
)
"""Services in which a call may wait for a message or run a function, which makes calls itself."""


class MotoApp:
    """Answers calls from moto's backends."""

    def __init__(self) -> None:
        """Create moto's server application; backends are loaded by the first call to each service."""
        self._dispatcher = _Dispatcher()
        self._locks: dict[str, AbstractContextManager[Any]] = dict.fromkeys(_CALLING_SERVICES, nullcontext())

    def answer(self, call: Call, body: bytes) -> Response:
        """Return moto's answer; raise AwsError for what moto lacks or fails at."""
        environ: WSGIEnvironment = {
            **call.environ,
            "wsgi.input": io.BytesIO(body),
            # moto looks the account of the access key up in all accounts unless it is told.
            "HTTP_X_MOTO_ACCOUNT_ID": _account(call),
        }
        try:
            # moto's stores are not locked (facts, section 9): two conditional writes may both find the condition true,
            # and TransactWriteItems copies tables that another call changes.
            with self._locks.setdefault(call.service, threading.Lock()):
                response = Response.from_app(self._dispatcher, environ, buffered=True)
        except AwsError:
            raise
        except NotImplementedError as error:
            raise not_implemented(call.service, call.operation, str(error)) from error
        except Exception as error:
            log.exception("%s %s failed in the emulator [request id %s]", call.service, call.operation, call.request_id)
            message = f"The emulator failed at {call.service} {call.operation}: {type(error).__name__}: {error}"
            raise AwsError("InternalFailure", message) from error
        if response.status_code in _FLASK_KNOWS_NO_ROUTE and response.data.startswith(b"<!doctype html>"):
            raise not_implemented(call.service, call.operation)
        return response


def _account(call: Call) -> str:
    """Return the account in which moto looks a call's resource up: the caller's, or the owner's of a queue's URL."""
    if call.service == "sqs" and _OF_THE_QUEUE.fullmatch(call.operation):
        url = _QUEUE_URL.fullmatch(str(call.parameters.get("QueueUrl", "")))
        return url["account"] if url else call.account
    return call.account


class _Dispatcher(DomainDispatcherApplication):
    """moto's dispatcher, which lists its own package folder and tries 200 patterns on each request, with a memory."""

    def __init__(self) -> None:
        super().__init__(create_backend_app)
        self._backends: dict[str | None, Any] = {None: None, **{name: name for name in list_of_moto_modules()}}

    def get_backend_for_host(self, host: str | None) -> Any:
        """Return the backend (moto's name) of a host name; raise NotImplementedError for a service moto lacks."""
        if host not in self._backends:
            matching = (backend for backend, pattern in self.backend_url_patterns if pattern.match(f"http://{host}"))
            backend = next(matching, None)
            if backend is None:
                message = f"moto has no backend for {host}"
                raise NotImplementedError(message)
            self._backends[host] = backend
        return self._backends[host]

    def infer_service_region_host(self, environ: WSGIEnvironment, path: str) -> str | None:
        """Return the host name that a request means; moto takes what it cannot tell for S3."""
        host: str | None = super().infer_service_region_host(environ, path)
        if host is None and _PRESIGNED not in environ["QUERY_STRING"]:
            message = "moto cannot tell the service of an unsigned request"
            raise NotImplementedError(message)
        return host


def not_implemented(service: str, operation: str, reason: str = "") -> AwsError:
    """Return the error that names an operation (or a part of it) which the emulator does not have."""
    detail = f" ({reason})" if reason else ""
    message = f"The emulator does not implement {service} {operation}{detail}. What it has: docs/emulator.md"
    return AwsError(NOT_IMPLEMENTED, message)
