"""RecordDrift."""

from typing import Any

import pytest

from avm.domain.errors import Throttled
from avm.steps import observe_drift, record_drift
from tests.unit.steps.conftest import World
from tests.unit.steps.planted import Plant, Planted, plant
from tests.unit.steps.recorders import Published

__all__ = ["plant"]


def recorded(world: World, **fields: Any) -> Any:
    record, account_id = world.cared_for()
    ids = {"account_id": account_id, "control": "book", "observation_id": "drift-1"}
    world.run(observe_drift, record, **ids)
    return world.run(record_drift, record, **ids, **fields)


def test_what_is_true_again_is_told_with_before_and_after(world: World, plant: Plant, published: Published) -> None:
    plant(Planted("book", "violated", "compliant"))
    output = recorded(world)
    assert (output.outcome, output.counted()) == ("REPAIRED", ("DriftRepaired",))
    kind, details = published.events[-1]
    assert kind == "DriftRepaired"
    assert details["before"]["account"]["status"] == "violated"
    assert details["after"]["account"]["status"] == "compliant"


def test_what_is_still_untrue_is_told_with_what_its_repair_has_failed_with(
    world: World, plant: Plant, published: Published
) -> None:
    plant(Planted("book", "violated"))
    failure = {"control": "book", "status": "violated", "error": "AccessDenied", "cause": "PutThing: no"}
    other = {**failure, "control": "shelf"}
    output = recorded(world, failures=[failure, other])
    assert output.counted() == ("RepairUnsuccessful",)
    kind, details = published.events[-1]
    assert kind == "DriftDetected"
    assert [each["cause"] for each in details["failures"]] == ["PutThing: no"]


def test_what_aws_does_not_show_for_the_moment_is_tried_again(world: World, plant: Plant) -> None:
    plant(Planted("book", "violated", Throttled("GetThing: slowly")))
    with pytest.raises(Throttled):
        recorded(world)
