"""The one client of the vending API: signs, retries what may be retried, and turns problems into errors."""

import json
import socket
import time
from collections.abc import Callable, Mapping, Sequence
from http import HTTPStatus
from typing import Any
from urllib.parse import quote, urlencode

import requests
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.exceptions import BotoCoreError
from requests.auth import AuthBase

from avm_cli.errors import CliError, ExitCode
from avm_cli.target import Target

JsonObject = dict[str, Any]

_MAX_TRIES = 6
_FIRST_DELAY = 0.5
_MAX_RETRY_AFTER = 60.0
_TIMEOUT = (5.0, 35.0)
"""Seconds to connect and to answer; API Gateway itself gives up after 29 (its quota "integration timeout")."""
_RETRIED = {
    HTTPStatus.TOO_MANY_REQUESTS,
    HTTPStatus.INTERNAL_SERVER_ERROR,
    HTTPStatus.BAD_GATEWAY,
    HTTPStatus.SERVICE_UNAVAILABLE,
    HTTPStatus.GATEWAY_TIMEOUT,
}
_BAD_INPUT = {HTTPStatus.BAD_REQUEST, HTTPStatus.REQUEST_ENTITY_TOO_LARGE, HTTPStatus.UNPROCESSABLE_ENTITY}
_CREDENTIALS_HINT = (
    "Look who you are with 'aws sts get-caller-identity': the credentials must be valid, of the account and Region of "
    "AVM_API_URL, and allowed execute-api:Invoke. Those of the emulator expire: "
    'eval "$(avm local env)" makes new ones.'
)


class ApiError(CliError):
    """The API refused a call."""

    def __init__(self, status: int, problem: Mapping[str, Any], aws_request_id: str | None) -> None:
        """``problem``: the problem+json body, or API Gateway's own ``{"message"}``."""
        self.status = status
        self.code = problem.get("code")
        self.aws_request_id = aws_request_id
        errors = problem.get("errors") or []
        cause = f"fields that cannot be accepted: {len(errors)}" if errors else _cause(problem)
        message = f"{self.code or f'HTTP {status}'}: {cause}"
        if aws_request_id:
            message += f" (API request {aws_request_id})"
        hint = problem.get("hint")
        if not hint and status in {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}:
            message = f"The API does not accept these credentials. {message}"
            hint = _CREDENTIALS_HINT
        super().__init__(message, hint, problems=errors)
        if status in _BAD_INPUT or self.code == "RequestConflict":
            self.exit_code = ExitCode.BAD_INPUT


def _cause(problem: Mapping[str, Any]) -> str:
    for name in ("detail", "title", "message", "Message"):
        if text := problem.get(name):
            # The first line: a wrong signature is answered with the whole canonical request, session token included
            return str(text).splitlines()[0]
    return "the API gave no reason"


class _SigV4(AuthBase):
    """Signs for API Gateway; as ``auth`` it also keeps ``requests`` from putting a .netrc entry in its place."""

    def __init__(self, target: Target) -> None:
        self._target = target

    def __call__(self, prepared: requests.PreparedRequest) -> requests.PreparedRequest:
        # Frozen for each call: a long wait outlives the credentials of a role or an SSO session
        signer = SigV4Auth(self._target.credentials.get_frozen_credentials(), "execute-api", self._target.region)
        signed = {
            name: value for name, value in prepared.headers.items() if name in {"Content-Type", "Idempotency-Key"}
        }
        request = AWSRequest(prepared.method, prepared.url, headers=signed, data=prepared.body)
        signer.add_auth(request)
        prepared.headers.update(dict(request.headers.items()))
        return prepared


class VendingApi:
    """The vending API at one target."""

    def __init__(
        self,
        target: Target,
        *,
        sleep: Callable[[float], None] = time.sleep,
        say: Callable[[str], None] = lambda _: None,
    ) -> None:
        """``say`` hears why a call is tried again."""
        self._target = target
        self._sleep = sleep
        self._say = say
        self._reached = False
        self._http = requests.Session()
        self._http.auth = _SigV4(target)
        self._http.trust_env = not target.is_loopback

    def create_request(self, body: JsonObject, idempotency_key: str | None) -> JsonObject:
        """Send an account request and return the request object; the key makes a second sending harmless."""
        headers = {"Idempotency-Key": idempotency_key} if idempotency_key else {}
        return _request_object(self._call("POST", "/requests", body=body, headers=headers), self._target)

    def preflight(self, body: JsonObject, idempotency_key: str) -> JsonObject:
        """Have an account request checked as if it were sent, and return what it would become."""
        headers = {"Idempotency-Key": idempotency_key}
        found = self._call("POST", "/requests/preflight", body=body, headers=headers)
        if "request_id" not in found:
            raise _not_the_api(self._target)
        return found

    def get_request(self, request_id: str) -> JsonObject:
        """Return one request."""
        return _request_object(self._call("GET", f"/requests/{quote(request_id, safe='')}"), self._target)

    def decide(self, request_id: str, decision: str, comment: str | None) -> JsonObject:
        """Decide on a request that waits for approval (``approve`` or ``reject``) and return it."""
        body = {"decision": decision} | ({} if comment is None else {"comment": comment})
        return self._act(request_id, "approval", body)

    def list_proposals(self) -> JsonObject:
        """Return the repairs that wait for a decision."""
        return self._list("/proposals")

    def decide_repair(self, run: str, decision: str, comment: str | None) -> JsonObject:
        """Decide about a proposed repair (``approve`` or ``reject``) and return it."""
        body = {"decision": decision} | ({} if comment is None else {"comment": comment})
        return self._observed(self._call("POST", f"/proposals/{quote(run, safe='')}/approval", body=body))

    def retry(self, request_id: str) -> JsonObject:
        """Begin the next attempt of a parked request and return it."""
        return self._act(request_id, "retry")

    def cancel(self, request_id: str) -> JsonObject:
        """Give up a request that has not begun and return it."""
        return self._act(request_id, "cancel")

    def get_audit(self, request_id: str) -> JsonObject:
        """Return ``{"items": [{"time", "actor", "action", "details"}]}``, oldest first."""
        return self._list(f"/requests/{quote(request_id, safe='')}/audit")

    def list_dead_letters(self) -> JsonObject:
        """Return ``{"items": [dead letter], "cursor": null}``, newest first."""
        return self._list("/dead-letters")

    def replay_dead_letter(self, message_id: str) -> JsonObject:
        """Send a dead letter back to its queue and return it."""
        return self._call("POST", f"/dead-letters/{quote(message_id, safe='')}/replay")

    def get_account(self, account_id: str) -> JsonObject:
        """Return one account."""
        return self._call("GET", f"/accounts/{quote(account_id, safe='')}")

    def get_signed_report(self, account_id: str) -> JsonObject:
        """Return the latest report as it was signed, with what verifies it."""
        return self._of_account("GET", account_id, "signed-report")

    def get_report(self, account_id: str) -> JsonObject:
        """Return the latest report on an account."""
        return self._of_account("GET", account_id, "report")

    def get_drift(self, account_id: str, observation_id: str) -> JsonObject:
        """Return the report of a run, with those controls alone that are untrue."""
        path = f"/accounts/{quote(account_id, safe='')}/drift"
        return self._observed(self._call("GET", path, query={"observation_id": observation_id}))

    def observe(self, account_id: str) -> JsonObject:
        """Begin to look at an account's controls; return ``{"observation_id", "account_id", "status"}``."""
        return self._of_account("POST", account_id, "observations")

    def repair(self, account_id: str, controls: Sequence[str]) -> JsonObject:
        """Begin to make controls true, without any named all; return the same as ``observe``."""
        return self._of_account("POST", account_id, "repair", {"controls": list(controls)})

    def list_exceptions(self, account_id: str) -> JsonObject:
        """Return which controls of an account may be untrue."""
        return self._list(f"/accounts/{quote(account_id, safe='')}/exceptions")

    def make_exception(self, account_id: str, body: JsonObject) -> JsonObject:
        """Let a control of an account be untrue for a while."""
        return self._call("POST", f"/accounts/{quote(account_id, safe='')}/exceptions", body=body)

    def end_exception(self, account_id: str, control: str) -> JsonObject:
        """End an exception."""
        path = f"/accounts/{quote(account_id, safe='')}/exceptions/{quote(control, safe='')}"
        return self._call("DELETE", path)

    def start_sweep(self) -> JsonObject:
        """Start a look at all accounts."""
        return self._call("POST", "/sweeps")

    def get_sweep(self, sweep_id: str) -> JsonObject:
        """Return what a sweep has found, or how far it is."""
        return self._call("GET", f"/sweeps/{quote(sweep_id, safe='')}")

    def get_breaker(self) -> JsonObject:
        """Return which repairs are stopped."""
        return self._call("GET", "/breaker")

    def change_breaker(self, action: str, body: JsonObject) -> JsonObject:
        """Stop repairs (``stop``), or let them go on (``reset``)."""
        return self._call("POST", f"/breaker/{action}", body=body)

    def adopt(self, account_id: str, body: JsonObject) -> JsonObject:
        """Bring an account of the organization under the machine; return the request object."""
        path = f"/accounts/{quote(account_id, safe='')}/adoption"
        return _request_object(self._call("POST", path, body=body), self._target)

    def plan_adoption(self, account_id: str, body: JsonObject) -> JsonObject:
        """Begin to plan an adoption; return the same as ``observe``."""
        return self._of_account("POST", account_id, "adoption/plan", body)

    def get_adoption_plan(self, account_id: str, observation_id: str) -> JsonObject | None:
        """Return a run's plan of an account's adoption; None where it is still being made.

        Raises CliError where another plan was begun since: one is kept of each account.
        """
        plan = self._call("GET", f"/accounts/{quote(account_id, safe='')}/adoption").get("plan")
        if plan is not None and self._observed(plan)["observation_id"] != observation_id:
            message = f"Another plan of the adoption of account {account_id} was begun meanwhile."
            raise CliError(message, "Plan again; its request may not be yours.")
        return None if plan is None or plan["status"] == "PENDING" else plan

    def start_plan(self, body: JsonObject) -> JsonObject:
        """Begin to plan the vend of a request; return ``{"plan_id", "status"}``."""
        return self._planned(self._call("POST", "/plans", body=body))

    def get_plan(self, plan_id: str) -> JsonObject | None:
        """Return a plan; None where it is still being made."""
        plan = self._planned(self._call("GET", f"/plans/{quote(plan_id, safe='')}"))
        return None if plan["status"] == "PENDING" else plan

    def run_foundation(self, purpose: str) -> JsonObject:
        """Begin to ``plan`` or to ``apply`` the foundation; return ``{"observation_id", "status"}``."""
        return self._observed(self._call("POST", f"/foundation/{purpose}"))

    def get_foundation(self, observation_id: str) -> JsonObject:
        """Return the report of a run on the foundation."""
        return self._observed(self._call("GET", "/foundation", query={"observation_id": observation_id}))

    def _of_account(self, method: str, account_id: str, what: str, body: JsonObject | None = None) -> JsonObject:
        return self._observed(self._call(method, f"/accounts/{quote(account_id, safe='')}/{what}", body=body))

    def _observed(self, found: JsonObject) -> JsonObject:
        if "observation_id" not in found:
            raise _not_the_api(self._target)
        return found

    def _planned(self, found: JsonObject) -> JsonObject:
        if "plan_id" not in found:
            raise _not_the_api(self._target)
        return found

    def list_requests(self, filters: Mapping[str, str | int | None]) -> JsonObject:
        """Return ``{"items", "cursor"}``; filters: status, type, owner, limit, cursor (None: not given)."""
        return self._list("/requests", {name: value for name, value in filters.items() if value is not None})

    def _act(self, request_id: str, action: str, body: JsonObject | None = None) -> JsonObject:
        path = f"/requests/{quote(request_id, safe='')}/{action}"
        return _request_object(self._call("POST", path, body=body), self._target)

    def _list(self, path: str, query: Mapping[str, str | int] | None = None) -> JsonObject:
        page = self._call("GET", path, query=query)
        if not isinstance(page.get("items"), list):
            raise _not_the_api(self._target)
        return page

    def _call(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, str | int] | None = None,
        body: JsonObject | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> JsonObject:
        url = f"{self._target.url}/v1{path}" + (f"?{urlencode(query, quote_via=quote)}" if query else "")
        data = None if body is None else json.dumps(body, allow_nan=False).encode()
        sent = {"Accept": "application/json", **(headers or {})}
        if data is not None:
            sent["Content-Type"] = "application/json"
        delay = _FIRST_DELAY
        for left in reversed(range(_MAX_TRIES)):
            try:
                answer = self._http.request(
                    method, url, data=data, headers=sent, timeout=_TIMEOUT, allow_redirects=False
                )
            except BotoCoreError as error:
                raise CliError(f"The AWS credentials cannot be used: {error}", _CREDENTIALS_HINT) from error
            except requests.RequestException as error:
                if not left or not self._may_pass(error):
                    raise _unreachable(self._target, error) from error
                why, pause = f"no answer ({type(error).__name__})", delay
            else:
                self._reached = True
                if answer.status_code not in _RETRIED or not left:
                    return _content(answer, self._target)
                why, pause = f"HTTP {answer.status_code}", _retry_after(answer, delay)
            self._say(f"The API gave {why}; next try in {pause:g} s.")
            self._sleep(pause)
            delay *= 2
        raise AssertionError("the last try returns or raises")

    def _may_pass(self, error: requests.RequestException) -> bool:
        """Tell a hiccup from an address where nothing has ever answered."""
        if isinstance(error, requests.exceptions.SSLError):
            return False
        passing = isinstance(
            error, requests.ConnectionError | requests.Timeout | requests.exceptions.ChunkedEncodingError
        )
        return passing and (self._reached or not _never_connected(error))


def _never_connected(error: BaseException | None) -> bool:
    while error is not None:
        if isinstance(error, ConnectionRefusedError | socket.gaierror | requests.ConnectTimeout):
            return True
        error = error.__cause__ or error.__context__
    return False


def _retry_after(answer: requests.Response, otherwise: float) -> float:
    given = answer.headers.get("Retry-After", "")
    return min(float(given), _MAX_RETRY_AFTER) if given.isdecimal() else otherwise


def _content(answer: requests.Response, target: Target) -> JsonObject:
    try:
        content = answer.json()
    except requests.JSONDecodeError:
        content = None
    if answer.ok and isinstance(content, dict) and not answer.is_redirect:
        return content
    if answer.status_code >= HTTPStatus.BAD_REQUEST:
        aws_request_id = answer.headers.get("x-amzn-RequestId")
        raise ApiError(answer.status_code, content if isinstance(content, dict) else {}, aws_request_id)
    raise _not_the_api(target)


def _request_object(content: JsonObject, target: Target) -> JsonObject:
    if not isinstance(content.get("request_id"), str) or not isinstance(content.get("status"), str):
        raise _not_the_api(target)
    return content


def _not_the_api(target: Target) -> CliError:
    return CliError(f"What answers at {target.url} is not the vending API.", "Look at AVM_API_URL.")


def _unreachable(target: Target, error: requests.RequestException) -> CliError:
    if isinstance(error, requests.exceptions.SSLError):
        message = f"There is no trusted TLS connection to {target.url}: {error}."
        return CliError(message, "A private certificate authority is named by REQUESTS_CA_BUNDLE.")
    hint = "Start the emulator with 'avm local up', or set AVM_API_URL to the API of a deployed stack."
    reason = "the connection is refused or there is no such host" if _never_connected(error) else str(error)
    return CliError(f"Nothing answers at {target.url}: {reason}.", hint)
