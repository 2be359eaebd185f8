"""RestrictBootstrap."""

import json

from avm.domain.trust import BOOTSTRAP_ROLE
from avm.steps import create_vending_roles, restrict_bootstrap
from tests.unit.steps.conftest import World
from tests.unit.steps.test_create_vending_roles import iam


def test_the_bootstrap_role_trusts_the_broker_alone_and_the_look_at_it_is_the_vending_roles(world: World) -> None:
    record, account_id = world.usable()
    world.looked(create_vending_roles, record, account_id)
    since = world.last_call()
    first, *_, last = world.looked(restrict_bootstrap, record, account_id)
    assert (first.status, last.status) == ("PENDING", "DONE")
    assert world.mutating_calls(since) == ["iam:UpdateAssumeRolePolicy"]
    looks = world.emulator.calls.select(since=since, operation="GetRole", account=account_id)
    assert "avm-observe" in looks[-1].principal
    (statement,) = iam(world, account_id).get_role(RoleName=BOOTSTRAP_ROLE)["Role"]["AssumeRolePolicyDocument"][
        "Statement"
    ]
    assert statement == {
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:aws:iam::{world.emulator.management_account_id}:role/avm/avm-broker"},
        "Action": "sts:AssumeRole",
    }


def test_a_restricted_role_costs_no_change(world: World) -> None:
    record, account_id = world.furnished()
    since = world.last_call()
    (only,) = world.looked(restrict_bootstrap, record, account_id)
    assert (only.status, world.mutating_calls(since)) == ("DONE", [])


def test_a_trust_that_was_widened_is_narrowed_again(world: World) -> None:
    record, account_id = world.furnished()
    statement = {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    iam(world, account_id).update_assume_role_policy(RoleName=BOOTSTRAP_ROLE, PolicyDocument=document)
    since = world.last_call()
    world.looked(restrict_bootstrap, record, account_id)
    assert world.mutating_calls(since) == ["iam:UpdateAssumeRolePolicy"]
