"""AWS Step Functions: moto's interpreter of the Amazon States Language, made right and put on the emulator's clock.

Each module repairs one matter and says in its ``apply`` which fact of moto 5.2.5 it repairs; ``install`` puts all of
them in force.
"""

from __future__ import annotations

import functools

from moto.core.config import default_user_config

from avm_emulator.context import Emulator
from avm_emulator.workflows import (
    api,
    branches,
    encoding,
    failures,
    history,
    running,
    simple_states,
    state_life,
    state_machines,
    waiting,
)
from avm_emulator.workflows.definitions import parsing
from avm_emulator.workflows.jsonata import evaluation, queries
from avm_emulator.workflows.tasks import clients, lambda_tasks, patterns, service_tasks, task_failures, tokens

__all__ = ["install", "repair"]


def install(emulator: Emulator) -> None:
    """Make Step Functions of this process work for ``emulator``; call it again for the next emulator."""
    # moto executes state machines only when it is told to.
    default_user_config["stepfunctions"]["execute_state_machine"] = True
    running.bind(emulator)
    repair()
    branches.use_clock(emulator.clock)
    emulator.on_stop.append(state_machines.stop_all)


@functools.cache
def repair() -> None:
    """Apply every repair, once in a process; raise LookupError or TypeError when moto is not the one they are for."""
    for part in (
        encoding,
        parsing,
        failures,
        evaluation,
        queries,
        history,
        waiting,
        state_life,
        simple_states,
        branches,
        clients,
        tokens,
        service_tasks,
        lambda_tasks,
        task_failures,
        patterns,
        state_machines,
        api,
    ):
        part.apply()
