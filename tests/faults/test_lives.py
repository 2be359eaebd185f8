"""Requests in any order of events: posted, delivered again, approved, cancelled, killed, retried, while time passes.

Hypothesis chooses what happens; whatever it chooses, each request is one account or none, and comes to its end.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from tests.faults.invariants import Audit, Violation
from tests.faults.world import APPROVED, BODY, ENDED, Journey, World
from tests.faults.world import world as running_world

_numbers = itertools.count(1)
MOMENTS = st.sampled_from([1, 5, 20, 60, 300])
"""AWS-seconds: a vend takes about twenty."""
DECISIONS = st.sampled_from(["approve", "approve", "reject"])
REFUSED_IN_THIS_STATUS = 409


class Lives(RuleBasedStateMachine):
    """Several requests at once, with the clock held: time passes only when a rule lets it."""

    world: World
    requests = Bundle("requests")

    def __init__(self) -> None:
        super().__init__()
        self.journeys: list[Journey] = []
        self.world.settle()
        self.world.emulator.clock.hold(held=True)

    @rule(target=requests, account_type=st.sampled_from([BODY["type"], APPROVED]))
    def post(self, account_type: str) -> Journey:
        journey = self.world.journey(f"life-{next(_numbers)}", type=account_type)
        self._post(journey)
        self.journeys.append(journey)
        return journey

    @rule(journey=requests)
    def deliver_again(self, journey: Journey) -> None:
        self._post(journey)

    @rule(journey=requests, decision=DECISIONS)
    def decide(self, journey: Journey, decision: str) -> None:
        self._ask(journey, "approval", {"decision": decision, "comment": "a life"})

    @rule(journey=requests)
    def cancel(self, journey: Journey) -> None:
        self._ask(journey, "cancel", None)

    @rule(journey=requests)
    def retry(self, journey: Journey) -> None:
        self._ask(journey, "retry", None)

    @rule(nth=st.integers(1, 6), phase=st.sampled_from(["before", "after"]))
    def crash(self, nth: int, phase: str) -> None:
        """Let the function that makes the nth call from now on be killed."""
        self.world.arm([{"service": "*", "operation": "*", "fault": "kill_function", "nth": nth, "when": phase}])

    @rule(journey=requests, operation=st.sampled_from(["AttachPolicy", "MoveAccount", "CreateAccount", "TagResource"]))
    def deny(self, journey: Journey, operation: str) -> None:
        """Let the next such call be denied: whoever makes it is parked."""
        self.world.arm([{"service": "organizations", "operation": operation, "fault": "denied", "nth": 1}])

    @rule(seconds=MOMENTS)
    def pass_time(self, seconds: int) -> None:
        self.world.emulator.clock.advance(seconds)

    @invariant()
    def nothing_is_there_twice_or_open_too_early(self) -> None:
        assert self._found(lambda audit: list(audit.always())) == []

    def teardown(self) -> None:
        self.world.disarm()
        self.world.emulator.clock.hold(held=False)
        for journey in self.journeys:
            journey.refusals.clear()
            self.world.bring_home(journey)
        assert [journey.statuses for journey in self.journeys if journey.status not in ENDED] == []
        assert self._found(lambda audit: [*audit.always(), *audit.at_the_end()]) == []

    def _found(self, look: Any) -> list[tuple[str, Violation]]:
        return [(j.request_id, violation) for j in self.journeys for violation in look(Audit(self.world, j))]

    def _post(self, journey: Journey) -> None:
        """Post as a client does: again, where the API was killed over it."""
        assert self.world.post(journey), journey.refusals

    def _ask(self, journey: Journey, what: str, body: object) -> None:
        """Ask for something that may not be possible as things stand: then the API says so, and nothing else."""
        answer = self.world.machine.call("POST", f"/requests/{journey.request_id}/{what}", body)
        assert answer.ok or answer.status_code == REFUSED_IN_THIS_STATUS or answer.status_code >= 500, answer.text


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    """The application; its accounts promise little: it is not controls that are asked about."""
    with running_world(few=True) as here:
        yield here


@pytest.mark.timeout(1800)
def test_whatever_happens_in_whatever_order_each_request_is_one_account_or_none(
    world: World, how_many: Callable[[int, int], int]
) -> None:
    class Here(Lives):
        pass

    Here.world = world
    run_state_machine_as_test(
        Here,
        settings=settings(
            max_examples=how_many(3, 8),
            stateful_step_count=14,
            deadline=None,
            derandomize=True,
            database=None,
            phases=(Phase.generate, Phase.shrink),
            suppress_health_check=list(HealthCheck),
        ),
    )
