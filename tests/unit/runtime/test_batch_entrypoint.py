"""The handler of a queue's function."""

from types import ModuleType, SimpleNamespace
from typing import Any

import pytest
from pydantic import BaseModel

from avm.domain.errors import AccessDenied, Throttled
from avm.runtime import entrypoint
from avm.runtime.entrypoint import batch_entrypoint


class Input(BaseModel):
    """A message that says what becomes of it."""

    messageId: str  # noqa: N815 - as Lambda has it
    body: str


class Output(BaseModel):
    """Nothing."""


FAILURES = {"throttled": Throttled("later"), "denied": AccessDenied("no"), "defect": KeyError("x")}


def run(step: Input, _: object) -> Output:
    if step.body in FAILURES:
        raise FAILURES[step.body]
    return Output()


def give_up(step: Input, error: Exception, _: object) -> bool:
    if step.messageId == "unlucky":
        raise error
    return step.messageId == "last"


@pytest.fixture
def handler(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setattr(entrypoint, "build_gateways", lambda _: None)
    step = ModuleType("avm.steps.take_something")
    vars(step).update(Input=Input, run=run, give_up=give_up)
    return batch_entrypoint(step)


def records(*bodies: object) -> dict[str, Any]:
    return {"Records": [{"messageId": f"m-{number}", "body": body} for number, body in enumerate(bodies)]}


CONTEXT = SimpleNamespace(aws_request_id="r-1")


def test_only_the_messages_that_failed_are_reported_whatever_their_error(
    handler: Any, caplog: pytest.LogCaptureFixture
) -> None:
    answer = handler(records("fine", "throttled", "fine", "denied", "defect", {"no": "text"}, "fine"), CONTEXT)
    failed = [failure["itemIdentifier"] for failure in answer["batchItemFailures"]]
    assert failed == ["m-1", "m-3", "m-4", "m-5"]
    levels = [record.levelname for record in caplog.records]
    assert levels == [*("INFO",) * 4, *("ERROR", "INFO") * 2, *("ERROR", "ERROR"), "INFO"]


def test_a_batch_without_failures_reports_none(handler: Any) -> None:
    assert handler(records("fine", "fine"), CONTEXT) == {"batchItemFailures": []}


def test_what_is_put_aside_at_its_last_try_is_done_with_and_what_cannot_be_comes_back(handler: Any) -> None:
    tried = [{"messageId": name, "body": "denied"} for name in ("m", "last", "unlucky")]
    answer = handler({"Records": tried}, CONTEXT)
    assert [failure["itemIdentifier"] for failure in answer["batchItemFailures"]] == ["m", "unlucky"]
