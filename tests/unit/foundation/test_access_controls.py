"""Who administers Identity Center, and its permission sets."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import pytest

from avm.foundation.identity_center_administrator import IdentityCenterAdministrator
from avm_emulator.identity_center import enable_identity_center
from tests.unit.foundation.conftest import Ground

SETS = "permission-sets"


def test_while_there_is_no_instance_somebody_has_to_enable_it(ground: Ground) -> None:
    look = ground.look(SETS)
    assert (look.status, look.steps) == ("violated", ())
    assert "eu-west-1" in look.by_hand[0]
    enable_identity_center(ground.emulator)


def test_the_permission_sets_of_the_catalog_are_made_and_nothing_is_left(ground: Ground) -> None:
    made = ground.apply(SETS)
    assert made.count("sso:CreatePermissionSet") == len(ground.catalog.permission_sets)
    assert ground.status(SETS) == "compliant"
    assert ground.apply(SETS) == []


def arn(ground: Ground, name: str) -> dict[str, str]:
    sets = ground.reach.permission_sets
    instance = str(sets.instance())
    named = {sets.definition(instance, each).name: each for each in sets.arns(instance)}
    return {"InstanceArn": instance, "PermissionSetArn": named[name]}


def delete(ground: Ground, center: Any) -> None:
    center.delete_permission_set(**arn(ground, "BillingAccess"))


def lengthen(ground: Ground, center: Any) -> None:
    center.update_permission_set(**arn(ground, "BreakGlass"), SessionDuration="PT12H")


def widen(ground: Ground, center: Any) -> None:
    policy = "arn:aws:iam::aws:policy/AdministratorAccess"
    center.attach_managed_policy_to_permission_set(**arn(ground, "ReadOnlyAccess"), ManagedPolicyArn=policy)


def empty(ground: Ground, center: Any) -> None:
    center.delete_inline_policy_from_permission_set(**arn(ground, "DeveloperAccess"))


def fill(ground: Ground, center: Any) -> None:
    policy = '{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "iam:*", "Resource": "*"}}'
    center.put_inline_policy_to_permission_set(**arn(ground, "BillingAccess"), InlinePolicy=policy)


BREAKERS: Mapping[str, Callable[[Ground, Any], None]] = {
    "a permission set is deleted": delete,
    "its sessions last longer": lengthen,
    "it gets another managed policy": widen,
    "its inline policy is taken away": empty,
    "it gets an inline policy": fill,
}


@pytest.mark.parametrize("what", BREAKERS)
def test_what_is_broken_is_found_and_mended(ground: Ground, what: str) -> None:
    ground.emulator.clock.advance(5)
    BREAKERS[what](ground, ground.emulator.clients.client("sso-admin"))
    ground.emulator.clock.advance(5)
    assert ground.status(SETS) == "violated"
    assert ground.apply(SETS)
    assert ground.status(SETS) == "compliant"


def test_a_permission_set_of_others_is_named_and_left_alone(ground: Ground) -> None:
    center = ground.emulator.clients.client("sso-admin")
    center.create_permission_set(InstanceArn=str(ground.reach.permission_sets.instance()), Name="Theirs")
    look = ground.look(SETS)
    assert (look.status, look.left_alone) == ("compliant", ("permission set Theirs",))


def test_the_management_account_administers_identity_center_itself(ground: Ground) -> None:
    assert ground.status("identity-center-administrator") == "compliant"


def test_an_application_account_is_registered_unless_another_one_is(ground: Ground) -> None:
    control, target = IdentityCenterAdministrator(), ground.target()
    elsewhere = replace(target, application_account_id="111122223333")
    ground.emulator.clock.advance(5)
    (step,) = control.look(elsewhere, ground.reach).steps
    assert (step.operation, step.after) == ("organizations:RegisterDelegatedAdministrator", "111122223333")
