"""RejectRequest."""

import json

import pytest

from avm.domain.errors import AccessDenied, RecordInconsistent
from avm.steps import acquire_creation_slot, join_creation_queue, reject_request
from tests.unit.steps.conftest import World
from tests.unit.steps.recorders import Executions, Published

AT_ONCE = 5
CAUSE = json.dumps({"errorMessage": "the e-mail is taken", "errorType": "EmailTaken"})
FAILURE = {"failed_state": "AwaitCreation", "error": "EmailTaken", "cause": CAUSE}

pytestmark = pytest.mark.usefixtures("executions")


def test_name_and_email_are_free_again_and_the_reason_is_kept(world: World, published: Published) -> None:
    record = world.accepted(name="rejected", email="aws-rejected@example.com")
    world.run(reject_request, record, **FAILURE)
    stored = world.table.request(record.request_id)
    assert stored.status == "REJECTED"
    assert stored.error is not None
    assert (stored.error["code"], stored.error["message"]) == ("EmailTaken", "the e-mail is taken")
    assert published.events == [("AccountRequestRejected", {"error": stored.error})]
    assert world.accepted(name="rejected", email="aws-rejected@example.com").status == "QUEUED"


def test_a_rejection_that_cannot_be_told_is_not_closed(
    world: World, published: Published, monkeypatch: pytest.MonkeyPatch
) -> None:
    record = world.started()

    def refuse(*_: object, **__: object) -> None:
        message = "PutEvents: no"
        raise AccessDenied(message)

    with monkeypatch.context() as mute:
        mute.setattr(world.gateways.events, "publish", refuse)
        with pytest.raises(AccessDenied):
            world.run(reject_request, record, **FAILURE)
    assert world.table.request(record.request_id).status == "IN_PROGRESS"
    world.run(reject_request, record, **FAILURE)
    assert world.table.request(record.request_id).status == "REJECTED"
    assert "AccountRequestRejected" in published.types()


def test_a_second_run_takes_nothing_from_who_has_the_name_now(world: World) -> None:
    record = world.accepted(name="rejected twice", email="aws-twice@example.com")
    world.run(reject_request, record, **FAILURE)
    after = world.accepted(name="rejected twice", email="aws-twice@example.com")
    before = world.table.request(record.request_id)
    world.run(reject_request, record, **FAILURE)
    assert world.table.request(record.request_id) == before
    world.table.reserve(after)


def test_its_slot_is_handed_on(world: World, executions: Executions, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(world.organizations, "names_in_progress", list)
    records = [world.started() for _ in range(AT_ONCE + 1)]
    for record in records:
        world.run(join_creation_queue, record)
    for record in records:
        world.run(acquire_creation_slot, record, token=record.request_id)
    executions.answers.clear()
    world.run(reject_request, records[2], **FAILURE)
    assert executions.answered() == [records[-1].request_id]
    assert records[2].request_id not in world.line("creation")[0]


def test_a_request_that_has_an_account_is_never_rejected(world: World, published: Published) -> None:
    record, account_id = world.created()
    published.events.clear()
    before = world.table.request(record.request_id)
    with pytest.raises(RecordInconsistent, match=account_id):
        world.run(reject_request, record, **FAILURE)
    assert world.table.request(record.request_id) == before
    assert published.events == []


def test_a_cancelled_request_stays_cancelled_and_gives_up_what_it_holds(
    world: World, executions: Executions, published: Published
) -> None:
    record = world.started()
    world.run(join_creation_queue, record)
    world.table.update_request(record.request_id, {"status": "CANCELLED", "open": "yes"})
    world.run(reject_request, record, failed_state="CreateAccount", error="RequestCancelled")
    stored = world.table.request(record.request_id)
    assert (stored.status, stored.error) == ("CANCELLED", None)
    assert world.line("creation") == ([], [])
    assert published.events == []


def test_a_late_run_of_an_older_attempt_takes_nothing_from_the_newer(
    world: World, executions: Executions, published: Published
) -> None:
    record = world.started()
    world.table.update_request(record.request_id, {"attempt": 2})
    world.run(join_creation_queue, record)
    world.gateways.slots.put_token(record.request_id, "creation", "of the second attempt")
    before = world.table.request(record.request_id)
    world.run(reject_request, record, **FAILURE)
    assert world.table.request(record.request_id) == before
    assert world.line("creation") == ([], [record.request_id])
    assert world.gateways.slots.token(record.request_id, "creation") == "of the second attempt"
    assert published.events == []
