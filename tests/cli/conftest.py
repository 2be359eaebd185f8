"""The CLI against a fake API, in an environment that holds nothing of the developer's own."""

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result
from werkzeug.serving import make_server

from avm_cli.main import app
from avm_cli.waiting import Waiting
from tests.cli.fakes import CREDENTIALS, REGION, Avm, FakeApi, FakeClock, RequestBuilder, step


@pytest.fixture
def api() -> Iterator[FakeApi]:
    """Serve a FakeApi on a free loopback port."""
    fake = FakeApi()
    server = make_server("127.0.0.1", 0, fake, threaded=True)
    fake.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield fake
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Leave nothing of the developer's own AWS environment, and no way to an instance's credentials."""
    for name in ("AWS_PROFILE", "AWS_DEFAULT_PROFILE", "AWS_REGION", "AWS_ENDPOINT_URL", "AVM_API_URL", "CI"):
        monkeypatch.delenv(name, raising=False)
    for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        monkeypatch.setenv(name, str(tmp_path / name))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", CREDENTIALS.access_key)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", CREDENTIALS.secret_key)
    monkeypatch.setenv("AWS_SESSION_TOKEN", str(CREDENTIALS.token))
    monkeypatch.setenv("AWS_DEFAULT_REGION", REGION)


@pytest.fixture
def clock() -> FakeClock:
    """Return a clock that has not moved."""
    return FakeClock()


@pytest.fixture
def avm(api: FakeApi, clock: FakeClock, monkeypatch: pytest.MonkeyPatch) -> Avm:
    """Return ``avm(*arguments, input=None)`` against the fake API."""
    monkeypatch.setenv("AVM_API_URL", api.url)
    waiting = Waiting(clock.sleep, clock.monotonic)

    def run(*arguments: str, **options: Any) -> Result:
        return CliRunner().invoke(app, list(arguments), obj=waiting, **options)

    return run


@pytest.fixture
def request_object() -> RequestBuilder:
    """Return a builder of request objects as interfaces.md shows them."""

    def build(status: str = "READY", **changes: Any) -> dict[str, Any]:
        return {
            "request_id": "RITM0012345",
            "status": status,
            "name": "payments-dev",
            "type": "development",
            "email": "aws+payments-dev-1a2b3c4d@example.com",
            "account_id": "210987654321" if status == "READY" else None,
            "requester": {
                "door": "api",
                "principal": "arn:aws:iam::123456789012:role/avm-operator",
                "on_behalf_of": None,
            },
            "created_at": "2026-11-23T10:00:00+00:00",
            "updated_at": "2026-11-23T10:00:50+00:00",
            "ready_at": "2026-11-23T10:00:42Z" if status == "READY" else None,
            "attempt": 1,
            "queue_position": None,
            "steps": [step("CreateAccount", "SUCCEEDED", "01", "31"), step("MoveAccount", "SUCCEEDED", "31", "42")]
            if status == "READY"
            else [step("CreateAccount", "RUNNING", "01"), step("MoveAccount", "PENDING")],
            "error": None,
        } | changes

    return build


@pytest.fixture
def request_path(tmp_path: Path) -> Path:
    """Return a request file without an id."""
    path = tmp_path / "payments.yaml"
    path.write_text(
        "name: payments-dev\ntype: development\nowner: jane.doe@example.com\n"
        "cost_center: CC-1042\npurpose: Card payments\n"
    )
    return path
