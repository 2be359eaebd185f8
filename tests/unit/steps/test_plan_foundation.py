"""PlanFoundation."""

import pytest

from avm.domain.errors import FoundationBehind
from avm.foundation.registry import all_foundation_controls
from avm.steps import plan_foundation
from tests.unit.steps.planted_foundation import Planted, Stage, stage

__all__ = ["stage"]


def test_what_needs_another_comes_in_a_later_wave(stage: Stage) -> None:
    stage.plant(Planted("roof", needs=("wall",)), Planted("wall"), Planted("floor"))
    waves = stage.run(plan_foundation, purpose="apply").waves
    assert [[(item.duty, item.controls) for item in wave.items] for wave in waves] == [
        [("shape_organization", ("floor", "wall"))],
        [("shape_organization", ("roof",))],
    ]


def test_to_plan_nothing_is_brought_on(stage: Stage) -> None:
    assert stage.run(plan_foundation, purpose="plan").waves == ()


def test_the_shipped_controls_can_be_ordered(stage: Stage) -> None:
    waves = stage.run(plan_foundation, purpose="apply").waves
    ordered = [name for wave in waves for item in wave.items for name in item.controls]
    assert sorted(ordered) == sorted(all_foundation_controls())
    known = set(all_foundation_controls())
    assert {need for control in all_foundation_controls().values() for need in control.needs} <= known


def test_without_an_organization_nothing_is_begun(stage: Stage) -> None:
    stage.organization(FoundationBehind("there is none"))
    with pytest.raises(FoundationBehind):
        stage.run(plan_foundation, purpose="apply")
