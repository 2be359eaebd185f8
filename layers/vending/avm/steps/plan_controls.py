"""PlanControls: which controls of an account are enforced together, and in which order.

A wave needs earlier waves only. Of one wave, the controls of one duty in one place are one item, and items are
independent of each other.
"""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict

from avm.controls.control import Control, Duty
from avm.controls.registry import waves
from avm.domain.foundation import Foundation
from avm.steps.gateways import Gateways
from avm.steps.step import AccountInput, StepOutput
from avm.steps.targets import aim_on_foundation

Purpose = Literal["vend", "verify", "observe", "repair"]
"""``vend``: enforce what a vend has no own state for. ``verify``: look, with patience. ``observe``: look once.
``repair``: enforce, then verify."""

OWN_STATES: frozenset[Duty] = frozenset({"create_vending_roles", "restrict_bootstrap", "assign_access"})
"""Duties that the vend fulfils in states of its own: before all others, or when it has a slot."""


class Input(AccountInput):
    """The ids, what for, and which controls; none: all of the account's type."""

    purpose: Purpose
    controls: tuple[str, ...] = ()


class Item(BaseModel):
    """Controls that one function makes true in one place."""

    model_config = ConfigDict(frozen=True)

    duty: Duty
    region: str | None
    controls: tuple[str, ...]


class Wave(BaseModel):
    """Items that do not need each other."""

    model_config = ConfigDict(frozen=True)

    items: tuple[Item, ...]


class Output(StepOutput):
    """The waves, in order, and the foundation that the controls rest on."""

    waves: tuple[Wave, ...]
    foundation: Foundation


def run(step: Input, gateways: Gateways) -> Output:
    """Look at the foundation, and order the controls."""
    account = aim_on_foundation(gateways, step.account_id, step.request_id, keep=True)
    excepted = _excepted(step, gateways)
    chosen = [control for control in account.controls.values() if _is_chosen(step, control, excepted)]
    planned = [Wave(items=_items(wave, account.regions)) for wave in waves(chosen)]
    return Output(waves=tuple(planned), foundation=account.target.foundation)


def _is_chosen(step: Input, control: Control, excepted: frozenset[str]) -> bool:
    match step.purpose:
        case "vend":
            return control.duty not in OWN_STATES
        case "repair":
            return control.name in step.controls if step.controls else control.name not in excepted
    return False


def _excepted(step: Input, gateways: Gateways) -> frozenset[str]:
    """Return the controls that may be untrue: a repair of everything leaves them, one that names them does not."""
    if step.purpose != "repair" or step.controls:
        return frozenset()
    exemptions = gateways.drift.exemptions(step.account_id)
    return frozenset(name for name, exemption in exemptions.items() if exemption.holds(step.time))


def _items(wave: list[Control], regions: tuple[str, ...]) -> tuple[Item, ...]:
    places: dict[tuple[Duty, str | None], list[str]] = {}
    for control in wave:
        for region in regions if control.scope == "region" else (None,):
            places.setdefault((control.duty, region), []).append(control.name)
    return tuple(
        Item(duty=duty, region=region, controls=tuple(names))
        for (duty, region), names in sorted(places.items(), key=str)
    )
