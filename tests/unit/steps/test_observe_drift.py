"""ObserveDrift."""

from typing import Any

import pytest

from avm.domain.account_request import RequestRecord
from avm.domain.breaker import MACHINE, Breaker, Opening
from avm.domain.errors import AccessDenied, Throttled
from avm.domain.exemption import Exemption
from avm.domain.remediation import Mode
from avm.steps import observe_drift
from tests.unit.steps.conftest import World
from tests.unit.steps.planted import Plant, Planted, plant
from tests.unit.steps.recorders import Published

__all__ = ["plant"]

CAUSE = {"event": "s3:Thing", "actor": "arn:aws:iam::1:role/other", "managed_by_aws": False}


def told(published: Published) -> list[tuple[str, Any]]:
    """Return the events about drift."""
    return [(kind, details) for kind, details in published.events if kind.startswith("Drift")]


def observed(world: World, record: RequestRecord, account_id: str, run: str = "drift-1", **fields: Any) -> Any:
    fields = {"control": "book", "observation_id": run, "cause": CAUSE, **fields}
    return world.run(observe_drift, record, account_id=account_id, **fields)


def test_what_is_untrue_is_told_and_to_be_repaired(world: World, plant: Plant, published: Published) -> None:
    plant(Planted("book", "violated"))
    record, account_id = world.cared_for()
    assert observed(world, record, account_id).decision == "REPAIR"
    ((kind, details),) = told(published)
    assert (kind, details["control"], details["mode"], details["cause"]) == ("DriftDetected", "book", "enforce", CAUSE)
    assert details["found"] == {"account": {"status": "violated", "evidence": {"GetThing": "violated"}}}
    kept = world.gateways.drift.drift(account_id, "drift-1")
    assert kept is not None
    assert kept.before == details["found"]


@pytest.mark.parametrize("look", ["compliant", "pending", "deferred"])
def test_what_is_true_or_being_made_true_is_not_told(
    world: World, plant: Plant, published: Published, look: str
) -> None:
    plant(Planted("book", look))  # type: ignore[arg-type]  # one of the verdicts
    record, account_id = world.cared_for()
    assert observed(world, record, account_id).decision == "NONE"
    assert told(published) == []


def test_what_cannot_be_looked_at_is_told_and_what_passes_is_tried_again(
    world: World, plant: Plant, published: Published
) -> None:
    plant(Planted("book", AccessDenied("GetThing: no")))
    record, account_id = world.cared_for()
    assert observed(world, record, account_id).counted() == ("DriftDetected",)
    assert told(published)[0][1]["found"]["account"]["status"] == "unknown"
    plant(Planted("book", Throttled("GetThing: slowly")))
    with pytest.raises(Throttled):
        observed(world, record, account_id)


def test_an_account_in_the_hands_of_a_vend_is_left_to_it(world: World, plant: Plant, published: Published) -> None:
    plant(Planted("book", "violated"))
    record, account_id = world.created()
    assert "VENDING" in observed(world, record, account_id).reason
    assert observed(world, record, "999999999999").decision == "NONE"
    assert told(published) == []


def test_a_control_that_the_type_does_not_promise_any_more_is_left(world: World, plant: Plant) -> None:
    plant(Planted("shelf", "violated"))
    record, account_id = world.cared_for()
    assert "does not promise" in observed(world, record, account_id).reason


@pytest.mark.parametrize(
    ("mode", "by_aws", "then"),
    [
        ("observe", False, "observe"),
        ("propose", False, "propose"),
        ("enforce", True, "propose"),
    ],
)
def test_by_its_mode_it_is_told_and_proposed(  # noqa: PLR0917  fixtures, and a row of the table
    world: World,
    plant: Plant,
    published: Published,
    mode: Mode,
    by_aws: bool,  # noqa: FBT001
    then: Mode,
) -> None:
    plant(Planted("book", "violated", mode=mode))
    record, account_id = world.cared_for()
    assert observed(world, record, account_id, cause={**CAUSE, "managed_by_aws": by_aws}).decision == (
        "PROPOSE" if then == "propose" else "NONE"
    )
    assert told(published)[0][1]["mode"] == then


def test_an_exception_suppresses_it_until_it_ends(world: World, plant: Plant, published: Published) -> None:
    plant(Planted("book", "violated"))
    record, account_id = world.cared_for()
    until = "2099-01-01T00:00:00.000Z"
    exemption = {"account_id": account_id, "control": "book", "reason": "x", "owner": "y", "created_at": world.now()}
    world.gateways.drift.put_exemption(Exemption(until=until, **exemption))
    assert observed(world, record, account_id).counted() == ("DriftSuppressed",)
    assert told(published) == [("DriftSuppressed", told(published)[0][1])]
    assert told(published)[0][1]["until"] == until
    world.gateways.drift.put_exemption(Exemption(until="2020-01-01T00:00:00.000Z", **exemption))
    assert observed(world, record, account_id).decision == "REPAIR"


def test_the_breaker_lets_so_many_through_and_names_who_undoes_them(
    world: World, plant: Plant, published: Published
) -> None:
    plant(Planted("book", "violated"))
    record, account_id = world.cared_for()
    limit = world.catalog.organization.remediation.repairs_per_hour.control
    runs = []
    for number in range(limit + 2):
        world.wait()  # request rates fill again
        runs.append(observed(world, record, account_id, f"drift-{number}"))
    assert [run.decision for run in runs] == ["REPAIR"] * limit + ["NONE"] * 2
    assert runs[-1].counted() == ("DriftDetected", "RepairStopped")
    assert CAUSE["actor"] in told(published)[-1][1]["stopped"]["reason"]
    assert observed(world, record, account_id, "drift-0").decision == "NONE", "it is open for all"


def test_the_same_execution_asked_again_is_the_same_repair(world: World, plant: Plant) -> None:
    plant(Planted("book", "violated"))
    record, account_id = world.cared_for()
    limit = world.catalog.organization.remediation.repairs_per_hour.control
    assert {observed(world, record, account_id).decision for _ in range(limit + 2)} == {"REPAIR"}


def test_what_an_operator_has_stopped_stays_so(world: World, plant: Plant) -> None:
    plant(Planted("book", "violated"))
    record, account_id = world.cared_for()
    opening = Opening(since=world.now(), reason="a release")
    world.gateways.drift.breaker.change(lambda _: Breaker(open={MACHINE: opening}))
    assert "a release" in observed(world, record, account_id).reason
