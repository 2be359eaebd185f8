"""RequestApproval."""

from typing import Any

import pytest

from avm.domain.account_request import Requester
from avm.steps import request_approval
from avm.steps.decide_approval import decide_approval
from tests.unit.steps.conftest import World
from tests.unit.steps.recorders import Executions, Published

BOSS = Requester(door="api", principal="arn:boss")


def test_the_decision_is_asked_for_and_the_execution_waits(
    world: World, executions: Executions, published: Published
) -> None:
    record = world.started()
    world.run(request_approval, record, token="token")  # noqa: S106  no secret: a name
    assert world.table.request(record.request_id).status == "PENDING_APPROVAL"
    assert world.gateways.slots.token(record.request_id, "approval") == "token"
    assert published.events == [
        ("ApprovalRequested", {"name": record.name, "type": "sandbox", "owner": "jane.doe@example.com"})
    ]
    assert executions.answers == []
    assert world.audited(record, "ApprovalRequested") == ("workflow", {})


def test_a_second_run_waits_on_its_own_token(world: World, executions: Executions, published: Published) -> None:
    record = world.started()
    for token in ("old", "new"):
        world.run(request_approval, record, token=token)
    decide_approval(record.request_id, "approve", comment="", requester=BOSS, now=world.now(), gateways=world.gateways)
    assert executions.answered() == ["new"]


@pytest.mark.parametrize("decision", ["approve", "reject"])
def test_what_was_decided_before_is_not_asked_again(
    world: World, executions: Executions, published: Published, decision: str
) -> None:
    record = world.started()
    approval = {"decision": decision, "principal": "arn:boss", "time": world.now(), "comment": "as said"}
    world.table.update_request(record.request_id, {"approval": approval})
    world.run(request_approval, record, token="token")  # noqa: S106  no secret: a name
    assert executions.answers == [
        ("token", {"decision": decision, "principal": "arn:boss", "comment": "as said"}),
    ]
    assert world.table.request(record.request_id).status == "IN_PROGRESS"
    assert published.events == []
    assert world.gateways.slots.token(record.request_id, "approval") is None


def test_a_decision_that_is_made_while_the_step_runs_is_not_missed(
    world: World, executions: Executions, published: Published, monkeypatch: pytest.MonkeyPatch
) -> None:
    record = world.started()
    world.table.update_request(record.request_id, {"status": "PENDING_APPROVAL"})
    put_token = world.gateways.slots.put_token

    def decide_and_put(*arguments: Any) -> None:
        decide_approval(
            record.request_id, "approve", comment="", requester=BOSS, now=world.now(), gateways=world.gateways
        )
        assert executions.answers == []  # nobody to tell it to, yet
        put_token(*arguments)

    monkeypatch.setattr(world.gateways.slots, "put_token", decide_and_put)
    world.run(request_approval, record, token="token")  # noqa: S106  no secret: a name
    assert executions.answered() == ["token"]
    assert world.table.request(record.request_id).status == "IN_PROGRESS"


def test_a_late_run_of_an_older_attempt_does_not_ask_in_the_name_of_the_newer(
    world: World, executions: Executions, published: Published
) -> None:
    record = world.started()
    world.table.update_request(record.request_id, {"attempt": 2})
    world.run(request_approval, record, token="token")  # noqa: S106  no secret: a name
    assert world.table.request(record.request_id).status == "IN_PROGRESS"
