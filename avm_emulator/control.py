"""The emulator's own interface, ``/_emulator/*``: health, clock, calls, compute, credentials; no AWS calls."""

from __future__ import annotations

import functools
import json
import math
import os
import platform
import time
from collections.abc import Callable, Mapping
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from werkzeug import Request, Response
from werkzeug.exceptions import BadRequest, HTTPException, NotFound
from werkzeug.routing import Map, Rule

from avm_emulator.calls import CallRecord, iso8601
from avm_emulator.context import Emulator
from avm_emulator.control_errors import RefusedError
from avm_emulator.credentials import UnknownPrincipalError, credentials_of, portal_token_of
from avm_emulator.latencies_control import LatenciesControl

if TYPE_CHECKING:
    from collections.abc import Iterable

    from _typeshed.wsgi import StartResponse, WSGIEnvironment

_URLS = Map(
    [
        Rule("/_emulator/health", endpoint="health", methods=["GET"]),
        Rule("/_emulator/clock", endpoint="clock", methods=["GET"]),
        Rule("/_emulator/clock", endpoint="set_clock", methods=["POST"]),
        Rule("/_emulator/calls", endpoint="calls", methods=["GET"]),
        Rule("/_emulator/compute", endpoint="compute", methods=["GET"]),
        Rule("/_emulator/credentials", endpoint="credentials", methods=["POST"]),
        Rule("/_emulator/<part>", endpoint="part", methods=["DELETE", "GET", "POST", "PUT"]),
    ]
)
_LONGEST_ADVANCE = 315_360_000
"""Every schedule fires on the way, and dates end at the year 9999."""
_TRUTH = {"true": True, "false": False}
_VERSIONED = ("moto", "boto3", "botocore", "aws-sam-translator", "awslambdaric", "jsonata-python")


class Control:
    """WSGI application for ``/_emulator/*``; answers JSON, errors as ``{"error": ...}`` with what to do."""

    def __init__(self, emulator: Emulator) -> None:
        """Serve ``emulator``."""
        self.ready = False
        """Whether preparation and deployment are done."""
        self._emulator = emulator
        self._started_at = iso8601(time.time())
        emulator.controls["latencies"] = LatenciesControl(emulator.latencies)

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer a WSGI request."""
        request = Request(environ)
        try:
            endpoint, arguments = _URLS.bind_to_environ(environ).match()
            handler: Callable[..., dict[str, Any]] = getattr(self, f"_{endpoint}")
            response = _json(handler(request, **arguments))
        except RefusedError as error:
            response = _json({"error": error.description, "problems": error.problems}, 400)
        except HTTPException as error:
            response = _json({"error": error.description}, error.code or 500)
        return response(environ, start_response)

    def _health(self, _request: Request) -> dict[str, Any]:
        status = "ready" if self.ready else "starting"
        return {
            "status": status,
            **describe(self._emulator),
            "application_account_id": self._emulator.application_account_id,
            "started_at": self._started_at,
            "speed": self._emulator.clock.speed,
            "stuck": self._emulator.stuck.report(),
            "versions": _versions(),
        }

    def _clock(self, _request: Request) -> dict[str, Any]:
        clock = self._emulator.clock
        now = clock.now()
        return {
            "now": iso8601(now),
            "epoch": now,
            "speed": clock.speed,
            "held": clock.held,
            "stuck": self._emulator.stuck.report(),
        }

    def _set_clock(self, request: Request) -> dict[str, Any]:
        match _body(request):
            case {"advance": seconds, **rest} if not rest:
                if isinstance(seconds, bool) or not isinstance(seconds, int | float) or not math.isfinite(seconds):
                    raise BadRequest(f"advance is a number of AWS-seconds, not {json.dumps(seconds)}")
                if seconds < 0:
                    raise BadRequest(f"the clock only moves forward: advance is 0 or more, not {seconds}")
                if seconds > _LONGEST_ADVANCE:
                    raise BadRequest(f"advance is at most {_LONGEST_ADVANCE} s, ten years, not {seconds}")
                if not self.ready:
                    raise BadRequest("the emulator is still starting: wait until its health says ready")
                self._emulator.clock.advance(seconds)
            case {"hold": held, **rest} if not rest:
                if not isinstance(held, bool):
                    raise BadRequest(f"hold is true or false, not {json.dumps(held)}")
                self._emulator.clock.hold(held=held)
            case body:
                raise BadRequest(f'send {{"advance": seconds}} or {{"hold": true or false}}, not {json.dumps(body)}')
        return self._clock(request)

    def _calls(self, request: Request) -> dict[str, Any]:
        wanted = {name: _wanted(name, text) for name, text in request.args.items()}
        return {"calls": [record.to_dict() for record in self._emulator.calls.select(**wanted)]}

    def _compute(self, _request: Request) -> dict[str, Any]:
        return self._emulator.clock.compute.table()

    def _credentials(self, request: Request) -> dict[str, Any]:
        body = _body(request)
        try:
            match body:
                case {"account_id": str(account_id), "principal": str(principal), **rest} if not rest:
                    return credentials_of(self._emulator, account_id, principal)
                case {"user": str(user), **rest} if not rest:
                    return portal_token_of(self._emulator, user)
        except UnknownPrincipalError as error:
            raise NotFound(str(error)) from error
        raise BadRequest(
            'send {"account_id": "...", "principal": role name, permission set or "root"}, '
            'or {"user": name of a user of Identity Center}'
        )

    def _part(self, request: Request, part: str) -> dict[str, Any]:
        control = self._emulator.controls.get(part)
        handler: Callable[[Request], dict[str, Any]] | None = getattr(control, request.method.lower(), None)
        if handler is None:
            raise NotFound(f"there is no {request.method} /_emulator/{part}")
        return handler(request)


def describe(emulator: Emulator) -> dict[str, Any]:
    """Return what ``avm local up`` prints."""
    return {
        "endpoint_url": emulator.endpoint_url,
        "api_url": emulator.api_url,
        "region": emulator.region,
        "management_account_id": emulator.management_account_id,
        "pid": os.getpid(),
    }


def _wanted(name: str, text: str) -> Any:
    if name == "since":
        if not text.isdecimal():
            raise BadRequest(f"since is the seq of a call, not {text!r}")
        return int(text)
    known = CallRecord.__slots__
    if name not in known:
        raise BadRequest(f"calls are selected by since, {', '.join(known)}, not by {name!r}")
    if name in ("mutating", "own"):
        if text not in _TRUTH:
            raise BadRequest(f"{name} is true or false, not {text!r}")
        return _TRUTH[text]
    return text


def _body(request: Request) -> Mapping[str, Any]:
    try:
        body = json.loads(request.get_data())
    except ValueError as error:
        raise BadRequest(f"the body is not JSON: {error}") from error
    if not isinstance(body, dict):
        raise BadRequest("the body is not a JSON object")
    return body


def _json(content: Mapping[str, Any], status: int = 200) -> Response:
    return Response(json.dumps(content), status, content_type="application/json")


@functools.cache
def _versions() -> dict[str, str]:
    return {"python": platform.python_version(), **{name: version(name) for name in _VERSIONED}}
