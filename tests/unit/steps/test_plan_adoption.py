"""PlanAdoption."""

import json
from typing import Any

import pytest

from avm.contracts.adoption_plan import AdoptionPlan
from avm.controls.registry import all_controls
from avm.domain.errors import ReportNotFound
from avm.domain.request_rules import parse_request
from avm.steps import plan_adoption
from avm.steps.adoption import enter
from tests.unit.steps.conftest import World

SESSION_POLICY = 2048
"""Characters (botocore, sts.AssumeRole)."""
BODY = {"name": "old", "owner": "jane.doe@example.com", "cost_center": "CC-1042", "purpose": "x"}


def asked(world: World, account_id: str, observation_id: str = "adoption-1", kind: str = "test") -> None:
    """Ask for a plan, as the door does."""
    plan = AdoptionPlan(
        observation_id=observation_id,
        account_id=account_id,
        status="PENDING",
        catalog_version=world.catalog.version,
        time=world.now(),
        email="old@example.org",
        request=parse_request({**BODY, "type": kind}, world.catalog),
    )
    world.gateways.reports.put_adoption_plan(plan)


def planned(world: World, account_id: str, **more: Any) -> AdoptionPlan:
    step = {"observation_id": "adoption-1", "account_id": account_id, "time": world.now(), **more}
    plan_adoption.run(plan_adoption.Input.model_validate(step), world.gateways)
    return world.gateways.reports.adoption_plan(account_id)


def test_each_control_says_what_it_finds_and_how_it_would_be_made_true(world: World) -> None:
    account_id = world.by_hand()
    asked(world, account_id)
    since = world.last_call()
    plan = planned(world, account_id)
    assert world.mutating_calls(since) == []
    assert plan.error is None
    assert (plan.status, plan.ou_before, plan.ou_after) == ("DONE", "Root", "Test")
    rows = {row.control: row for row in plan.controls}
    assert set(rows) == set(world.catalog.account_type("test").controls)
    assert (rows["placement"].status, rows["placement"].calls) == ("violated", ("organizations:MoveAccount",))
    assert rows["account-tags"].evidence["wanted"]["avm:request-id"] == f"adopt-{account_id}"
    assert "iam:CreateRole" in rows["vending-roles"].calls
    assert all(not row.calls for row in plan.controls if row.status != "violated")


def test_guardrails_that_would_bind_no_more_and_those_of_others_are_named(world: World) -> None:
    account_id = world.by_hand()
    organizations = world.organizations
    organizations.move_account(account_id, organizations.root_id(), organizations.ou_id("Sandbox"))
    organizations.attach_policy(organizations.scp_id(world.catalog.scps["avm-deny-leave"].aws_name), account_id)
    others = {"Effect": "Deny", "Principal": "*", "Action": "sqs:PurgeQueue", "Resource": "*"}
    client = world.emulator.clients.client("organizations")
    policy = client.create_policy(
        Name="others-rcp",
        Description="of others",
        Type="RESOURCE_CONTROL_POLICY",
        Content=json.dumps({"Version": "2012-10-17", "Statement": others}),
    )["Policy"]["PolicySummary"]["Id"]
    client.attach_policy(PolicyId=policy, TargetId=account_id)
    asked(world, account_id, kind="production")
    plan = planned(world, account_id)
    assert plan.unbound == (world.catalog.scps["avm-costly-services"].aws_name,)
    assert plan.left_alone == ("RCP others-rcp on the account",)


def test_the_session_in_the_bootstrap_role_can_look_and_nothing_else(world: World) -> None:
    account_id = world.by_hand()
    policy = plan_adoption.observe_anything(all_controls().values())
    iam = world.gateways.member_clients(None, enter(world.gateways, account_id, "plan", policy)).client("iam")
    with pytest.raises(iam.exceptions.ClientError, match="CreateUser"):
        iam.create_user(UserName="mallory")


@pytest.mark.parametrize("kind", ["sandbox", "log-archive", "security"])
def test_the_session_policy_is_as_short_as_sts_asks(world: World, kind: str) -> None:
    controls = all_controls()
    named = [controls[name] for name in world.catalog.account_type(kind).controls]
    assert len(plan_adoption.observe_anything(named)) <= SESSION_POLICY


def test_why_nothing_can_be_planned_is_the_plans_error(world: World) -> None:
    account_id = world.by_hand(RoleName="Other")
    asked(world, account_id)
    plan = planned(world, account_id)
    assert plan.error is not None
    assert (plan.status, plan.error["code"]) == ("FAILED", "AccountNotAdoptable")


def test_what_the_workflow_has_caught_is_the_plans_error(world: World) -> None:
    asked(world, "210987654321")
    plan = planned(world, "210987654321", error="States.Timeout", cause="")
    assert plan.error is not None
    assert (plan.status, plan.error["code"]) == ("FAILED", "UnexpectedError")


def test_a_plan_that_a_newer_one_has_followed_is_dropped(world: World) -> None:
    asked(world, "210987654321", "adoption-2")
    assert planned(world, "210987654321").status == "PENDING"


def test_a_plan_that_nobody_has_asked_for_is_named(world: World) -> None:
    with pytest.raises(ReportNotFound):
        planned(world, "210987654321")
