"""The door of adoptions: what is accepted, what is planned, what is refused."""

from typing import Any

import pytest

from avm.domain.account_request import Requester
from avm.domain.errors import EmailTaken, InvalidRequest, NameTaken, ReportNotFound, RequestConflict
from avm.steps.accept_adoption import accept_adoption, adoption_of, plan_adoption
from avm.steps.accept_request import Accepted
from tests.unit.steps.conftest import World
from tests.unit.steps.recorders import Executions

BODY = {"type": "test", "owner": "jane.doe@example.com", "cost_center": "CC-1042", "purpose": "x"}
REQUESTER = Requester(door="api", principal="arn:x")


class Runs:
    """The plans that were started."""

    def __init__(self) -> None:
        self.started: list[tuple[str, dict[str, Any]]] = []

    def start(self, name: str, document: dict[str, Any]) -> None:
        self.started.append((name, document))


def adopt(world: World, account_id: str, key: str | None = None, **body: Any) -> Accepted:
    return accept_adoption(
        account_id,
        {**BODY, **body},
        idempotency_key=key,
        requester=REQUESTER,
        now=world.now(),
        gateways=world.gateways,
    )


def test_an_adoption_is_a_request_with_the_accounts_name_and_email(world: World, executions: Executions) -> None:
    account_id = world.by_hand()
    account = world.organizations.account(account_id)
    accepted = adopt(world, account_id)
    record = accepted.record
    assert accepted.is_new
    assert (record.request_id, record.adopts, record.account_id) == (f"adopt-{account_id}", account_id, None)
    assert (record.name, record.email) == (account.name, account.email)
    assert executions.started == [f"adopt-{account_id}-1"]
    assert not adopt(world, account_id).is_new
    found, plan = adoption_of(account_id, world.gateways)
    assert found is not None
    assert (found.request_id, plan) == (record.request_id, None)


@pytest.mark.usefixtures("executions")
def test_one_account_is_adopted_by_one_request(world: World) -> None:
    account_id = world.by_hand()
    adopt(world, account_id)
    with pytest.raises(RequestConflict, match="type"):
        adopt(world, account_id, type="sandbox")
    with pytest.raises((NameTaken, EmailTaken)):
        adopt(world, account_id, key="another")


@pytest.mark.usefixtures("executions")
def test_a_request_id_stands_for_the_adoption_of_one_account(world: World) -> None:
    adopt(world, world.by_hand(), key="mine")
    with pytest.raises(RequestConflict, match="the account that is adopted"):
        adopt(world, world.by_hand(), key="mine")


def test_name_and_email_are_the_accounts_own(world: World) -> None:
    account_id = world.by_hand()
    with pytest.raises(InvalidRequest) as caught:
        adopt(world, account_id, name="mine", email="mine@example.com", type="nonsense")
    assert {problem.field for problem in caught.value.problems} == {"name", "email", "type"}
    with pytest.raises(InvalidRequest):
        accept_adoption(
            account_id, [], idempotency_key=None, requester=REQUESTER, now=world.now(), gateways=world.gateways
        )


def test_a_plan_is_kept_and_started_without_a_request(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    runs = Runs()
    monkeypatch.setattr(world.gateways, "adoption_runs", runs)
    account_id = world.by_hand()
    with pytest.raises(ReportNotFound):
        adoption_of(account_id, world.gateways)
    started = plan_adoption(account_id, BODY, now=world.now(), new_id=lambda: "1", gateways=world.gateways)
    assert started == {"observation_id": "adoption-1", "account_id": account_id, "status": "PENDING"}
    assert runs.started == [("adoption-1", {"observation_id": "adoption-1", "account_id": account_id})]
    record, plan = adoption_of(account_id, world.gateways)
    assert plan is not None
    assert (record, plan.status, plan.request.type) == (None, "PENDING", "test")
