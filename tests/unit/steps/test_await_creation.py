"""AwaitCreation: what AWS says of a creation."""

from typing import Any

import pytest

from avm.aws.organizations import Creation
from avm.domain.errors import AccountCreationFailed, AccountLimitExceeded, EmailTaken, RecordInconsistent
from avm.steps import await_creation, create_account
from tests.unit.steps.conftest import World


def failing(world: World, monkeypatch: pytest.MonkeyPatch, reason: str) -> None:
    def answer(creation_id: str) -> Creation:
        return Creation(creation_id, "FAILED", "n", None, failure_reason=reason)

    monkeypatch.setattr(world.organizations, "creation", answer)


def test_the_account_is_taken_once(world: World) -> None:
    record, account_id = world.created()
    account = world.table.account(account_id)
    assert account is not None
    assert (account.status, account.ou, account.request_id) == ("VENDING", "Sandbox", record.request_id)
    assert world.run(await_creation, record).account_id == account_id
    assert [row.action for row in world.table.audit(record.request_id)].count("AccountCreated") == 1


def test_another_account_for_the_same_request_is_never_taken(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    record, _ = world.created()
    stale = world.table.request(record.request_id).model_copy(update={"account_id": None})
    other = Creation("car-1", "SUCCEEDED", record.name, None, account_id="999999999999")
    real = world.table.request
    answers = iter([stale])
    monkeypatch.setattr(world.organizations, "creation", lambda _: other)
    monkeypatch.setattr(world.table, "request", lambda request_id: next(answers, None) or real(request_id))
    with pytest.raises(RecordInconsistent, match="999999999999"):
        world.run(await_creation, record)


@pytest.mark.parametrize(
    ("reason", "error"),
    [
        ("EMAIL_ALREADY_EXISTS", EmailTaken),
        ("ACCOUNT_LIMIT_EXCEEDED", AccountLimitExceeded),
        ("INVALID_ADDRESS", AccountCreationFailed),
        ("PENDING_BUSINESS_VALIDATION", AccountCreationFailed),
        ("SOMETHING_NEW", AccountCreationFailed),
    ],
)
def test_a_failure_has_its_error_and_leaves_the_way_free(
    world: World, monkeypatch: pytest.MonkeyPatch, reason: str, error: type[Exception]
) -> None:
    record = world.started()
    world.table.update_request(record.request_id, {"create_request_id": "car-1", "creation_called_at": world.now()})
    failing(world, monkeypatch, reason)
    with pytest.raises(error, match=reason):
        world.run(await_creation, record)
    stored = world.table.request(record.request_id)
    assert (stored.create_request_id, stored.creation_called_at) == (None, None)


@pytest.mark.parametrize("reason", ["INTERNAL_FAILURE", "CONCURRENT_ACCOUNT_MODIFICATION"])
def test_what_aws_failed_at_by_itself_is_asked_for_again(
    world: World, monkeypatch: pytest.MonkeyPatch, reason: str
) -> None:
    record = world.started()
    world.table.update_request(record.request_id, {"create_request_id": "car-1"})
    failing(world, monkeypatch, reason)
    assert world.run(await_creation, record).creation == "AGAIN"


def test_our_own_account_is_adopted_when_its_email_exists_already(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    record, account_id = world.created()
    changes: dict[str, Any] = {"account_id": None, "create_request_id": "car-lost"}
    world.table.update_request(record.request_id, changes)
    with monkeypatch.context() as patched:
        failing(world, patched, "EMAIL_ALREADY_EXISTS")
        patched.setattr(world.organizations, "creations", lambda *_: [])
        assert world.run(await_creation, record).account_id == account_id


def test_a_foreign_account_with_the_email_is_never_adopted(world: World) -> None:
    first = world.started(name="foreign", email="aws-foreign@example.com")
    world.run(create_account, first)
    foreign_id = world.awaited(first)
    world.table.update_request(first.request_id, {"account_id": None, "create_request_id": None})
    world.organizations.tag(foreign_id, {"avm:request-id": "somebody-else"})
    world.table.update_request(first.request_id, {"creation_intent_at": None, "creation_called_at": None})
    assert world.run(create_account, first).creation == "IN_PROGRESS"
    with pytest.raises(EmailTaken, match="EMAIL_ALREADY_EXISTS"):
        world.awaited(first)
    assert world.table.request(first.request_id).account_id is None
