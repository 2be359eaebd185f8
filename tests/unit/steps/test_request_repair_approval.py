"""A proposed repair, and a person's decision about it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from avm.domain.account_request import Requester
from avm.domain.errors import ApprovalNotPending
from avm.domain.proposal import STANDS
from avm.domain.time import from_iso, iso
from avm.steps import observe_drift, request_repair_approval
from avm.steps.decide_repair import decide_repair, proposals_view
from tests.unit.steps.conftest import World
from tests.unit.steps.planted import Plant, Planted, plant
from tests.unit.steps.recorders import Published

__all__ = ["plant"]
BOSS = Requester(door="api", principal="arn:boss")


class Waiting:
    """A control ``book``, which is untrue and to be proposed, and what its run was told."""

    def __init__(self, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
        self.world = world
        self.record, self.account_id = world.cared_for()
        self.answers: list[tuple[str, str]] = []
        monkeypatch.setattr(
            type(world.gateways.workflows),
            "answer",
            lambda _, token, said: self.answers.append((token, said["decision"])),
        )

    def look(self, run: str) -> Any:
        ids = {"account_id": self.account_id, "control": "book", "observation_id": run}
        return self.world.run(observe_drift, self.record, **ids)

    def propose(self, run: str, token: str) -> None:
        ids = {"account_id": self.account_id, "control": "book", "observation_id": run}
        self.world.run(request_repair_approval, self.record, **ids, token=token)

    def decide(self, run: str, decision: Any = "approve", after: timedelta = timedelta()) -> dict[str, Any]:
        now = iso(from_iso(self.world.now()) + after)
        gateways = self.world.gateways
        return decide_repair(run, decision, comment="as agreed", requester=BOSS, now=now, gateways=gateways)

    def listed(self, after: timedelta = timedelta()) -> list[str]:
        now = iso(from_iso(self.world.now()) + after)
        return [each["observation_id"] for each in proposals_view(now, self.world.gateways)["items"]]


@pytest.fixture
def waiting(world: World, plant: Plant, published: Published, monkeypatch: pytest.MonkeyPatch) -> Waiting:
    plant(Planted("book", "violated", mode="propose"))
    found = Waiting(world, monkeypatch)
    published.events.clear()
    return found


def test_what_is_proposed_is_told_once_and_waits(waiting: Waiting, published: Published) -> None:
    first = waiting.look("drift-1")
    assert (first.decision, first.seen) == ("PROPOSE", "VIOLATED")
    waiting.propose("drift-1", "token-1")
    assert waiting.look("drift-1").decision == "PROPOSE", "the same run, tried again"
    again = waiting.look("drift-2")
    assert (again.decision, again.reason) == ("NONE", "drift-1 has proposed it already")
    told = [details["proposal"] for kind, details in published.events if kind == "DriftDetected"]
    assert told == ["drift-1"] * 3
    (item,) = proposals_view(waiting.world.now(), waiting.world.gateways)["items"]
    assert (item["account_id"], item["control"]) == (waiting.account_id, "book")
    assert item["found"]["account"]["status"] == "violated"
    assert "token" not in item


@pytest.mark.parametrize("decision", ["approve", "reject"])
def test_a_decision_is_told_to_the_run_and_to_all(waiting: Waiting, published: Published, decision: str) -> None:
    waiting.look("drift-1")
    waiting.propose("drift-1", "token-1")
    published.events.clear()
    assert waiting.decide("drift-1", decision)["decision"] == decision
    assert waiting.answers == [("token-1", decision)]
    ((kind, details),) = published.events
    assert (kind, details["decision"], details["principal"], details["comment"]) == (
        *("RepairDecided", decision, "arn:boss", "as agreed"),
    )
    assert waiting.listed() == []
    with pytest.raises(ApprovalNotPending):
        waiting.decide("drift-1", decision)


def test_who_was_cut_off_may_repeat_a_decision_and_nobody_may_turn_it(
    waiting: Waiting, monkeypatch: pytest.MonkeyPatch
) -> None:
    waiting.propose("drift-1", "token-1")
    with monkeypatch.context() as patched:
        patched.setattr(type(waiting.world.gateways.proposals), "delete", _cut_off)
        with pytest.raises(KeyboardInterrupt):
            waiting.decide("drift-1")
    assert waiting.listed() == []
    with pytest.raises(ApprovalNotPending):
        waiting.decide("drift-1", "reject")
    waiting.decide("drift-1")
    assert waiting.answers == [("token-1", "approve")] * 2


def _cut_off(*_: object) -> None:
    raise KeyboardInterrupt


def test_a_proposal_does_not_stand_for_ever(waiting: Waiting) -> None:
    waiting.propose("drift-1", "token-1")
    assert waiting.listed(STANDS - timedelta(minutes=5)) == ["drift-1"]
    assert waiting.listed(STANDS + timedelta(minutes=5)) == []
    with pytest.raises(ApprovalNotPending, match="its time is over"):
        waiting.decide("drift-1", after=STANDS + timedelta(minutes=5))
    with pytest.raises(ApprovalNotPending):
        waiting.decide("drift-none")
    assert waiting.answers == []
