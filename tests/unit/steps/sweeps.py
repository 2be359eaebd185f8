"""A sweep's steps, run one after the other."""

from typing import Any

from avm.steps import finish_sweep, plan_sweep, sweep_accounts
from tests.unit.steps.conftest import World

SWEEP = "sweep-1"


def run(world: World, step: Any, **fields: Any) -> Any:
    document = {"observation_id": SWEEP, "time": world.now(), **fields}
    return step.run(step.Input.model_validate(document), world.gateways)


def planned(world: World) -> Any:
    return run(world, plan_sweep)


def swept(world: World, batch: int = 0, **fields: Any) -> Any:
    return run(world, sweep_accounts, batch=batch, **fields)


def finished(world: World) -> Any:
    return run(world, finish_sweep)
