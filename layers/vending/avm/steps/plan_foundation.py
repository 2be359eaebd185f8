"""PlanFoundation: which controls of the foundation are brought on together, and in which order.

A wave needs earlier waves only; of one wave, the controls of one duty are one item. To plan, nothing is brought on.
"""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict

from avm.contracts.foundation_report import Purpose
from avm.controls.registry import waves
from avm.foundation.control import FoundationControl, FoundationDuty
from avm.foundation.registry import all_foundation_controls
from avm.steps.foundation_step import FoundationInput, organization
from avm.steps.gateways import Gateways


class Input(FoundationInput):
    """What for."""

    purpose: Purpose


class Item(BaseModel):
    """Controls whose steps one function does."""

    model_config = ConfigDict(frozen=True)

    duty: FoundationDuty
    controls: tuple[str, ...]


class Wave(BaseModel):
    """Items that do not need each other."""

    model_config = ConfigDict(frozen=True)

    items: tuple[Item, ...]


class Output(BaseModel):
    """The waves, in order."""

    model_config = ConfigDict(frozen=True)

    waves: tuple[Wave, ...]


def run(step: Input, gateways: Gateways) -> Output:
    """Order the controls; raises FoundationBehind where there is no organization, before anything is changed."""
    organization(gateways)
    chosen = all_foundation_controls().values() if step.purpose == "apply" else ()
    return Output(waves=tuple(Wave(items=_items(wave)) for wave in waves(chosen)))


def _items(wave: list[FoundationControl]) -> tuple[Item, ...]:
    duties: dict[FoundationDuty, list[str]] = {}
    for control in wave:
        duties.setdefault(control.duty, []).append(control.name)
    return tuple(Item(duty=duty, controls=tuple(names)) for duty, names in sorted(duties.items()))
