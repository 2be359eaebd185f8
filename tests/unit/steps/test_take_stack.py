"""TakeStack."""

import json
import uuid
from typing import Any

import pytest
from pydantic import ValidationError

from avm.aws.stacks import Stack
from avm.domain.errors import ServiceUnavailable, StackNotTold, StackNotWaiting
from avm.steps import take_stack
from avm.steps.take_stack import ACCEPTED, NO_UPDATE, NOT_CLOSED, UNCHANGED, Input, Output
from tests.unit.steps.conftest import World
from tests.unit.steps.recorders import Executions, Published

LAUNCHER = "arn:aws:sts::210987654321:assumed-role/AWSReservedSSO_AvmRequester_0a1b2c3d/jane.doe@example.com"
CREATED = "2026-11-26T08:00:00.000Z"
ANSWERS = {
    "type": "sandbox",
    "name": "by-stack",
    "owner": "jane.doe@example.com",
    "cost_center": "CC-1042",
    "purpose": "x",
    "email": "",
    "regions": "eu-west-1,eu-central-1",
    "budget": "100",
}


class CloudFormation:
    """The stack that asks, where it waits for the answer, and the answers."""

    def __init__(self) -> None:
        self.stack: Stack | None = Stack(CREATED, LAUNCHER)
        self.answers: list[dict[str, Any]] = []
        self.failing: Exception | None = None
        self.is_foreign = False

    def waiting(self, stack_id: str) -> Stack:
        assert stack_id.startswith("arn:aws:cloudformation:")
        if self.stack is None:
            raise StackNotWaiting("it is ROLLBACK_COMPLETE")
        return self.stack

    def check(self, url: str) -> None:
        assert url == "https://answers/"
        if self.is_foreign:
            raise StackNotTold("not CloudFormation's")

    def put(self, _url: str, body: bytes) -> None:
        if self.failing:
            raise self.failing
        self.answers.append(json.loads(body))

    @property
    def answer(self) -> dict[str, Any]:
        (answer,) = self.answers
        return answer


@pytest.fixture
def cloudformation(world: World) -> CloudFormation:
    cloudformation = CloudFormation()
    world.gateways.stacks = cloudformation  # type: ignore[assignment]
    world.gateways.stack_answers = cloudformation  # type: ignore[assignment]
    world.gateways.api_url = "https://api"
    return cloudformation


@pytest.fixture
def workflows(world: World, cloudformation: CloudFormation) -> Executions:
    workflows = Executions()
    world.gateways.workflows = workflows
    return workflows


def event(kind: str = "Create", stack: str | None = None, **answers: Any) -> dict[str, Any]:
    """Return what CloudFormation sends (user guide, "Custom resource request and response reference")."""
    properties = {"ServiceToken": "arn:x", "ServiceTimeout": "900", **ANSWERS, **answers}
    return {
        "RequestType": kind,
        "ResponseURL": "https://answers/",
        "StackId": f"arn:aws:cloudformation:eu-west-1:210987654321:stack/SC-210987654321-pp-1/{stack or uuid.uuid4()}",
        "RequestId": str(uuid.uuid4()),
        "LogicalResourceId": "Account",
        "ResourceType": "Custom::AwsAccount",
        "ResourceProperties": properties,
        **({} if kind == "Create" else {"PhysicalResourceId": "stack-before"}),
    }


def run(world: World, event: dict[str, Any]) -> Output:
    return take_stack.run(Input.model_validate(event), world.gateways)


def test_a_stack_is_a_request_of_whoever_has_launched_and_is_answered_on_acceptance(
    world: World, workflows: Executions, cloudformation: CloudFormation
) -> None:
    asked = event(tags="team=payments")
    request_id = f"stack-{asked['StackId'].rpartition('/')[2]}"
    assert run(world, asked) == Output(request_id=request_id, status="SUCCESS")
    record = world.table.request(request_id)
    assert (record.request.type, record.request.name, record.request.tags) == (
        "sandbox",
        "by-stack",
        {"team": "payments"},
    )
    assert (record.created_at, record.regions) == (CREATED, ("eu-west-1", "eu-central-1"))
    who = record.requester
    assert (who.door, who.principal, who.on_behalf_of) == ("service-catalog-stack", LAUNCHER, "jane.doe@example.com")
    assert workflows.started == [f"{request_id}-1"]
    verbatim = {name: asked[name] for name in ("StackId", "RequestId", "LogicalResourceId")}
    outputs = {"RequestId": request_id, "Follow": f"https://api/v1/requests/{request_id}"}
    told = {"Status": "SUCCESS", "Reason": ACCEPTED, "PhysicalResourceId": request_id, "Data": outputs}
    assert cloudformation.answer == verbatim | told


def test_a_stack_on_which_nobody_is_named_is_its_accounts(
    world: World, workflows: Executions, cloudformation: CloudFormation
) -> None:
    cloudformation.stack = Stack(CREATED, None)
    who = world.table.request(run(world, event()).request_id).requester
    assert (who.principal, who.on_behalf_of) == ("arn:aws:iam::210987654321:root", None)
    assert len(workflows.started) == 1


def test_one_stack_is_one_request_however_often_it_asks(
    world: World, workflows: Executions, cloudformation: CloudFormation
) -> None:
    first = event()
    again = {**first, "RequestId": "another try"}
    assert run(world, first) == run(world, first) == run(world, again)
    assert len(world.table.requests(limit=5)[0]) == len(workflows.started) == 1
    assert [each["Status"] for each in cloudformation.answers] == ["SUCCESS"] * 3


def test_another_account_for_the_same_stack_is_refused(
    world: World, workflows: Executions, cloudformation: CloudFormation
) -> None:
    stack = str(uuid.uuid4())
    run(world, event(stack=stack))
    assert run(world, event(stack=stack, name="another")).code == "RequestConflict"
    assert cloudformation.answers[-1]["Status"] == "FAILED"
    assert len(workflows.started) == 1


@pytest.mark.parametrize(
    ("answers", "named"),
    [
        ({"cost_center": "nobody"}, ["cost_center: "]),
        ({"budget": "much", "tags": "a=1,a=2"}, ["budget: 'much' is no number", "tags: a key is given twice"]),
        ({"regions": "us-west-2"}, ["regions[0]: "]),
        ({"type": "castle"}, ["type: "]),
        ({"type": ""}, ["type: "]),
        ({"request_id": "mine"}, ["request_id: is no parameter of this product"]),
    ],
)
def test_a_refusal_is_answered_with_the_fields_and_told(
    world: World,
    workflows: Executions,
    cloudformation: CloudFormation,
    published: Published,
    *,
    answers: dict[str, Any],
    named: list[str],
) -> None:
    asked = event(**answers)
    output = run(world, asked)
    assert (output.status, output.code) == ("FAILED", "InvalidRequest")
    answer = cloudformation.answer
    assert (answer["Status"], answer["PhysicalResourceId"], answer["Data"]) == ("FAILED", output.request_id, {})
    assert answer["Reason"].startswith("InvalidRequest: ")
    assert [text for text in named if text not in answer["Reason"]] == []
    ((detail_type, details),) = published.events
    assert (detail_type, details["door"], details["stack_id"]) == (
        "AccountRequestRejected",
        "service-catalog-stack",
        asked["StackId"],
    )
    assert (workflows.started, world.table.requests(limit=5)[0]) == ([], [])


def test_a_stack_that_waits_no_more_becomes_no_account(
    world: World, workflows: Executions, cloudformation: CloudFormation, published: Published
) -> None:
    cloudformation.stack = None
    assert run(world, event()).code == "StackNotWaiting"
    assert cloudformation.answer["Reason"].startswith("StackNotWaiting: it is ROLLBACK_COMPLETE. Terminate")
    assert published.types() == ["AccountRequestRejected"]
    assert workflows.started == []


def test_where_nobody_of_cloudformation_waits_nothing_is_done(
    world: World, workflows: Executions, cloudformation: CloudFormation
) -> None:
    cloudformation.is_foreign = True
    for kind in ("Create", "Update", "Delete"):
        with pytest.raises(StackNotTold):
            run(world, event(kind))
    assert (workflows.started, cloudformation.answers, world.table.requests(limit=5)[0]) == ([], [], [])


def test_an_answer_that_got_lost_is_given_again_for_the_same_request(
    world: World, workflows: Executions, cloudformation: CloudFormation
) -> None:
    asked, cloudformation.failing = event(), ServiceUnavailable("S3 answers 503")
    with pytest.raises(ServiceUnavailable):
        run(world, asked)
    cloudformation.failing = None
    run(world, asked)
    assert cloudformation.answer["Status"] == "SUCCESS"
    assert len(workflows.started) == 1


def test_a_change_is_refused_and_what_puts_it_back_succeeds(
    world: World, workflows: Executions, cloudformation: CloudFormation
) -> None:
    stack = str(uuid.uuid4())
    request_id = run(world, event(stack=stack)).request_id
    before = world.table.request(request_id)
    for answers in ({"purpose": "another"}, {"budget": "much"}, {"purpose": ""}):
        assert run(world, event("Update", stack, **answers)).code == "UPDATE_NOT_OFFERED"
        assert cloudformation.answers[-1]["Reason"] == NO_UPDATE
    assert run(world, event("Update", stack)) == Output(request_id=request_id, status="SUCCESS")
    back = cloudformation.answers[-1]
    assert (back["Reason"], back["PhysicalResourceId"]) == (UNCHANGED, "stack-before")
    assert back["Data"] == cloudformation.answers[0]["Data"]
    assert world.table.request(request_id) == before
    assert len(workflows.started) == 1


def test_a_change_of_what_was_never_accepted_is_refused(
    world: World, workflows: Executions, cloudformation: CloudFormation
) -> None:
    assert run(world, event("Update")).status == "FAILED"
    assert cloudformation.answer["Reason"] == NO_UPDATE
    assert workflows.started == []


@pytest.mark.parametrize("accepted", [True, False])
def test_a_deletion_succeeds_and_does_nothing(
    world: World, workflows: Executions, cloudformation: CloudFormation, *, accepted: bool
) -> None:
    stack = str(uuid.uuid4())
    if accepted:
        run(world, event(stack=stack))
    started, records = list(workflows.started), world.table.requests(limit=5)[0]
    assert run(world, event("Delete", stack, name="")).status == "SUCCESS"
    assert cloudformation.answers[-1]["Reason"] == NOT_CLOSED
    assert (workflows.started, workflows.stopped, world.table.requests(limit=5)[0]) == (started, [], records)


@pytest.mark.parametrize(
    "wrong",
    [
        {"StackId": "arn:aws:cloudformation:eu-west-1:210987654321:stack/mine/6f4c1d0e-0000-4000-8000-000000000000"},
        {"StackId": "SC-210987654321-pp-1"},
        {"RequestType": "Close"},
        {"ResponseURL": ""},
        {"ResourceProperties": None},
        {"ResourceProperties": {"name": ["a", "b"]}},
    ],
)
def test_what_cloudformation_does_not_send_for_a_product_is_no_input(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Input.model_validate(event() | wrong)
