"""ReleaseAccount."""

import pytest

from avm.domain.errors import VerificationFailed
from avm.steps import quarantine_account, release_account
from tests.unit.steps.conftest import World


def test_the_quarantine_is_lifted_and_never_comes_back(world: World) -> None:
    record, account_id = world.placed()
    name = world.catalog.quarantine.aws_name
    assert name in world.organizations.attached_scps(account_id)
    world.run(release_account, record, account_id=account_id)
    assert name not in world.organizations.attached_scps(account_id)
    assert "avm:released-at" in world.organizations.tags(account_id)
    since = world.last_call()
    world.run(quarantine_account, record, account_id=account_id)
    world.run(release_account, record, account_id=account_id)
    assert world.mutating_calls(since) == []


def test_a_release_that_died_after_its_tag_is_finished(world: World) -> None:
    record, account_id = world.placed()
    world.organizations.tag(account_id, {"avm:released-at": world.now()})
    world.run(release_account, record, account_id=account_id)
    assert world.catalog.quarantine.aws_name not in world.organizations.attached_scps(account_id)


def test_an_answer_from_before_the_quarantine_is_not_taken_for_its_end(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    record, account_id = world.placed()
    with monkeypatch.context() as stale:
        stale.setattr(type(world.organizations), "attached_scps", lambda *_: {"FullAWSAccess": "p-FullAWSAccess"})
        world.run(release_account, record, account_id=account_id)
    assert world.catalog.quarantine.aws_name not in world.organizations.attached_scps(account_id)


def test_a_quarantine_that_stays_is_told(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    record, account_id = world.placed()
    monkeypatch.setattr(world.organizations, "detach_policy", lambda *_: None)
    with pytest.raises(VerificationFailed, match="is still there"):
        world.run(release_account, record, account_id=account_id)
