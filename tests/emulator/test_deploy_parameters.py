"""Parameters: defaults, overrides and refusals."""

from __future__ import annotations

from typing import Any

import pytest

from avm_emulator.deploy.parameters import parameter_values


def test_values_come_from_overrides_else_from_defaults() -> None:
    declared: dict[str, Any] = {
        "Days": {"Type": "Number", "Default": 30},
        "Mail": {"Type": "String", "Default": ""},
        "On": {"Type": "String", "Default": True},
        "Names": {"Type": "CommaDelimitedList", "Default": "a, b"},
        "Nobody": {"Type": "CommaDelimitedList", "Default": ""},
    }
    values, problems = parameter_values(declared, {"Mail": "ops@example.com"})
    assert problems == []
    assert values == {"Days": "30", "Mail": "ops@example.com", "On": "true", "Names": ["a", "b"], "Nobody": []}


@pytest.mark.parametrize(
    ("declaration", "value", "problem"),
    [
        ({"AllowedValues": ["a", "b"]}, "c", "'c' is not one of a, b"),
        ({"AllowedPattern": "[a-z]+"}, "A1", r"'A1' does not match \[a-z\]"),
        ({"AllowedPattern": "[a-z]+", "ConstraintDescription": "small letters"}, "A", r"\(small letters\)"),
        ({"MinLength": 3}, "ab", "below the minimum of 3 characters"),
        ({"MaxLength": "3"}, "abcd", "above the maximum of 3 characters"),
        ({"Type": "Number"}, "many", "'many' is not a number"),
        ({"Type": "Number", "MaxValue": 5}, "6", "above the maximum of 5"),
        ({"Type": "Number", "AllowedValues": [1, 2]}, "3", "'3' is not one of 1, 2"),
        ({"NoEcho": True, "AllowedValues": ["x"]}, "secret", r"\*\*\*\* is not one of"),
        ({"Type": "AWS::EC2::VPC::Id"}, "vpc-1", "has type AWS::EC2::VPC::Id, which is not known here"),
        ({"Alowed": []}, "x", "has attribute Alowed, which is not known here"),
    ],
)
def test_a_value_out_of_bounds_is_refused(declaration: dict[str, Any], value: str, problem: str) -> None:
    _, problems = parameter_values({"P": {"Type": "String", **declaration}}, {"P": value})
    assert len(problems) == 1
    with pytest.raises(AssertionError, match=problem):
        raise AssertionError(problems[0])


def test_all_problems_are_told_at_once() -> None:
    declared = {"A": {"Type": "String"}, "B": {"Type": "Number", "Default": "x"}}
    _, problems = parameter_values(declared, {"C": "1"})
    assert problems == [
        "parameter C was given, but the template does not declare it",
        "parameter A has neither a value nor a default",
        "parameter B: 'x' is not a number",
    ]
