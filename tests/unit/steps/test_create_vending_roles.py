"""CreateVendingRoles."""

import json
from collections.abc import Mapping
from typing import Any

import pytest
from botocore.exceptions import ClientError

from avm.aws.sts import Sessions
from avm.domain.errors import AccessDenied
from avm.steps import create_vending_roles
from tests.unit.steps.conftest import World

MAKES = ["iam:CreateRole", "iam:PutRolePolicy"]


def iam(world: World, account_id: str) -> Any:
    role = f"arn:aws:iam::{account_id}:role/OrganizationAccountAccessRole"
    return world.emulator.clients.client("iam", role_arn=role)


def test_the_roles_are_made_and_taken_before_the_step_is_done(world: World) -> None:
    record, account_id = world.usable()
    since = world.last_call()
    first, *_, last = world.looked(create_vending_roles, record, account_id)
    assert world.mutating_calls(since) == MAKES * 3
    assert (first.status, last.status) == ("PENDING", "DONE")
    assert "CreateRole avm-enforce" in first.failures[0].cause
    by_function = [
        call
        for call in world.emulator.calls.select(since=since, operation="AssumeRole")
        if "/steps/" in call.principal and not call.error
    ]
    assert len(by_function) >= 2
    roles = {role["Arn"] for role in iam(world, account_id).list_roles(PathPrefix="/avm/")["Roles"]}
    assert roles == {
        f"arn:aws:iam::{account_id}:role/avm/{name}" for name in ("avm-enforce", "avm-events", "avm-observe")
    }


def test_what_is_there_already_costs_no_change(world: World) -> None:
    record, account_id = world.usable()
    world.looked(create_vending_roles, record, account_id)
    since = world.last_call()
    (only,) = world.looked(create_vending_roles, record, account_id)
    assert (only.status, world.mutating_calls(since)) == ("DONE", [])


def widen_trust(client: Any, account_id: str) -> None:
    statement = {"Effect": "Allow", "Principal": {"AWS": account_id}, "Action": "sts:AssumeRole"}
    document = {"Version": "2012-10-17", "Statement": [statement]}
    client.update_assume_role_policy(RoleName="avm-enforce", PolicyDocument=json.dumps(document))


def add_policy(client: Any, _: str) -> None:
    document = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
    client.put_role_policy(RoleName="avm-enforce", PolicyName="more", PolicyDocument=json.dumps(document))


def widen_policy(client: Any, _: str) -> None:
    document = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
    client.put_role_policy(RoleName="avm-enforce", PolicyName="avm-enforce", PolicyDocument=json.dumps(document))


def attach_policy(client: Any, _: str) -> None:
    client.attach_role_policy(RoleName="avm-enforce", PolicyArn="arn:aws:iam::aws:policy/AdministratorAccess")


@pytest.mark.parametrize(
    ("tamper", "repair"),
    {
        widen_trust: "iam:UpdateAssumeRolePolicy",
        widen_policy: "iam:PutRolePolicy",
        add_policy: "iam:DeleteRolePolicy",
        attach_policy: "iam:DetachRolePolicy",
    }.items(),
)
def test_a_role_that_is_not_as_it_should_be_is_mended(world: World, tamper: Any, repair: str) -> None:
    record, account_id = world.usable()
    world.looked(create_vending_roles, record, account_id)
    tamper(iam(world, account_id), account_id)
    since = world.last_call()
    world.looked(create_vending_roles, record, account_id)
    assert world.mutating_calls(since) == [repair]


def test_a_role_that_cannot_be_taken_yet_is_waited_for(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    record, account_id = world.usable()
    world.looked(create_vending_roles, record, account_id)
    assume = Sessions.assume

    def refuse(self: Sessions, role_arn: str, session_name: str, **options: Any) -> Any:
        if not role_arn.endswith("/avm-observe"):
            return assume(self, role_arn, session_name, **options)
        answer: Mapping[str, Any] = {"Error": {"Code": "AccessDenied", "Message": "words"}}
        raise AccessDenied("words") from ClientError(answer, "AssumeRole")  # type: ignore[arg-type]

    monkeypatch.setattr(Sessions, "assume", refuse)
    output = world.run(create_vending_roles, record, account_id=account_id)
    assert [(output.status, each.cause) for each in output.failures] == [
        ("PENDING", "waits for avm-observe: AssumeRole: AccessDenied: words")
    ]
