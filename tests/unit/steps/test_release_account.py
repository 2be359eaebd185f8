"""ReleaseAccount."""

import json

import pytest

from avm.domain.account_request import RequestRecord
from avm.domain.errors import VerificationFailed
from avm.domain.trust import BOOTSTRAP_ROLE
from avm.steps import assign_access, quarantine_account, release_account
from tests.unit.steps.conftest import World
from tests.unit.steps.test_create_vending_roles import iam


def ready_to_release(world: World) -> tuple[RequestRecord, str]:
    record, account_id = world.furnished()
    operation_id = None
    while (
        output := world.run(assign_access, record, account_id=account_id, operation_id=operation_id)
    ).status != "DONE":
        operation_id = output.operation_id
    return record, account_id


def test_the_quarantine_is_lifted_and_never_comes_back(world: World) -> None:
    record, account_id = ready_to_release(world)
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
    record, account_id = ready_to_release(world)
    world.organizations.tag(account_id, {"avm:released-at": world.now()})
    world.run(release_account, record, account_id=account_id)
    assert world.catalog.quarantine.aws_name not in world.organizations.attached_scps(account_id)


def test_an_answer_from_before_the_quarantine_is_not_taken_for_its_end(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    record, account_id = ready_to_release(world)
    with monkeypatch.context() as stale:
        stale.setattr(type(world.organizations), "attached_scps", lambda *_: {"FullAWSAccess": "p-FullAWSAccess"})
        world.run(release_account, record, account_id=account_id)
    assert world.catalog.quarantine.aws_name not in world.organizations.attached_scps(account_id)


def test_an_account_outside_its_ou_stays_held(world: World) -> None:
    record, account_id = ready_to_release(world)
    organizations = world.organizations
    organizations.move_account(account_id, organizations.ou_id("Sandbox"), organizations.root_id())
    with pytest.raises(VerificationFailed, match="Sandbox"):
        world.run(release_account, record, account_id=account_id)
    assert world.catalog.quarantine.aws_name in organizations.attached_scps(account_id)
    assert "avm:released-at" not in organizations.tags(account_id)


def test_an_account_without_its_assignments_stays_held(world: World) -> None:
    record, account_id = world.furnished()
    with pytest.raises(VerificationFailed, match="assignments"):
        world.run(release_account, record, account_id=account_id)
    assert world.catalog.quarantine.aws_name in world.organizations.attached_scps(account_id)


@pytest.mark.parametrize(
    ("role", "control"), [("avm-enforce", "vending-roles"), (BOOTSTRAP_ROLE, "bootstrap-restricted")]
)
def test_an_account_whose_roles_trust_somebody_else_stays_held(world: World, role: str, control: str) -> None:
    record, account_id = ready_to_release(world)
    statement = {"Effect": "Allow", "Principal": {"AWS": account_id}, "Action": "sts:AssumeRole"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    iam(world, account_id).update_assume_role_policy(RoleName=role, PolicyDocument=document)
    with pytest.raises(VerificationFailed, match=f"{control} of account {account_id} is violated"):
        world.run(release_account, record, account_id=account_id)
    assert world.catalog.quarantine.aws_name in world.organizations.attached_scps(account_id)
