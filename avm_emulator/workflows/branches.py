"""Parallel branches and Map iterations: threads on the clock, a bounded number of them, none after a failure."""

from __future__ import annotations

import logging
from typing import Any

from moto.stepfunctions.parser.asl.component.state.exec.state_map.items.items import ItemsJSONata
from moto.stepfunctions.parser.asl.component.state.exec.state_map.iteration import inline_iteration_component, job
from moto.stepfunctions.parser.asl.component.state.exec.state_map.iteration.distributed_iteration_component import (
    DistributedIterationComponent,
)
from moto.stepfunctions.parser.asl.component.state.exec.state_map.iteration.inline_iteration_component import (
    InlineIterationComponent,
)
from moto.stepfunctions.parser.asl.component.state.exec.state_map.iteration.iteration_worker import IterationWorker
from moto.stepfunctions.parser.asl.component.state.exec.state_map.max_concurrency import MaxConcurrencyJSONata
from moto.stepfunctions.parser.asl.component.state.exec.state_parallel import branch_worker, branches_decl
from moto.stepfunctions.parser.asl.component.state.exec.state_parallel.branch_worker import BranchWorker
from moto.stepfunctions.parser.asl.component.state.exec.state_parallel.state_parallel import StateParallel
from moto.stepfunctions.parser.utils import TMP_THREADS

from avm_emulator.clock import Clock
from avm_emulator.clock_threads import ThreadingOnClock
from avm_emulator.workflows.failures import failure
from avm_emulator.workflows.history import silence
from avm_emulator.workflows.jsonata.queries import expect
from avm_emulator.workflows.patching import replace, replace_everywhere

log = logging.getLogger(__name__)

INLINE_CONCURRENCY = 40
"""Iterations that an inline Map runs at once when MaxConcurrency is 0 or absent (developer guide, Map state)."""

DISTRIBUTED_CONCURRENCY = 1000
"""Child workflows that a distributed Map runs at once here; on AWS up to 10,000."""

_WITH_THREADS = (branch_worker, branches_decl, inline_iteration_component, job)


class _Forgetful(list[Any]):
    """A list that keeps nothing."""

    def append(self, _: Any, /) -> None:
        """Forget the thread: moto collects every one that ever ran."""


_original_parallel = StateParallel._eval_execution
_original_stop = BranchWorker.stop


def _parallel(state: StateParallel, env: Any) -> None:
    """Evaluate Arguments within the attempt, so that their errors can be retried and caught."""
    if state.parargs is not None:
        state.parargs.eval(env=env)
    _original_parallel(state, env)


def _stop_branch(worker: BranchWorker, *args: Any, **kwargs: Any) -> None:
    _original_stop(worker, *args, **kwargs)
    silence(worker.env)


def _iterate(component: InlineIterationComponent, env: Any) -> None:
    iteration = env.stack.pop()
    items: list[Any] = iteration.input_items
    pool = job.JobPool(job_program=component._get_iteration_program(), job_inputs=items)
    for _ in range(min(len(items), iteration.max_concurrency or INLINE_CONCURRENCY)):
        component._launch_worker(env=env, eval_input=iteration, job_pool=pool)
    pool.await_jobs()
    failed = pool.get_worker_exception()
    if failed is not None:
        for frame in list(env._frames):
            frame.set_stop(stop_date=None, cause=None, error=None)
            silence(frame)
            env.close_frame(frame)
        raise failed
    env.stack.append([closed.job_output for closed in pool.get_closed_jobs()])


def _map_run(component: DistributedIterationComponent, env: Any, eval_input: Any) -> None:
    items: list[Any] = env.stack.pop()
    record = eval_input.map_run_record
    pool = job.JobPool(job_program=component._get_iteration_program(), job_inputs=items)
    for _ in range(min(len(items), record.max_concurrency or DISTRIBUTED_CONCURRENCY)):
        component._launch_worker(env=env, eval_input=eval_input, job_pool=pool)
    pool.await_jobs()
    failed = record.item_counter.failed.get()
    tolerated = max(eval_input.tolerated_failure_count, len(items) * eval_input.tolerated_failure_percentage / 100)
    if failed > tolerated:
        cause = "The specified tolerated failure threshold was exceeded"
        raise failure(env, "States.ExceedToleratedFailureThreshold", cause)
    env.stack.append([closed.job_output for closed in pool.get_closed_jobs()])


def _work(worker: IterationWorker) -> None:
    """Run iterations until there are none left or one has failed."""
    frame = worker._env.open_frame()
    next_job = worker._job_pool.next_job()
    if next_job is None:
        worker._env.close_frame(frame)
    while next_job is not None:
        current = next_job
        iteration = frame.open_inner_frame()
        try:
            worker._eval_job(env=iteration, job=current)
        except Exception as error:
            log.exception("iteration %d of %s", current.job_index, worker._work_name)
            current.job_output = error
        frame.close_frame(iteration)
        failed = isinstance(current.job_output, Exception)
        next_job = None if failed else worker._job_pool.next_job()
        if next_job is None:
            # The frame is closed before the last job: the Map state goes on as soon as that is.
            if not failed:
                frame.event_history_context.source_event_id = iteration.event_history_context.last_published_event_id
            worker._env.close_frame(frame)
        worker._job_pool.close_job(current)


def _items(items: ItemsJSONata, env: Any) -> None:
    env.stack.append(expect(env, items.string_jsonata, "array", list))


def _max_concurrency(declaration: MaxConcurrencyJSONata, env: Any) -> int:
    number: int = expect(env, declaration.string_jsonata, "integer", int)
    return number


def use_clock(clock: Clock) -> None:
    """Make branches and iterations threads of ``clock``: counted while they run, not while they wait."""
    for module in _WITH_THREADS:
        module.threading = ThreadingOnClock(clock)


def apply() -> None:
    """Repair moto's branches.

    It started threads without bound, collected the dead ones, let siblings of a failure go on, and let a distributed
    Map succeed whatever its items did.
    """
    replace(StateParallel, "_eval_execution", _parallel)
    replace(BranchWorker, "stop", _stop_branch)
    replace(InlineIterationComponent, "_eval_body", _iterate)
    replace(DistributedIterationComponent, "_map_run", _map_run)
    replace(IterationWorker, "eval", _work)
    replace(ItemsJSONata, "_eval_body", _items)
    replace(MaxConcurrencyJSONata, "_eval_max_concurrency", _max_concurrency)
    replace_everywhere(TMP_THREADS, _Forgetful())
