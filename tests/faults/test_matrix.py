"""A representative part of the fault matrix, and kills at random; ``make chaos`` runs the whole."""

import random
from collections.abc import Callable

import pytest

from avm_emulator.faults.kinds import KINDS
from tests.faults import matrix, recording, report
from tests.faults.invariants import Audit
from tests.faults.recording import Cell
from tests.faults.scenarios import functions_of
from tests.faults.world import APPROVED, World

CELLS = 12, 40
SEEDS = range(5)


@pytest.fixture(scope="module")
def cells(world: World) -> list[Cell]:
    return recording.record(world)


@pytest.mark.timeout(2400)  # real seconds, on a busy machine: recording, then some seconds a cell
def test_whatever_fails_there_is_one_account_and_it_is_true_or_held_and_nothing_is_left(
    world: World, cells: list[Cell], figure: list[str], how_many: Callable[[int, int], int]
) -> None:
    results = list(matrix.run(world, matrix.representative(cells, how_many(*CELLS))))
    figure.append(f"fault matrix slice: {report.figures_of(results).line('cells')} (of {len(cells)})")
    assert report.failures(results) == []


@pytest.mark.timeout(900)
@pytest.mark.walk(3)
@pytest.mark.parametrize("seed", SEEDS)
def test_a_vend_whose_every_function_is_killed_at_random_is_ready_without_help(
    world: World, cells: list[Cell], seed: int
) -> None:
    generator = random.Random(seed)  # noqa: S311  repeatable on purpose
    kills = [cell for cell in cells if _kills_once(cell)]
    callers = sorted({cell.target.source for cell in kills})
    chosen = [generator.choice([cell for cell in kills if cell.target.source == caller]) for caller in callers]
    journey = world.journey(f"killed-{seed}", type=APPROVED)  # its vend makes the calls of all cells
    world.rest()
    world.arm([cell.rule for cell in chosen])
    world.ask(journey)
    fired = {str(cell): rule["fired"] for cell, rule in zip(chosen, world.disarm(), strict=True)}
    world.look(journey)
    assert journey.statuses == ["READY"], journey.last
    assert set(fired.values()) == {1}, fired
    assert list(Audit(world, journey).at_the_end()) == []


def _kills_once(cell: Cell) -> bool:
    return cell.fault == "kill_function" and not cell.cold and not cell.lasting and cell.door == "api"


def test_the_cells_are_those_of_the_vend_and_every_kind_of_fault_is_among_them(world: World, cells: list[Cell]) -> None:
    callers = {cell.target.caller for cell in cells}
    of_a_vend = functions_of(world, "avm-vend-account", "avm-apply-controls")
    on_the_way = {name.split("Function")[0].removeprefix("avm-") for name in of_a_vend.values()}
    assert on_the_way - callers == {"AdoptAccount", "ParkAccount", "RejectRequest"}, (
        "every function of a vend that goes well"
    )
    assert {cell.fault for cell in cells} == set(KINDS)
    assert any(cell.cold for cell in cells)
    assert len(set(cells)) == len(cells)
