"""States that call nothing: variables and their scopes, Choice, Pass, Fail, Parallel, Map."""

from __future__ import annotations

from typing import Any

import pytest


def machine(states: dict[str, Any], start: str = "A", language: str = "JSONata") -> dict[str, Any]:
    return {"QueryLanguage": language, "StartAt": start, "States": states}


def test_output_sees_the_variables_of_the_entry_and_the_next_state_the_assigned_ones(workflows: Any) -> None:
    states = {
        "A": {"Type": "Pass", "Assign": {"v": 1}, "Next": "B"},
        "B": {
            "Type": "Pass",
            "Assign": {"v": "{% $v + 1 %}", "w": "{% $v %}"},
            "Output": {"old": "{% $v %}"},
            "Next": "C",
        },
        "C": {
            "Type": "Pass",
            "Output": {"old": "{% $states.input.old %}", "v": "{% $v %}", "w": "{% $w %}"},
            "End": True,
        },
    }
    assert workflows.output(machine(states)) == {"old": 1, "v": 2, "w": 1}


def test_a_variable_that_the_same_state_assigns_is_not_there_yet(workflows: Any) -> None:
    error, cause = workflows.failure(
        machine({"A": {"Type": "Pass", "Assign": {"v": 1}, "Output": "{% $v %}", "End": True}})
    )
    assert error == "States.QueryEvaluationError"
    assert "'$v' specified for the field 'Output' returned nothing" in cause


def test_variables_hold_any_value_unchanged(workflows: Any) -> None:
    value = {"text": 'é" \\ \n', "n": None, "l": [1, [], {}], "t": True, "f": 0.5}
    states = {
        "A": {
            "Type": "Pass",
            "Assign": {"v": "{% $states.input %}", "s": "{% $states.input.text %}", "n": None},
            "Next": "B",
        },
        "B": {"Type": "Pass", "Output": {"v": "{% $v %}", "s": "{% $s %}", "n": "{% $n %}"}, "End": True},
    }
    assert workflows.output(machine(states), value) == {"v": value, "s": value["text"], "n": None}


def test_branches_see_outer_variables_and_keep_their_own(workflows: Any) -> None:
    branch = {"StartAt": "X", "States": {
        "X": {"Type": "Pass", "Assign": {"inner": "{% $outer + $states.input.n %}"}, "Next": "Y"},
        "Y": {"Type": "Pass", "Output": "{% $inner %}", "End": True}}}  # fmt: skip
    other = {"StartAt": "Z", "States": {"Z": {"Type": "Pass", "Output": "{% $exists($inner) %}", "End": True}}}
    states = {
        "A": {"Type": "Pass", "Assign": {"outer": 10}, "Next": "B"},
        "B": {
            "Type": "Parallel",
            "Branches": [branch, other],
            "Assign": {"sum": "{% $states.result[0] %}"},
            "Next": "C",
        },
        "C": {
            "Type": "Pass",
            "Output": {"sum": "{% $sum %}", "leaked": "{% $exists($inner) %}", "r": "{% $states.input %}"},
            "End": True,
        },
    }
    assert workflows.output(machine(states), {"n": 5}) == {"sum": 15, "leaked": False, "r": [15, False]}


def test_a_branch_cannot_assign_an_outer_variable(workflows: Any) -> None:
    branch = {"StartAt": "X", "States": {"X": {"Type": "Pass", "Assign": {"outer": 2}, "End": True}}}
    states = {
        "A": {"Type": "Pass", "Assign": {"outer": 1}, "Next": "B"},
        "B": {"Type": "Parallel", "Branches": [branch], "End": True},
    }
    error, cause = workflows.failure(machine(states))
    assert error == "States.Runtime"
    assert "outer" in cause


def test_the_first_rule_that_holds_decides_and_the_default_is_for_none(workflows: Any) -> None:
    states = {
        "A": {
            "Type": "Choice",
            "Choices": [
                {"Condition": "{% $states.input.n > 10 %}", "Next": "B", "Output": "big", "Assign": {"v": "rule 0"}},
                {
                    "Condition": "{% $states.input.n > 5 %}",
                    "Next": "B",
                    "Output": {"n": "{% $states.input.n %}"},
                    "Assign": {"v": "rule 1"},
                },
                {"Condition": "{% $states.input.n = 0 %}", "Next": "B"},
            ],
            "Default": "B",
            "Output": "none",
            "Assign": {"v": "default"},
        },
        "B": {"Type": "Pass", "Output": ["{% $states.input %}", "{% $exists($v) ? $v : 'nothing' %}"], "End": True},
    }
    assert workflows.output(machine(states), {"n": 11}) == ["big", "rule 0"]
    assert workflows.output(machine(states), {"n": 6}) == [{"n": 6}, "rule 1"]
    assert workflows.output(machine(states), {"n": 0}) == [{"n": 0}, "nothing"]
    assert workflows.output(machine(states), {"n": 1}) == ["none", "default"]


def test_a_choice_without_a_match_ends_the_execution_even_past_a_catch_all(workflows: Any) -> None:
    choice = {"Type": "Choice", "Choices": [{"Condition": "{% false %}", "Next": "X"}]}
    states = {
        "P": {
            "Type": "Parallel",
            "Branches": [{"StartAt": "C", "States": {"C": choice, "X": {"Type": "Succeed"}}}],
            "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "Caught"}],
            "End": True,
        },
        "Caught": {"Type": "Succeed"},
    }
    error, cause = workflows.failure(machine(states, "P"))
    assert error == "States.Runtime"
    assert cause.endswith("Failed to transition out of the state. The state does not point to a next state.")
    assert cause.count("An error occurred while executing the state 'C'") == 1


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        ({"Type": "Fail", "Error": "E", "Cause": "C"}, ("E", "C")),
        (
            {"Type": "Fail", "Error": "{% 'E' & $states.input.n %}", "Cause": "{% $string($states.input) %}"},
            ("E1", '{"n":1}'),
        ),
        ({"Type": "Fail", "Error": "States.Custom"}, ("States.Custom", None)),
        ({"Type": "Fail", "Cause": "only a cause"}, (None, "only a cause")),
        ({"Type": "Fail"}, (None, None)),
    ],
)
def test_fail_ends_with_its_error_and_cause(workflows: Any, one: Any, state: dict[str, Any], expected: Any) -> None:
    assert workflows.failure(one(state), {"n": 1}) == expected


def test_succeed_may_shape_the_output(workflows: Any, one: Any) -> None:
    assert workflows.output(one({"Type": "Succeed", "Output": {"v": "{% $states.input.n %}"}}), {"n": 1}) == {"v": 1}


def test_states_without_output_hand_their_input_on(workflows: Any) -> None:
    states = {
        "A": {"Type": "Pass", "Next": "B"},
        "B": {"Type": "Wait", "Seconds": 0, "Next": "C"},
        "C": {"Type": "Choice", "Choices": [{"Condition": True, "Next": "D"}]},
        "D": {"Type": "Succeed"},
    }
    assert workflows.output(machine(states), {"n": 1}) == {"n": 1}


def test_a_failed_branch_fails_the_parallel_state_with_its_error(workflows: Any, one: Any) -> None:
    branches = [
        {"StartAt": "X", "States": {"X": {"Type": "Fail", "Error": "Refused", "Cause": "too many"}}},
        {"StartAt": "Y", "States": {"Y": {"Type": "Wait", "Seconds": 1000, "End": True}}},
    ]
    before = workflows.clock.now()
    assert workflows.failure(one({"Type": "Parallel", "Branches": branches})) == ("Refused", "too many")
    assert workflows.clock.now() < before + 1000


@pytest.mark.parametrize("error", ["Refused", "States.Custom", "States.Timeout"])
def test_a_catcher_gets_the_error_of_a_branch(workflows: Any, error: str) -> None:
    states = {
        "P": {
            "Type": "Parallel",
            "Branches": [{"StartAt": "X", "States": {"X": {"Type": "Fail", "Error": error, "Cause": "why"}}}],
            "Catch": [{"ErrorEquals": [error], "Output": "{% $states.errorOutput %}", "Next": "Caught"}],
            "End": True,
        },
        "Caught": {"Type": "Succeed"},
    }
    assert workflows.output(machine(states, "P")) == {"Error": error, "Cause": "why"}


def test_map_iterates_in_order_of_the_items_whatever_ends_first(workflows: Any, one: Any) -> None:
    wait = {"Type": "Wait", "Seconds": "{% $states.input.wait %}", "Output": "{% $states.input.wait %}", "End": True}
    processor = {"StartAt": "W", "States": {"W": wait}}
    state = {
        "Type": "Map",
        "Items": "{% $states.input.waits %}",
        "ItemSelector": {"wait": "{% $states.context.Map.Item.Value %}"},
        "ItemProcessor": processor,
    }
    assert workflows.output(one(state), {"waits": [30, 10, 20]}) == [30, 10, 20]


def test_item_selector_sees_the_input_of_the_state_and_the_item(workflows: Any, one: Any) -> None:
    state = {
        "Type": "Map",
        "Items": ["a", 'q"é'],
        "ItemSelector": {
            "index": "{% $states.context.Map.Item.Index %}",
            "value": "{% $states.context.Map.Item.Value %}",
            "common": "{% $states.input.common %}",
            "literal": 'x"y\\z\n',
        },
        "ItemProcessor": {"StartAt": "P", "States": {"P": {"Type": "Pass", "End": True}}},
    }
    assert workflows.output(one(state), {"common": [1]}) == [
        {"index": 0, "value": "a", "common": [1], "literal": 'x"y\\z\n'},
        {"index": 1, "value": 'q"é', "common": [1], "literal": 'x"y\\z\n'},
    ]


def test_item_selector_may_be_an_expression(workflows: Any, one: Any) -> None:
    state = {
        "Type": "Map",
        "Items": [1, 2],
        "ItemSelector": "{% $states.context.Map.Item.Value * $states.input.factor %}",
        "ItemProcessor": {"StartAt": "P", "States": {"P": {"Type": "Pass", "End": True}}},
    }
    assert workflows.output(one(state), {"factor": 10}) == [10, 20]
    _, cause = workflows.failure(one({**state, "ItemSelector": "{% $states.input.absent %}"}))
    assert "specified for the field 'ItemSelector' returned nothing (undefined)." in cause


def test_data_may_have_keys_that_are_fields_of_a_map(workflows: Any, one: Any) -> None:
    data = {"ItemSelector": "text", "ToleratedFailurePercentage": 7, "ItemProcessor": {"States": 1}, "Branches": [1]}
    output = workflows.output(one({"Type": "Pass", "Output": data}))
    assert output == data
    assert isinstance(output["ToleratedFailurePercentage"], int)


def test_states_of_an_iteration_know_their_item(workflows: Any, one: Any) -> None:
    inner = {"Type": "Parallel", "Arguments": "{% $states.context.Map.Item.Index %}",
             "Branches": [{"StartAt": "P", "States": {"P": {"Type": "Pass", "End": True}}}], "End": True}  # fmt: skip
    state = {"Type": "Map", "Items": [5, 6], "ItemProcessor": {"StartAt": "I", "States": {"I": inner}}}
    assert workflows.output(one(state)) == [[0], [1]]


@pytest.mark.parametrize("items", [[], "{% [] %}"])
def test_a_map_over_nothing_is_an_empty_list(workflows: Any, one: Any, items: Any) -> None:
    state = {
        "Type": "Map",
        "Items": items,
        "ItemProcessor": {"StartAt": "P", "States": {"P": {"Type": "Pass", "End": True}}},
    }
    assert workflows.output(one(state)) == []


def test_an_iteration_has_variables_of_its_own(workflows: Any, one: Any) -> None:
    processor = {"StartAt": "X", "States": {
        "X": {"Type": "Pass", "Assign": {"mine": "{% $states.input %}"}, "Next": "W"},
        "W": {"Type": "Wait", "Seconds": 5, "Next": "Y"},
        "Y": {"Type": "Pass", "Output": "{% $mine %}", "End": True}}}  # fmt: skip
    assert workflows.output(one({"Type": "Map", "Items": [1, 2, 3], "ItemProcessor": processor})) == [1, 2, 3]


def test_a_failed_iteration_fails_the_map_state_and_stops_the_others(workflows: Any, one: Any) -> None:
    processor = {"StartAt": "C", "States": {
        "C": {"Type": "Choice", "Choices": [{"Condition": "{% $states.input = 2 %}", "Next": "F"}], "Default": "W"},
        "F": {"Type": "Fail", "Error": "Two", "Cause": "it is two"},
        "W": {"Type": "Wait", "Seconds": 1000, "End": True}}}  # fmt: skip
    arn = workflows.start(one({"Type": "Map", "Items": [1, 2, 3], "ItemProcessor": processor}))
    described = workflows.wait(arn)
    assert (described["status"], described["error"], described["cause"]) == ("FAILED", "Two", "it is two")
    assert described["stopDate"] == described["startDate"]
    workflows.clock.advance(2000)
    assert workflows.history(arn)[-1]["type"] == "ExecutionFailed"


def test_a_map_of_many_items_one_at_a_time_ends(workflows: Any, one: Any) -> None:
    processor = {"StartAt": "P", "States": {"P": {"Type": "Pass", "End": True}}}
    state = {"Type": "Map", "Items": "{% [1..1500] %}", "MaxConcurrency": 1, "ItemProcessor": processor}
    assert workflows.output(one(state)) == list(range(1, 1501))


def test_max_concurrency_may_be_an_expression(workflows: Any, one: Any) -> None:
    processor = {"StartAt": "W", "States": {"W": {"Type": "Wait", "Seconds": 10, "End": True}}}
    state = {
        "Type": "Map",
        "Items": [1, 2, 3, 4],
        "MaxConcurrency": "{% $states.input.n %}",
        "ItemProcessor": processor,
    }
    described = workflows.run(one(state), {"n": 2})
    assert (described["stopDate"] - described["startDate"]).total_seconds() == 20


DISTRIBUTED = {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}


def test_a_distributed_map_reads_its_items_from_s3(workflows: Any, one: Any, emulator: Any) -> None:
    s3 = emulator.clients.client("s3")
    s3.create_bucket(Bucket="maps", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    s3.put_object(Bucket="maps", Key="items.json", Body=b'[{"n": 1}, {"n": 2}]')
    state = {
        "Type": "Map",
        "ItemReader": {
            "Resource": "arn:aws:states:::s3:getObject",
            "ReaderConfig": {"InputType": "JSON"},
            "Arguments": {"Bucket": "maps", "Key": "{% $states.input.key %}"},
        },
        "ItemProcessor": {
            "ProcessorConfig": DISTRIBUTED,
            "StartAt": "P",
            "States": {"P": {"Type": "Pass", "Output": "{% $states.input.n * 2 %}", "End": True}},
        },
    }
    assert workflows.output(one(state), {"key": "items.json"}) == [2, 4]


@pytest.mark.parametrize(("tolerated", "status"), [(0, "FAILED"), (49, "FAILED"), (50, "SUCCEEDED")])
def test_a_distributed_map_tolerates_as_many_failures_as_it_says(
    workflows: Any, one: Any, tolerated: int, status: str
) -> None:
    processor = {"ProcessorConfig": DISTRIBUTED, "StartAt": "C", "States": {
        "C": {"Type": "Choice", "Choices": [{"Condition": "{% $states.input = 1 %}", "Next": "F"}], "Default": "S"},
        "F": {"Type": "Fail", "Error": "One"},
        "S": {"Type": "Succeed"}}}  # fmt: skip
    state = {"Type": "Map", "Items": [1, 2], "ToleratedFailurePercentage": tolerated, "ItemProcessor": processor}
    described = workflows.run(one(state))
    assert described["status"] == status
    assert described.get("error") == {"FAILED": "States.ExceedToleratedFailureThreshold"}.get(status)
