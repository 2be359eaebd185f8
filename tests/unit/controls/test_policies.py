"""What controls declare is what the roles that they work in are granted."""

import json
from typing import Any

import pytest
from samtranslator.yaml_helper import yaml_parse

from avm.catalog import load_catalog
from avm.controls.control import Plane
from avm.controls.policies import enforce_policy, observe_policy
from avm.controls.registry import all_controls
from avm.domain.catalog import Catalog
from tests.names import ROOT

INLINE_CHARACTERS = 10_240
"""Characters without white space that the inline policies of a role may have together (IAM user guide, quotas)."""


def actions(plane: Plane, *, enforce: bool) -> set[str]:
    """Return the actions that controls declare for the role of a plane."""
    return {
        action
        for control in all_controls().values()
        for grant in (*control.observe_grants, *(control.enforce_grants if enforce else ()))
        if not (enforce and grant.observing_only)
        if (grant.plane or control.plane) == plane
        for action in grant.actions
    }


def granted(document: Any) -> set[str]:
    return {action for statement in document["Statement"] for action in statement["Action"]}


def test_every_control_is_promised_to_some_account() -> None:
    catalog: Catalog = load_catalog(ROOT / "layers" / "catalog" / "catalog")
    promised = {name for each in catalog.account_types.values() for name in each.controls}
    assert promised == set(all_controls())


@pytest.mark.parametrize("make", [observe_policy, enforce_policy])
def test_the_policies_of_the_vending_roles_fit(make: Any) -> None:
    policy = make(all_controls().values(), "member", partition="aws-us-gov", account_id="111122223333")
    assert len(json.dumps(policy, separators=(",", ":"))) <= INLINE_CHARACTERS


def test_the_vending_roles_may_do_what_the_controls_declare_and_nothing_else() -> None:
    place = {"partition": "aws", "account_id": "111122223333"}
    looks = granted(observe_policy(all_controls().values(), "member", **place))
    assert looks == actions("member", enforce=False)
    changes = granted(enforce_policy(all_controls().values(), "member", **place))
    assert changes == actions("member", enforce=True)


def test_the_broker_may_do_what_the_controls_of_the_organization_declare() -> None:
    template = yaml_parse((ROOT / "templates" / "management.yaml").read_text("utf-8"))
    (policy,) = template["Resources"]["Broker"]["Properties"]["Policies"]
    statements = policy["PolicyDocument"]["Statement"]
    allowed = {
        action
        for one in statements
        for action in ([one["Action"]] if isinstance(one["Action"], str) else one["Action"])
    }
    assert actions("organization", enforce=True) <= allowed


def test_the_function_that_assigns_access_may_do_what_its_controls_declare() -> None:
    template = yaml_parse((ROOT / "template.yaml").read_text("utf-8"))
    policies = template["Resources"]["AssignAccessFunction"]["Properties"]["Policies"]
    statements = policies[1]["Statement"]
    allowed = {
        action
        for one in statements
        for action in ([one["Action"]] if isinstance(one["Action"], str) else one["Action"])
    }
    assert actions("identity-center", enforce=True) <= allowed
