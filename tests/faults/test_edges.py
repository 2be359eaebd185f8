"""Every edge of the state machines is taken."""

from collections.abc import Iterator

import pytest

from tests.faults.edges import Ledger, edges_of, taken
from tests.faults.scenarios import walk_every_edge
from tests.faults.world import ENDED, World, world

DEFINITION = {
    "StartAt": "Try",
    "States": {
        "Try": {
            "Type": "Task",
            "Retry": [{"ErrorEquals": ["Busy"]}, {"ErrorEquals": ["States.ALL"]}],
            "Catch": [{"ErrorEquals": ["Wrong"], "Next": "Mend"}],
            "Next": "Ask",
        },
        "Ask": {"Type": "Choice", "Choices": [{"Next": "Try"}], "Default": "Mend"},
        "Mend": {"Type": "Map", "ItemProcessor": {"States": {"Piece": {"Type": "Pass", "Next": "End"}, "End": {}}}},
    },
}


def history(*events: dict[str, object]) -> list[dict[str, object]]:
    return [{"id": number, "previousEventId": number - 1, **event} for number, event in enumerate(events, 1)]


def entered(name: str) -> dict[str, object]:
    return {"type": "TaskStateEntered", "stateEnteredEventDetails": {"name": name}}


def exited(name: str) -> dict[str, object]:
    return {"type": "TaskStateExited", "stateExitedEventDetails": {"name": name}}


def failed(error: str) -> dict[str, object]:
    return {"type": "TaskFailed", "taskFailedEventDetails": {"error": error}}


STARTED = {"type": "ExecutionStarted"}
SCHEDULED = {"type": "TaskScheduled"}


@pytest.mark.parametrize(
    ("events", "expected"),
    [
        ([STARTED, entered("Try"), exited("Try"), entered("Ask")], ["m: Try → Ask (Next)"]),
        ([STARTED, entered("Try"), failed("Busy"), SCHEDULED], ["m: Try → Try (Retry 1 (Busy))"]),
        ([STARTED, entered("Try"), failed("Odd"), SCHEDULED], ["m: Try → Try (Retry 2 (States.ALL))"]),
        ([STARTED, entered("Try"), failed("Busy"), {"type": "ExecutionFailed"}], []),
        (
            [STARTED, entered("Try"), failed("Wrong"), exited("Try"), entered("Mend")],
            ["m: Try → Mend (Catch 1 (Wrong))"],
        ),
        ([STARTED, entered("Ask"), exited("Ask"), entered("Try")], ["m: Ask → Try (Choice)"]),
        ([STARTED, entered("Ask"), exited("Ask"), entered("Mend")], ["m: Ask → Mend (Default)"]),
        ([entered("Mend"), {"type": "MapIterationStarted"}, entered("Piece")], []),
    ],
)
def test_an_edge_is_read_from_the_events_around_it(events: list[dict[str, object]], expected: list[str]) -> None:
    found = taken("m", DEFINITION, history(*events))
    assert [str(edge) for edge in found] == expected
    assert found <= edges_of("m", DEFINITION)


def test_the_edges_of_a_machine_are_all_of_its_ways_and_those_inside_its_maps() -> None:
    kinds = [(edge.state, edge.kind.split()[0], edge.target) for edge in sorted(edges_of("m", DEFINITION))]
    assert kinds == [
        ("Ask", "Choice", "Try"),
        ("Ask", "Default", "Mend"),
        ("Piece", "Next", "End"),
        ("Try", "Catch", "Mend"),
        ("Try", "Next", "Ask"),
        ("Try", "Retry", "Try"),
        ("Try", "Retry", "Try"),
    ]


@pytest.fixture
def bare() -> Iterator[World]:
    """The application, and nothing of the foundation; its accounts promise what each edge needs, not all there is."""
    with world(foundation=False, few=True) as here:
        yield here


@pytest.mark.whole
@pytest.mark.timeout(2400)
def test_every_edge_of_the_state_machines_is_taken_and_every_request_comes_to_its_end(
    bare: World, figure: list[str]
) -> None:
    journeys = walk_every_edge(bare)
    ledger = Ledger()
    ledger.read(bare.client("stepfunctions"))
    figure.append(f"edges of the state machines: {len(ledger.edges)}, {len(ledger.edges & ledger.taken)} taken")
    for edge in sorted(ledger.edges):
        print("taken    " if edge in ledger.taken else "NOT TAKEN", edge)  # noqa: T201  the list is asked for
    assert ledger.missing == []
    assert [(j.request_id, j.statuses, j.refusals) for j in journeys if j.status not in ENDED] == []
