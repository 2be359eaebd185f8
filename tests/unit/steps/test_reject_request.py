"""RejectRequest."""

import json

import pytest

from avm.steps import reject_request
from tests.unit.steps.conftest import World


def test_name_and_email_are_free_again_and_the_reason_is_kept(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("avm.aws.step_functions.Workflows.history", lambda *_: None)
    record = world.accepted(name="rejected", email="aws-rejected@example.com")
    cause = json.dumps({"errorMessage": "the e-mail is taken", "errorType": "EmailTaken"})
    world.run(reject_request, record, failed_state="AwaitCreation", error="EmailTaken", cause=cause)
    stored = world.table.request(record.request_id)
    assert stored.status == "REJECTED"
    assert stored.error is not None
    assert (stored.error["code"], stored.error["message"]) == ("EmailTaken", "the e-mail is taken")
    assert world.accepted(name="rejected", email="aws-rejected@example.com").status == "QUEUED"
