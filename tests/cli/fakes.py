"""A vending API of a few lines that checks signatures, and a clock that never waits."""

import json
import subprocess
import sys
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from typer.testing import Result
from werkzeug.wrappers import Request, Response

Avm = Callable[..., Result]
RequestBuilder = Callable[..., dict[str, Any]]
COMMAND = [sys.executable, "-c", "from avm_cli.main import main; main()"]
"""The command in a process of its own."""
CREDENTIALS = Credentials("AKIDEXAMPLE", "secret/key", "token==")
REGION = "eu-central-1"
Answer = tuple[int, Any] | tuple[int, Any, dict[str, str]]


@dataclass
class Call:
    """What the client sent."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: Any


@dataclass
class FakeApi:
    """Scripted answers in order; the last one is repeated."""

    url: str = ""
    calls: list[Call] = field(default_factory=list)
    answers: deque[Answer] = field(default_factory=deque)
    account: Answer = (200, {"account_id": "210987654321", "ou": "Dev"})

    def script(self, *answers: Answer) -> None:
        self.answers.extend(answers)

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Any:
        request = Request(environ)
        content = request.get_data()
        headers = {name.lower(): value for name, value in request.headers.items()}
        body = json.loads(content) if content else None
        self.calls.append(Call(request.method, request.path, request.args.to_dict(), headers, body))
        if not signed_rightly(request, content):
            return Response(json.dumps({"message": "bad signature"}), 403)(environ, start_response)
        if request.path.removeprefix("/v1/accounts/").isdecimal():
            answer = self.account
        else:
            answer = self.answers.popleft() if len(self.answers) > 1 else self.answers[0]
        status, document, extra = (*answer, {})[:3]
        text = document if isinstance(document, str) else json.dumps(document)
        headers = {"x-amzn-RequestId": "aws-request-1", **extra}
        return Response(text, status, headers, content_type="application/json")(environ, start_response)


def signed_rightly(request: Request, content: bytes) -> bool:
    """Compute the signature from what has arrived, at the time that it names."""
    scheme, _, rest = request.headers.get("Authorization", "").partition(" ")
    given = dict(part.strip().split("=", 1) for part in rest.split(","))
    names = given["SignedHeaders"].split(";")
    assert {"host", "x-amz-date", "x-amz-security-token"} <= set(names)
    assert ("idempotency-key" in names) == ("Idempotency-Key" in request.headers)
    auth = SigV4Auth(CREDENTIALS, "execute-api", REGION)
    url = f"http://{request.host}{request.environ['RAW_URI']}"  # as it came; werkzeug's own url is decoded
    rebuilt = AWSRequest(request.method, url, {name: request.headers[name] for name in names}, content)
    rebuilt.context["timestamp"] = request.headers["X-Amz-Date"]
    signature = auth.signature(auth.string_to_sign(rebuilt, auth.canonical_request(rebuilt)), rebuilt)
    return (
        scheme == "AWS4-HMAC-SHA256" and auth.scope(rebuilt) == given["Credential"] and signature == given["Signature"]
    )


class FakeClock:
    """Time that passes only by sleeping; ``on_sleep`` may raise, as Ctrl-C does."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.sleeps: list[float] = []
        self.on_sleep: Callable[[], None] = lambda: None

    def sleep(self, seconds: float) -> None:
        self.sleeps.append(seconds)
        self.now += seconds
        self.on_sleep()

    def monotonic(self) -> float:
        return self.now


def step(name: str, status: str, started: str | None = None, ended: str | None = None) -> dict[str, Any]:
    at = "2026-11-23T10:00:{}+00:00"
    return {
        "name": name,
        "status": status,
        "started_at": started and at.format(started),
        "ended_at": ended and at.format(ended),
    }


def run_process(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the command in a process of its own."""
    return subprocess.run(  # noqa: S603 - our own command
        [*COMMAND, *arguments], capture_output=True, text=True, timeout=60, check=False
    )
