"""PlanAccount."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from avm.contracts.account_plan import AccountPlan, PlannedCall
from avm.controls.control import Check, Reach, Target
from avm.domain.account_request import Requester, RequestRecord
from avm.domain.errors import (
    CallNotAllowed,
    FoundationBehind,
    InvalidRequest,
    PrincipalNotFound,
    ReportNotFound,
    Throttled,
    VendingError,
)
from avm.domain.finding import PlannedChange
from avm.steps import plan_account
from avm.steps.plan_account import NO_ID
from avm.steps.start_plan import start_plan
from avm.steps.targets import bare_foundation
from tests.unit.steps.conftest import World
from tests.unit.steps.planted import Plant, Planted, plant
from tests.unit.steps.recorders import Runs

__all__ = ["plant"]

BODY = {"name": "new", "type": "sandbox", "owner": "jane.doe@example.com", "cost_center": "CC-1042", "purpose": "x"}
JANE = Requester(door="api", principal="arn:x")


class Foreseen(Planted):
    """A control that plans one call in each place, and meets what the test says."""

    def __init__(self, name: str, *met: VendingError, looks_inside: bool = False, **facts: Any) -> None:
        super().__init__(name, "compliant", **facts)
        self._met = met
        self._looks_inside = looks_inside
        self.targets: list[Target] = []

    def planned(self, target: Target, reach: Reach) -> list[PlannedChange]:
        self.targets.append(target)
        if self._looks_inside:
            reach.member()
        return [PlannedChange(f"iam:Make{self.name.title()}", target.account.id)]

    def checks(self, target: Target, reach: Reach) -> list[Check]:
        def meet(error: VendingError) -> Check:
            def look() -> None:
                raise error

            return look

        return [meet(error) for error in self._met]


class Case:
    """Plans of a world."""

    def __init__(self, world: World, runs: Runs) -> None:
        self.world = world
        self.runs = runs
        self.number = 0
        self.asked: list[str] = []

    def ask(self, **body: Any) -> str:
        """Ask for a plan, as the door does; return its id."""
        self.number += 1
        started = start_plan(
            {**BODY, **body},
            requester=JANE,
            now=self.world.now(),
            new_id=lambda: str(self.number),
            gateways=self.world.gateways,
            check=self._check,
        )
        assert started["status"] == "PENDING"
        return str(started["plan_id"])

    def _check(self, record: RequestRecord) -> None:
        self.asked.append(record.request_id)
        if record.requester.principal == "arn:another":
            message = "it is another's"
            raise CallNotAllowed(message)

    def make(self, plan_id: str, **more: Any) -> AccountPlan:
        """Make a plan that was asked for."""
        self.world.wait()  # AWS takes one ListRoots a second
        step = {"observation_id": plan_id, "time": "2026-11-25T10:00:00Z", **more}
        plan_account.run(plan_account.Input.model_validate(step), self.world.gateways)
        return self.world.gateways.reports.plan(plan_id)

    def plan(self, **body: Any) -> AccountPlan:
        """Return the plan of a request."""
        return self.make(self.ask(**body))


@pytest.fixture
def case(world: World, monkeypatch: pytest.MonkeyPatch) -> Case:
    runs = Runs()
    monkeypatch.setattr(world.gateways, "plan_runs", runs)
    return Case(world, runs)


def codes(plan: AccountPlan) -> list[tuple[str, str]]:
    """Return what stands in the way of what."""
    return [(problem.by, problem.code) for problem in plan.problems]


def test_a_plan_is_kept_started_once_and_not_made_yet(case: Case) -> None:
    with pytest.raises(ReportNotFound):
        case.world.gateways.reports.plan("plan-1")
    assert case.ask() == "plan-1"
    assert case.runs.begun == {"plan-1": {"observation_id": "plan-1"}}
    kept = case.world.gateways.reports.plan("plan-1")
    assert (kept.status, kept.email, kept.ou, kept.changes) == ("PENDING", None, "Sandbox", ())
    assert (kept.requester, kept.request.name) == (JANE, "new")


def test_what_is_not_sound_is_refused_at_the_door(case: Case) -> None:
    with pytest.raises(InvalidRequest):
        case.ask(type="nonsense")
    assert case.runs.begun == {}


def test_the_email_is_known_where_it_is_given_or_made_from_the_requests_id(case: Case) -> None:
    assert case.world.gateways.reports.plan(case.ask(email="mine@example.com")).email == "mine@example.com"
    made = case.world.gateways.reports.plan(case.ask(request_id="R1")).email
    assert made is not None
    assert made.endswith("@example.com")


def test_the_calls_of_the_vend_stand_around_those_of_the_controls_in_their_order(case: Case, plant: Plant) -> None:
    first = Foreseen("first")
    plant(Foreseen("second", needs=("first",)), first)
    since = case.world.last_call()
    plan = case.plan(request_id="R1")
    assert case.world.mutating_calls(since) == []
    assert (plan.status, plan.time, plan.problems) == ("DONE", "2026-11-25T10:00:00Z", ())
    assert [(row.by, row.call) for row in plan.changes] == [
        ("CreateAccount", "organizations:CreateAccount"),
        ("QuarantineAccount", "organizations:AttachPolicy"),
        ("first", "iam:MakeFirst"),
        ("second", "iam:MakeSecond"),
        ("ReleaseAccount", "organizations:TagResource"),
        ("ReleaseAccount", "organizations:DetachPolicy"),
    ]
    (target,) = first.targets
    assert (target.account.id, target.account.name, target.account.email) == (NO_ID, "new", plan.email)
    assert target.request_id == "R1"


def test_a_control_is_planned_in_each_region_and_iam_has_none(case: Case, plant: Plant) -> None:
    control = Foreseen("lamp", scope="region")
    plant(control)
    rows = [row for row in case.plan().changes if row.by == "lamp"]
    assert [target.region for target in control.targets] == list(case.world.catalog.governed_regions)
    assert {(row.scope, row.subject) for row in rows} == {("account", NO_ID)}


def test_all_that_stands_in_the_way_is_told_once_each_and_keeps_nothing_else(case: Case, plant: Plant) -> None:
    met = (FoundationBehind("no OU"), PrincipalNotFound("no group"), PrincipalNotFound("no user"))
    plant(Foreseen("lamp", *met, scope="region"), Foreseen("street"))
    plan = case.plan()
    assert [(problem.by, problem.message) for problem in plan.problems] == [
        ("lamp", "no OU"),
        ("lamp", "no group"),
        ("lamp", "no user"),
    ]
    assert all(problem.hint for problem in plan.problems)
    assert PlannedCall(by="street", scope="account", call="iam:MakeStreet", subject=NO_ID) in plan.changes


def test_what_passes_by_itself_is_the_workflows_to_try_again_and_then_a_problem(case: Case, plant: Plant) -> None:
    plant(Foreseen("lamp", Throttled("slower")))
    plan_id = case.ask()
    with pytest.raises(Throttled):
        case.make(plan_id)
    assert case.world.gateways.reports.plan(plan_id).status == "PENDING"
    plan = case.make(plan_id, error="Throttled", cause='{"errorMessage": "slower"}')
    assert (plan.status, codes(plan)) == ("DONE", [("lamp", "Throttled")])
    assert "iam:MakeLamp" in {row.call for row in plan.changes}


@pytest.mark.parametrize("error", ["States.Timeout", "Throttled"])
def test_where_nothing_can_be_planned_the_plan_says_why(
    case: Case, monkeypatch: pytest.MonkeyPatch, error: str
) -> None:
    def refuse(_: str) -> None:
        message = "no"
        raise Throttled(message)

    plan_id = case.ask()
    monkeypatch.setattr(case.world.table, "request", refuse)
    plan = case.make(plan_id, error=error, cause="too slow")
    code = "Throttled" if error == "Throttled" else "UnexpectedError"
    assert (plan.status, codes(plan), plan.changes) == ("DONE", [("PlanAccount", code)], ())


def test_a_control_that_would_look_into_the_account_is_a_defect_that_is_told(case: Case, plant: Plant) -> None:
    plant(Foreseen("lamp", looks_inside=True))
    plan = case.plan()
    assert codes(plan) == [("lamp", "UnexpectedError")]
    assert "no account yet" in plan.problems[0].message


@pytest.mark.parametrize(
    ("account_type", "expected"),
    [("sandbox", ([("lamp", "FoundationBehind")], ())), ("shared-services", ([], ("lamp",)))],
)
def test_what_the_foundation_lacks_is_a_problem_or_deferred(
    case: Case, plant: Plant, monkeypatch: pytest.MonkeyPatch, account_type: str, expected: tuple[Any, Any]
) -> None:
    plant(Foreseen("lamp", foundation=("trail",)))
    monkeypatch.setattr(plan_account, "find_foundation", bare_foundation)
    plan = case.plan(type=account_type)
    assert (codes(plan), plan.deferred) == expected
    assert "iam:MakeLamp" not in {row.call for row in plan.changes}


def test_what_another_request_has_is_named(case: Case, plant: Plant) -> None:
    plant()
    other = case.world.accepted(name="taken", email="taken@example.com")
    assert codes(case.plan(name="taken")) == [("ReserveAccount", "NameTaken")]
    assert codes(case.plan(email="taken@example.com")) == [("ReserveAccount", "EmailTaken")]
    conflict = case.plan(request_id=other.request_id)
    assert (codes(conflict), conflict.accepted) == ([("ValidateRequest", "RequestConflict")], "QUEUED")


def test_an_id_that_is_anothers_is_refused_at_the_door(case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    other = case.world.accepted()
    stored = other.model_copy(update={"requester": Requester(door="api", principal="arn:another")})
    monkeypatch.setattr(case.world.table, "request", lambda _: stored)
    with pytest.raises(CallNotAllowed):
        case.ask(request_id=other.request_id)
    assert case.asked == [other.request_id]
    assert case.runs.begun == {}


def test_an_account_with_the_email_and_a_full_quota_are_named_unless_the_account_is_the_requests(
    case: Case, plant: Plant, monkeypatch: pytest.MonkeyPatch
) -> None:
    plant()
    account_id = case.world.by_hand()
    email = case.world.organizations.account(account_id).email.replace("elsewhere.example.org", "example.com")
    accounts = case.world.organizations.accounts()
    number = len(accounts)
    taken = [*accounts[:-1], type(accounts[-1])("1" * 12, "x", email.upper(), "ACTIVE", "o-1")]
    monkeypatch.setattr(case.world.organizations, "accounts", lambda: taken)
    monkeypatch.setattr(case.world.gateways.account_quota, "value", lambda: number)
    plan = case.plan(email=email)
    assert codes(plan) == [("CreateAccount", "EmailTaken"), ("CreateAccount", "AccountLimitExceeded")]
    assert str(number) in plan.problems[1].message
    monkeypatch.setattr(case.world.gateways.account_quota, "value", lambda: None)
    assert codes(case.plan()) == []
    monkeypatch.setattr(case.world.gateways.account_quota, "value", lambda: number)
    own, _ = case.world.created()
    body: Mapping[str, Any] = own.request.model_dump(mode="json", exclude_none=True)
    again = case.plan(**body, request_id=own.request_id)
    assert (codes(again), again.accepted) == ([], "IN_PROGRESS")


def test_a_foundation_without_its_ous_is_named(case: Case, plant: Plant, monkeypatch: pytest.MonkeyPatch) -> None:
    def behind(*_: object) -> None:
        message = "there is no OU 'Security' under the root"
        raise FoundationBehind(message)

    plant(Foreseen("lamp"))
    monkeypatch.setattr(plan_account, "find_foundation", behind)
    plan = case.plan()
    assert codes(plan) == [("PlanControls", "FoundationBehind")]
    assert "iam:MakeLamp" in {row.call for row in plan.changes}
