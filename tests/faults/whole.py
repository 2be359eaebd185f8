"""The whole of the proofs: every cell of the fault matrix, seeded chaos, every edge, permission, burst. ``make chaos``.

With ``--runs`` or ``--seed`` only the chaos, and nothing is written; with ``--only`` one part; else all of it, and the
figures go into docs/reliability.md. Ends with 1 where something does not hold. What runs in processes of its own stands
here and not in ``__main__``, from which a spawned process can load nothing.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from typing import Any

from avm_emulator.engine import Options, start
from tests.end_to_end import bursts
from tests.end_to_end.bursts import Burst
from tests.end_to_end.conftest import Machine
from tests.faults import chaos, matrix, recording, report
from tests.faults.chaos import Fate
from tests.faults.edges import Edge, Ledger
from tests.faults.matrix import Result
from tests.faults.recording import Cell
from tests.faults.scenarios import walk_every_edge
from tests.faults.world import world
from tests.permissions import outcomes as removals_told
from tests.permissions import removals
from tests.permissions.recording import record
from tests.permissions.removals import Outcome, Removal

CELLS = 40
REMOVALS = 40
"""Of one emulator: lists of accounts stay short, and what a cell breaks ends with it."""
RUNS, SEED = 200, 1
AT_ONCE = 50
"""Requests of a burst."""
DURATIONS = (30, 120, 300)
"""AWS-seconds that a creation takes: the rate binds, the slots bind, the slots bind by far."""


def recorded() -> list[Cell]:
    """Return the cells of a vend."""
    with world() as here:
        return recording.record(here)


def cells_of(cells: Sequence[Cell]) -> list[Result]:
    """Return the results of some cells, on an emulator of their own."""
    with world() as here:
        return list(matrix.run(here, cells))


def fates_of(runs: int, seed: int) -> list[Fate]:
    """Return the fates of some vends in chaos, on an emulator of their own, with the latencies of AWS."""
    with world(brisk=False, seed=seed) as here:
        return list(chaos.waves(here, runs, seed))


def edges() -> tuple[set[Edge], set[Edge]]:
    """Return all edges, and those that the scenarios take."""
    with world(foundation=False) as here:
        walk_every_edge(here)
        ledger = Ledger()
        ledger.read(here.client("stepfunctions"))
    return ledger.edges, ledger.taken


def recorded_removals() -> list[Removal]:
    """Return each action that can be taken away from a role."""
    with world(foundation=False) as here:
        return removals.removals(record(here))


def outcomes_of(chosen: Sequence[Removal]) -> list[Outcome]:
    """Return what becomes of runs with actions taken away, on an emulator of their own."""
    with world() as here:
        return list(removals.run(here, chosen))


def burst_of(duration: float) -> list[Burst]:
    """Return what becomes of a burst, on an emulator of its own."""
    with start(Options(speed="max")) as running:
        return [bursts.burst(Machine(running), "burst", AT_ONCE, duration)]


def main() -> None:
    """Run, print, write, and end with 1 where something does not hold."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__.partition("\n")[0])
    parser.add_argument("--runs", type=int, help=f"vends in chaos (default {RUNS})")
    parser.add_argument("--seed", type=int, help=f"of the chaos (default {SEED})")
    parser.add_argument("--only", choices=_PARTS, help="one part of the proofs")
    given = parser.parse_args()
    began = time.monotonic()
    # an emulator has its process for itself: moto's state belongs to the process; each waits for its functions much of
    # the time, so there are more of them than processors
    processes = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(3 * (os.cpu_count() or 1), mp_context=processes, max_tasks_per_child=1) as pool:
        if given.runs is not None or given.seed is not None:
            failed = _chaos(pool, given.runs or RUNS, SEED if given.seed is None else given.seed, keep=False)
        else:
            parts = [given.only] if given.only else _PARTS
            failed = [failure for part in parts for failure in _PARTS[part](pool)]
    print(f"{(time.monotonic() - began) / 60:.0f} minutes")
    sys.exit(1 if failed else 0)


def _chaos(pool: ProcessPoolExecutor, runs: int = RUNS, seed: int = SEED, *, keep: bool = True) -> list[str]:
    sizes = [min(chaos.AT_ONCE, runs - first) for first in range(0, runs, chaos.AT_ONCE)]
    fates = list(_gather(pool, "vends in chaos", fates_of, [(size, seed + wave) for wave, size in enumerate(sizes)]))
    figures = report.figures_of(fates)
    line = f"seed {seed}: {figures.line('vends in chaos')}"
    untouched = sum(fate.untouched == "READY" for fate in fates)
    if keep:
        report.write("chaos", [f"{line}; {untouched} READY without help.", "", *report.ways_table(figures)])
    return _tell(line, report.failures(fates))


def _bursts(pool: ProcessPoolExecutor) -> list[str]:
    found = sorted(_gather(pool, "bursts", burst_of, [(duration,) for duration in DURATIONS]), key=lambda b: b.duration)
    report.write("bursts", [*bursts.HEAD, *(each.row() for each in found)])
    return [problem for each in found for problem in _tell(str(each), each.problems())]


def _matrix(pool: ProcessPoolExecutor) -> list[str]:
    cells = pool.submit(recorded).result()
    print(f"{len(cells)} cells recorded", flush=True)
    # dealt out like cards: what takes long does not all come to one
    parts = max(1, -(-len(cells) // CELLS))
    results: list[Result] = []
    for result in _gather(pool, "cells", cells_of, [(cells[part::parts],) for part in range(parts)]):
        results.append(result)
        for failure in report.failures([result]):  # the end is far
            print(f"  {failure}", flush=True)
    figures = report.figures_of(results)
    line = figures.line("cells")
    report.write("matrix", [f"{line}.", "", *report.matrix_table(results), "", *report.ways_table(figures)])
    return _tell(line, report.failures(results))


def _edges(pool: ProcessPoolExecutor) -> list[str]:
    every, taken = pool.submit(edges).result()
    line = f"{len(every)} edges, {len(every & taken)} taken"
    report.write("edges", [f"{line}.", "", *report.edges_table(every, taken)])
    return _tell(line, [f"not taken: {edge}" for edge in sorted(every - taken)])


def _permissions(pool: ProcessPoolExecutor) -> list[str]:
    every = pool.submit(recorded_removals).result()
    parts = max(1, -(-len(every) // REMOVALS))
    outcomes = list(_gather(pool, "actions", outcomes_of, [(every[part::parts],) for part in range(parts)]))
    line = removals_told.line(outcomes)
    tables = [*removals_told.promises_table(outcomes), "", *removals_told.outcomes_table(outcomes)]
    report.write("permissions", [f"{line}.", "", *tables])
    return _tell(line, removals_told.failures(outcomes))


_PARTS: dict[str, Callable[[ProcessPoolExecutor], list[str]]] = {
    "chaos": _chaos,
    "bursts": _bursts,
    "matrix": _matrix,
    "edges": _edges,
    "permissions": _permissions,
}


def _gather(
    pool: ProcessPoolExecutor, what: str, function: Callable[..., list[Any]], arguments: Sequence[tuple[Any, ...]]
) -> Iterator[Any]:
    """Yield the results of all calls as they come."""
    count = 0
    futures: list[Future[list[Any]]] = [pool.submit(function, *each) for each in arguments]
    for future in as_completed(futures):
        results = future.result()
        count += len(results)
        yield from results
        print(f"{count} {what}", flush=True)


def _tell(line: str, failures: list[str]) -> list[str]:
    """Print a line of figures and what failed; return what failed."""
    print(line)
    for failure in failures:
        print(f"  {failure}")
    return failures
