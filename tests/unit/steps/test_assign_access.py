"""AssignAccess."""

from typing import Any

import pytest

from avm.aws.identity_center import AssignmentOperation
from avm.steps import assign_access
from tests.unit.steps.conftest import World

CONTROLS = ("access-assignments",)


def assigned(world: World, record: Any, account_id: str) -> list[Any]:
    """Run the step as the workflow's loop does; return what its rounds have put out."""
    outputs: list[Any] = []
    operations: dict[str, str] = {}
    while not outputs or outputs[-1].status == "PENDING":
        assert len(outputs) < 200, f"never done: {outputs[-1]}"
        if outputs:
            world.wait()
        outputs.append(
            world.run(assign_access, record, account_id=account_id, operations=operations, controls=CONTROLS)
        )
        operations = dict(outputs[-1].operations)
    return outputs


def holders(world: World, account_id: str) -> list[tuple[str, str]]:
    """Return who holds which permission set in the account, by Identity Center's ids."""
    center = world.gateways.identity_center
    sets = center.provisioned_permission_sets(account_id)
    return [(one.principal_type, arn) for arn in sets for one in center.assignments(account_id, arn)]


def test_type_and_request_are_assigned_one_at_a_time(world: World) -> None:
    access = [{"user": "max.muster@example.com", "permission_set": "ReadOnlyAccess"}]
    record, account_id = world.furnished(type="development", access=access)
    since = world.last_call()
    assert assigned(world, record, account_id)[-1].status == "DONE"
    wanted = len(world.catalog.account_type("development").assignments) + 1
    assert world.mutating_calls(since) == ["sso-admin:CreateAccountAssignment"] * wanted
    assert len(holders(world, account_id)) == wanted


def test_a_second_run_makes_no_mutating_call(world: World) -> None:
    record, account_id = world.furnished()
    assigned(world, record, account_id)
    since = world.last_call()
    assert len(assigned(world, record, account_id)) == 1
    assert world.mutating_calls(since) == []


def test_what_stands_in_type_and_request_is_assigned_once(world: World) -> None:
    access = [{"group": "security-auditors", "permission_set": "ReadOnlyAccess"}] * 2
    record, account_id = world.furnished(type="development", access=access)
    assigned(world, record, account_id)
    assert len(holders(world, account_id)) == len(world.catalog.account_type("development").assignments) + 1


def test_access_that_nobody_asked_for_is_taken_away(world: World) -> None:
    record, account_id = world.furnished()
    assigned(world, record, account_id)
    center = world.gateways.identity_center
    one = next(iter(center.assignments(account_id, center.permission_set_arn("SecurityAudit"))))
    strange = type(one)("USER", center.user_id("john.roe@example.com"), one.permission_set_arn)
    center.create_assignment(account_id, strange)
    world.emulator.clock.advance(60)
    since = world.last_call()
    assert assigned(world, record, account_id)[-1].status == "DONE"
    assert world.mutating_calls(since) == ["sso-admin:DeleteAccountAssignment"]
    assert strange not in center.assignments(account_id, one.permission_set_arn)


@pytest.mark.parametrize("principal", [{"group": "nobody"}, {"user": "nobody@example.com"}])
def test_a_principal_that_does_not_exist_is_named(world: World, principal: dict[str, str]) -> None:
    access = [{**principal, "permission_set": "ReadOnlyAccess"}]
    record, account_id = world.furnished(type="development", access=access)
    (only,) = assigned(world, record, account_id)
    (failure,) = only.failures
    assert (only.status, failure.error) == ("FAILED", "PrincipalNotFound")
    assert "nobody" in failure.cause


def test_an_operation_that_failed_tells_why(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    record, account_id = world.furnished()
    failed = AssignmentOperation("CreateAccountAssignment", "op-1", "FAILED", "the role is full")
    monkeypatch.setattr(world.gateways.identity_center, "operation", lambda _: failed)
    operations = {"access-assignments": failed.id}
    output = world.run(assign_access, record, account_id=account_id, operations=operations, controls=CONTROLS)
    (failure,) = output.failures
    assert (output.status, failure.error) == ("FAILED", "AssignmentFailed")
    assert "op-1 failed: the role is full" in failure.cause
