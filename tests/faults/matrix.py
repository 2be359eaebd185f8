"""The fault matrix: one vend for each cell, its fault in force, and then what the emulated AWS shows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from avm_emulator.calls import CallRecord
from tests.faults.invariants import Audit, Violation
from tests.faults.recording import Cell
from tests.faults.world import ENDED, Journey, World

_KILLED = ("Runtime.ExitError", "killed")
"""How Lambda names a process that is gone: AWS can say no more of what it did."""
_NO_ANSWER = frozenset({"LostResponse", "FunctionKilled"})


@dataclass
class Result:
    """What has become of the vend of one cell."""

    cell: Cell
    journey: Journey
    fired: int
    """How often the fault happened."""
    violations: list[Violation] = field(default_factory=list)

    @property
    def held(self) -> bool:
        """Whether the fault happened and everything that must hold did."""
        return self.fired > 0 and not self.violations

    @property
    def way(self) -> str:
        """How the request came to its end."""
        return " → ".join(self.journey.statuses)


def run(world: World, cells: Iterable[Cell]) -> Iterator[Result]:
    """Yield the result of each cell, one vend after the other on one emulator."""
    for number, cell in enumerate(cells):
        world.rest()
        try:
            result = run_cell(world, cell, f"cell-{number}")
        except Exception as error:  # noqa: BLE001  one cell that cannot be judged has not held, and the others go on
            world.disarm()
            untold = Violation("lost", f"{type(error).__name__}: {error}")
            result = Result(cell, world.journey(f"cell-{number}"), fired=0, violations=[untold])
        if not result.held:
            _sweep_up(world)
        yield result


def run_cell(world: World, cell: Cell, request_id: str) -> Result:
    """Vend with the fault in force; look; clear the fault; bring the request to its end; look again."""
    if cell.cold:
        world.cool(cell.target.source)
    journey = world.journey(request_id, cell.door, type=cell.account_type)
    since = max((call.seq for call in world.emulator.calls), default=0)
    world.arm([cell.rule])
    world.ask(journey)
    (rule,) = world.disarm()
    result = Result(cell, journey, rule["fired"])
    struck = [call for call in world.emulator.calls.select(since=since) if call.fault]
    result.violations += Audit(world, journey).always()
    if world.look(journey) == "PARKED":
        result.violations += Audit(world, journey).parked(journey.parked[0])
        result.violations += cause_named(cell, struck, journey.parked[0])
    if journey.status not in ENDED:
        world.bring_home(journey)
        result.violations += Audit(world, journey).always()
    result.violations += Audit(world, journey).at_the_end()
    if journey.status == "REJECTED" and cell.fault != "outcome":
        result.violations.append(Violation("lost", f"rejected by {cell.variant}: {(journey.last or {}).get('error')}"))
    result.violations = list(dict.fromkeys(result.violations))
    return result


def cause_named(cell: Cell, struck: Sequence[CallRecord], request: dict[str, Any]) -> Iterator[Violation]:
    """Yield what is wrong with the error of a parked request: it must name what was injected.

    That is the operation, the code of AWS or, of a function that was killed, how Lambda tells it; of an operation that
    ends badly, its reason.
    """
    message = str((request.get("error") or {}).get("message"))
    codes = {call.error for call in struck if call.error} - _NO_ANSWER
    words = {cell.target.operation, *codes, *({cell.code} if cell.code else set())}
    if cell.target.operation == "Invoke":
        words.add("/invocations")  # where no answer came, Step Functions names the URL of the call
    if cell.target.service == "stepfunctions" and cell.fault == "lost_response":
        words.add("StepFunctions.SdkClientException")  # so it tells of a nested execution of which it hears nothing
    if cell.fault == "kill_function":
        words = set(_KILLED)
    if not any(word in message for word in words):
        yield Violation("untrue", f"parked by {cell.variant}, and the error names none of {sorted(words)}: {message}")


def _sweep_up(world: World) -> None:
    """Stop what a failed cell has left running, so that the next one stands on its own."""
    workflows = world.client("stepfunctions")
    for machine in workflows.list_state_machines()["stateMachines"]:
        running = workflows.list_executions(stateMachineArn=machine["stateMachineArn"], statusFilter="RUNNING")
        for execution in running["executions"]:
            workflows.stop_execution(executionArn=execution["executionArn"])
    world.settle()


def representative(cells: Sequence[Cell], size: int) -> list[Cell]:
    """Return few cells that have something of everything: each caller, operation, variant of a fault, and pairs.

    Greedy, and the same for the same cells: the next cell is always the one that shows most that none before it shows.
    """
    chosen: list[Cell] = []
    shown: set[tuple[str, ...]] = set()
    left = {cell: _features(cell) for cell in sorted(cells, key=str, reverse=True)}
    while left and len(chosen) < size:
        best = max(left, key=lambda cell: len(left[cell] - shown))
        shown |= left.pop(best)
        chosen.append(best)
    return chosen


def _features(cell: Cell) -> set[tuple[str, ...]]:
    target = cell.target
    operation = f"{target.service}:{target.operation}"
    return {
        ("caller", target.caller),
        ("operation", operation),
        ("variant", cell.variant),
        ("caller and fault", target.caller, cell.fault),
        ("kind and variant", target.kind, cell.variant),
        ("temperature", str(cell.cold)),
        *({("change", operation, cell.fault)} if target.mutating and not target.own else set()),
    }
