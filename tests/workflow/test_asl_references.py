"""The state machines have no fault that the checker knows, and the checker knows the faults it is there for."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest

from tests.workflow.asl_references import ROOT, faults, machines_of
from tests.workflow.jsonata_names import NotJsonata, names_in

Machine = dict[str, Any]

INVOKE: Machine = {
    "Type": "Task",
    "Resource": "arn:aws:states:::lambda:invoke",
    "Arguments": {"FunctionName": "${WorkFunction}", "Payload": {"id": "{% $states.input.id %}"}},
    "TimeoutSeconds": 90,
}
GOOD: Machine = {
    "QueryLanguage": "JSONata",
    "StartAt": "Work",
    "States": {
        "Work": INVOKE
        | {
            "Assign": {"id": "{% $states.result.Payload.id %}", "rounds": 0},
            "Output": "{% $states.result.Payload %}",
            "Retry": [{"ErrorEquals": ["Throttled", "Lambda.TooManyRequestsException", "States.Timeout"]}],
            "Catch": [
                {
                    "ErrorEquals": ["EmailTaken"],
                    "Assign": {"failure": "{% $states.errorOutput.Error %}"},
                    "Next": "Failed",
                },
                {
                    "ErrorEquals": ["States.ALL"],
                    "Assign": {"failure": "{% $states.errorOutput.Error %}"},
                    "Next": "Failed",
                },
            ],
            "Next": "Each",
        },
        "Each": {
            "Type": "Map",
            "Items": "{% $filter($states.input.regions, function($region) { $region != $id }) %}",
            "ItemSelector": {"region": "{% $states.context.Map.Item.Value %}"},
            "ItemProcessor": {
                "StartAt": "Inside",
                "States": {
                    "Inside": {"Type": "Pass", "Assign": {"mine": "{% $id %}"}, "Output": "{% $id %}", "End": True}
                },
            },
            "Next": "Again",
        },
        "Again": {
            "Type": "Choice",
            "Choices": [
                {
                    "Condition": "{% $rounds < 3 %}",
                    "Assign": {"rounds": "{% $rounds + 1 %}"},
                    "Next": "Each",
                }
            ],
            "Assign": {"failure": "none"},
            "Default": "Publish",
        },
        "Publish": {
            "Type": "Task",
            "Resource": "arn:aws:states:::aws-sdk:eventbridge:putEvents",
            "Arguments": {"Entries": [{"Detail": "{% $string({'id': $id}) %}", "DetailType": "Done", "Source": "avm"}]},
            "TimeoutSeconds": 20,
            "HeartbeatSeconds": 10,
            "Catch": [{"ErrorEquals": ["EventBridge.InternalException"], "Next": "Failed"}],
            "Next": "Done",
        },
        "Done": {"Type": "Succeed", "Output": "{% {'failure': $failure} %}"},
        "Failed": {"Type": "Fail", "Error": "{% $failure %}"},
    },
}


def _change(path: str, value: object) -> Callable[[Machine], None]:
    """Return a function that sets ``path`` of a machine's states, or removes it where ``value`` is None."""

    def change(machine: Machine) -> None:
        *parents, last = path.split("/")
        where: Any = machine["States"]
        for part in parents:
            where = where[int(part) if part.isdigit() else part]
        if value is None:
            del where[last]
        else:
            where[int(last) if last.isdigit() else last] = value

    return change


INSIDE = "Each/ItemProcessor/States/Inside"
PLANTED = {
    "an expression that is no JSONata": (_change("Done/Output", "{% $id + %}"), "Done: Output: no JSONata"),
    "a variable that nothing assigns": (
        _change("Done/Output", "{% $nobody %}"),
        "$nobody is not assigned on every path",
    ),
    "a variable that one path leaves out": (
        _change("Failed/Error", "{% $rounds %}"),
        "Failed: Error: $rounds is not assigned on every path",
    ),
    "a variable that a Catch edge does not assign": (
        _change("Work/Catch/1/Assign", {}),
        "Failed: Error: $failure is not assigned on every path",
    ),
    "an Output that reads what the same state assigns": (
        _change("Work/Output", "{% $id %}"),
        "Work: Output: $id is not assigned on every path",
    ),
    "a variable of a Map's inside, read outside": (
        _change("Done/Output", "{% $mine %}"),
        "Done: Output: $mine is not assigned on every path",
    ),
    "an inner state that assigns an outer variable": (
        _change(f"{INSIDE}/Assign", {"id": 1}),
        "Inside: $id belongs to an enclosing state",
    ),
    "a variable named as a function": (_change("Work/Assign/count", 1), "Assign: $count is a function's name"),
    "an outer variable in a distributed Map": (
        _change("Each/ItemProcessor/ProcessorConfig", {"Mode": "DISTRIBUTED"}),
        "Inside: Output: $id is not assigned on every path",
    ),
    "a function that there is none of": (_change("Done/Output", "{% $nosuch(1) %}"), "there is no function $nosuch"),
    "a function that Step Functions leaves out": (_change("Done/Output", "{% $eval('1') %}"), "no function $eval"),
    "a field of no input": (_change("Done/Output", "{% id %}"), "id looks at a top-level input"),
    "a text around an expression": (_change("Done/Output", "id {% $id %}"), "must enclose the whole text"),
    "a result in Arguments": (
        _change("Work/Arguments/Payload", "{% $states.result %}"),
        "Work: Arguments.Payload: $states.result does not exist here",
    ),
    "a result where there is none": (_change("Done/Output", "{% $states.result %}"), "$states.result does not exist"),
    "a result in a Catch": (
        _change("Work/Catch/0/Assign/failure", "{% $states.result %}"),
        "Work: Catch.Assign.failure: $states.result does not exist here",
    ),
    "an error output outside a Catch": (
        _change("Work/Output", "{% $states.errorOutput %}"),
        "Work: Output: $states.errorOutput does not exist here",
    ),
    "a part of $states that there is none of": (_change("Done/Output", "{% $states.output %}"), "no $states.output"),
    "a part of the context that there is none of": (
        _change("Done/Output", "{% $states.context.Exekution.Id %}"),
        "there is no $states.context.Exekution",
    ),
    "an error that no class is": (
        _change("Work/Retry/0/ErrorEquals", ["Throtled"]),
        "Work: Retry: there is no error Throtled",
    ),
    "an error that Step Functions does not know": (
        _change("Work/Catch/0/ErrorEquals", ["States.Timout"]),
        "Work: Catch: there is no error States.Timout",
    ),
    "an error that the called API does not have": (
        _change("Publish/Catch/0/ErrorEquals", ["EventBridge.NoSuchException"]),
        "Publish: Catch: there is no error EventBridge.NoSuchException",
    ),
    "States.ALL in company": (
        _change("Work/Catch/1/ErrorEquals", ["States.ALL", "Throttled"]),
        "States.ALL must stand alone",
    ),
    "States.ALL before the last": (_change("Work/Catch/0/ErrorEquals", ["States.ALL"]), "States.ALL must stand alone"),
    "a Task without a time-out": (_change("Work/TimeoutSeconds", None), "Work: a Task without TimeoutSeconds"),
    "a heartbeat longer than the time-out": (
        _change("Publish/HeartbeatSeconds", 20),
        "HeartbeatSeconds 20 is not below",
    ),
    "an argument that the API does not take": (
        _change("Publish/Arguments/Entries/0/Details", "x"),
        "PutEventsRequestEntry has no member Entries.Details",
    ),
    "an argument that the API misses": (_change("Publish/Arguments/Entries", None), "PutEventsRequest needs Entries"),
    "an operation that the service does not have": (
        _change("Publish/Resource", "arn:aws:states:::aws-sdk:eventbridge:putEvent"),
        "eventbridge has no operation putEvent",
    ),
    "a service that there is none of": (
        _change("Publish/Resource", "arn:aws:states:::aws-sdk:eventbrigde:putEvents"),
        "there is no service eventbrigde",
    ),
    "a resource that is no integration": (_change("Work/Resource", "arn:aws:lambda::invoke"), "neither an integration"),
    "a Next to nowhere": (_change("Work/Next", "Nowhere"), "Work: leads to Nowhere, which does not exist"),
    "a Default to nowhere": (_change("Again/Default", "Nowhere"), "Again: leads to Nowhere"),
    "a Catch to nowhere": (_change("Work/Catch/0/Next", "Nowhere"), "Work: leads to Nowhere"),
    "a state that nothing leads to": (_change("Lonely", {"Type": "Succeed"}), "Lonely: no state leads here"),
    "a state without an end": (_change("Publish/Next", None), "Publish: neither Next nor End"),
    "a substitution that the template does not provide": (
        _change("Work/Arguments/FunctionName", "${WrokFunction}"),
        "${WrokFunction} is not filled in",
    ),
    "a substitution that nobody uses": (
        _change("Work/Arguments/FunctionName", "name"),
        "WorkFunction is used nowhere",
    ),
}


def test_a_good_machine_has_no_fault() -> None:
    assert [str(fault) for fault in faults(GOOD, {"WorkFunction"})] == []


@pytest.mark.parametrize("fault", PLANTED)
def test_the_checker_reports(fault: str) -> None:
    plant, expected = PLANTED[fault]
    machine = copy.deepcopy(GOOD)
    plant(machine)
    found = [str(found) for found in faults(machine, {"WorkFunction"})]
    assert any(expected in one for one in found), found


def test_a_start_at_nowhere_is_reported() -> None:
    assert "StartAt: there is no state Nowhere" in map(str, faults(GOOD | {"StartAt": "Nowhere"}, {"WorkFunction"}))


@pytest.mark.parametrize(
    ("expression", "variables"),
    [
        ("($f := function($n) { $n < 1 ? 1 : $f($n - 1) }; $f($m))", {"m"}),
        ("$states.input.regions@$r.zones#$i[$r.name = $name].{'at': $i}", {"name"}),
        ("$states.input.list^(>age)[id = $id].$string($)", {"id"}),
        ("$states.input ~> |list|{'seen': $seen, 'old': seen}|", {"seen"}),
        ("$reduce($states.input.list, function($sum, $item) { $sum + $item * $factor }, $start)", {"factor", "start"}),
        ("$states.input.list{id: $count(items)}", set()),
    ],
)
def test_only_free_variables_count(expression: str, variables: set[str]) -> None:
    names = names_in(expression)
    assert (names.variables, names.top_level) == (variables, set())


def test_what_is_no_jsonata_is_refused() -> None:
    with pytest.raises(NotJsonata, match="Unexpected end of expression"):
        names_in("1 +")


@pytest.mark.parametrize(
    ("machine", "substitutions"),
    [pytest.param(machine, names, id=file.name) for file, machine, names in machines_of(ROOT / "template.yaml")],
)
def test_the_projects_machines_have_no_fault(machine: Machine, substitutions: set[str]) -> None:
    assert [str(fault) for fault in faults(machine, substitutions)] == []


def test_every_machine_is_deployed() -> None:
    deployed = {file for file, _, _ in machines_of(ROOT / "template.yaml")}
    assert deployed == set((ROOT / "statemachine").glob("*.asl.json"))
