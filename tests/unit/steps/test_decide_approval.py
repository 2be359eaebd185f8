"""A person's decision."""

from typing import Literal

import pytest

from avm.domain.account_request import Requester, RequestRecord
from avm.domain.errors import ApprovalNotPending, RequestNotFound
from avm.steps import reject_request, request_approval
from avm.steps.decide_approval import decide_approval
from tests.unit.steps.conftest import World
from tests.unit.steps.recorders import Executions, Published

BOSS = Requester(door="api", principal="arn:boss")
OTHER = Requester(door="api", principal="arn:other")


def decide(
    world: World, request_id: str, decision: Literal["approve", "reject"], requester: Requester = BOSS
) -> RequestRecord:
    return decide_approval(
        request_id, decision, comment="why", requester=requester, now=world.now(), gateways=world.gateways
    )


@pytest.fixture
def asked(world: World, executions: Executions) -> RequestRecord:
    """Return a request that waits for a decision."""
    record = world.started()
    world.run(request_approval, record, token="token")  # noqa: S106  no secret: a name
    return world.table.request(record.request_id)


@pytest.mark.parametrize("decision", ["approve", "reject"])
def test_a_decision_is_recorded_told_to_the_workflow_and_published(
    world: World,
    executions: Executions,
    asked: RequestRecord,
    published: Published,
    decision: Literal["approve", "reject"],
) -> None:
    decided = decide(world, asked.request_id, decision)
    assert decided.status == "IN_PROGRESS"
    assert decided.approval is not None
    assert (decided.approval.decision, decided.approval.principal, decided.approval.comment) == (
        decision,
        "arn:boss",
        "why",
    )
    assert executions.answers == [("token", {"decision": decision, "principal": "arn:boss", "comment": "why"})]
    assert published.events == [("ApprovalDecided", {"decision": decision, "by": "arn:boss"})]
    said = {"decision": decision, "comment": "why"}
    assert world.audited(asked, "ApprovalDecided") == ("arn:boss", said)
    assert world.gateways.slots.token(asked.request_id, "approval") is None


def test_the_same_decision_again_is_the_same(
    world: World, executions: Executions, asked: RequestRecord, published: Published
) -> None:
    first = decide(world, asked.request_id, "approve")
    assert decide(world, asked.request_id, "approve", OTHER) == first
    assert len(executions.answers) == 1
    assert published.types() == ["ApprovalDecided"]
    assert world.actions(asked).count("ApprovalDecided") == 1


def test_another_decision_afterwards_is_refused_and_the_first_stays(
    world: World, executions: Executions, asked: RequestRecord
) -> None:
    decide(world, asked.request_id, "approve")
    with pytest.raises(ApprovalNotPending, match="decided already: approve"):
        decide(world, asked.request_id, "reject", OTHER)
    stored = world.table.request(asked.request_id)
    assert stored.approval is not None
    assert stored.approval.decision == "approve"
    assert len(executions.answers) == 1


def test_after_the_time_is_over_nothing_can_be_decided(
    world: World, executions: Executions, asked: RequestRecord
) -> None:
    world.run(reject_request, asked, failed_state="RequestApproval", error="ApprovalExpired", cause="nobody decided")
    with pytest.raises(ApprovalNotPending, match="is REJECTED"):
        decide(world, asked.request_id, "approve")
    assert executions.answers == []
    assert world.table.request(asked.request_id).status == "REJECTED"


def test_a_request_that_nobody_has_to_decide_about_takes_no_decision(world: World, executions: Executions) -> None:
    record = world.started()
    with pytest.raises(ApprovalNotPending, match="is IN_PROGRESS"):
        decide(world, record.request_id, "approve")
    assert world.table.request(record.request_id).approval is None


def test_an_unknown_request_is_named(world: World, executions: Executions) -> None:
    with pytest.raises(RequestNotFound, match="nobody"):
        decide(world, "nobody", "approve")


def test_a_decision_whose_answer_got_lost_is_told_by_the_next_try(
    world: World, executions: Executions, asked: RequestRecord, monkeypatch: pytest.MonkeyPatch
) -> None:
    def die(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as killed:
        killed.setattr(executions, "answer", die)
        with pytest.raises(KeyboardInterrupt):
            decide(world, asked.request_id, "approve")
    decide(world, asked.request_id, "approve")
    assert executions.answered() == ["token"]
