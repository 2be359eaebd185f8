"""AssignAccess."""

from typing import Any

import pytest

from avm.aws.identity_center import AssignmentOperation
from avm.domain.errors import AssignmentFailed, PrincipalNotFound
from avm.steps import assign_access
from avm.steps.assign_access import missing_assignments
from tests.unit.steps.conftest import World


def assigned(world: World, record: Any, account_id: str) -> int:
    """Run the step as the workflow's loop does; return how many rounds it took."""
    operation_id: str | None = None
    for rounds in range(1, 200):
        output = world.run(assign_access, record, account_id=account_id, operation_id=operation_id)
        if output.status == "DONE":
            return rounds
        operation_id = output.operation_id
        world.wait()
    pytest.fail("the assignments were not made")


def test_type_and_request_are_assigned_one_at_a_time(world: World) -> None:
    access = [{"user": "max.muster@example.com", "permission_set": "ReadOnlyAccess"}]
    record, account_id = world.placed(type="development", access=access)
    wanted = missing_assignments(world.gateways, record, account_id)
    assert len(wanted) == len(world.catalog.account_type("development").assignments) + 1
    since = world.last_call()
    assigned(world, record, account_id)
    assert missing_assignments(world.gateways, record, account_id) == []
    assert world.mutating_calls(since) == ["sso-admin:CreateAccountAssignment"] * len(wanted)


def test_a_second_run_makes_no_mutating_call(world: World) -> None:
    record, account_id = world.placed()
    assigned(world, record, account_id)
    since = world.last_call()
    assert assigned(world, record, account_id) == 1
    assert world.mutating_calls(since) == []


def test_what_stands_in_type_and_request_is_assigned_once(world: World) -> None:
    access = [{"group": "security-auditors", "permission_set": "ReadOnlyAccess"}] * 2
    record, account_id = world.placed(type="development", access=access)
    missing = missing_assignments(world.gateways, record, account_id)
    assert len(missing) == len(set(missing))


@pytest.mark.parametrize("principal", [{"group": "nobody"}, {"user": "nobody@example.com"}])
def test_a_principal_that_does_not_exist_is_named(world: World, principal: dict[str, str]) -> None:
    record, account_id = world.placed(type="development", access=[{**principal, "permission_set": "ReadOnlyAccess"}])
    with pytest.raises(PrincipalNotFound, match="nobody"):
        assigned(world, record, account_id)


def test_an_operation_that_failed_tells_why(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    record, account_id = world.placed()
    failed = AssignmentOperation("op-1", "FAILED", "the role is full")
    monkeypatch.setattr(world.gateways.identity_center, "assignment_operation", lambda _: failed)
    with pytest.raises(AssignmentFailed, match=r"op-1.*the role is full"):
        world.run(assign_access, record, account_id=account_id, operation_id="op-1")
