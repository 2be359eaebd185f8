"""Intrinsic functions, conditions and references as CloudFormation resolves them."""

from __future__ import annotations

from typing import Any

import pytest

from avm_emulator.deploy.checks import creation_order
from avm_emulator.deploy.resolver import ResolveError, Resolver

TEMPLATE: dict[str, Any] = {
    "Mappings": {"Sizes": {"prod": {"days": 365}, "dev": {"days": 7}}},
    "Conditions": {
        "IsProd": {"Fn::Equals": [{"Ref": "Stage"}, "prod"]},
        "IsStrict": {"Fn::Equals": [{"Ref": "Strict"}, True]},
        "Both": {"Fn::And": [{"Condition": "IsProd"}, {"Condition": "IsStrict"}]},
        "Either": {"Fn::Or": [{"Condition": "IsProd"}, {"Condition": "IsStrict"}]},
        "IsDev": {"Fn::Not": [{"Condition": "IsProd"}]},
        "Loop": {"Fn::Not": [{"Condition": "Loop"}]},
        "OnResource": {"Fn::Equals": [{"Ref": "Queue"}, "x"]},
    },
    "Resources": {
        "Queue": {"Type": "AWS::SQS::Queue"},
        "Extra": {"Type": "AWS::SQS::Queue", "Condition": "IsProd"},
    },
}
VALUES = {"Stage": "dev", "Strict": "true", "Names": ["a", "b"], "AWS::Region": "eu-west-1"}


@pytest.fixture
def resolver() -> Resolver:
    return Resolver(TEMPLATE, VALUES)


def lookup(logical_id: str, attribute: str | None) -> Any:
    return {("Queue", None): "https://queue", ("Queue", "Arn"): "arn:queue", ("Nested", "Outputs.A"): "nested"}[
        logical_id, attribute
    ]


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ({"Ref": "Stage"}, "dev"),
        ({"Ref": "Queue"}, "https://queue"),
        ({"Fn::GetAtt": ["Queue", "Arn"]}, "arn:queue"),
        ({"Fn::GetAtt": "Queue.Arn"}, "arn:queue"),
        ({"Fn::GetAtt": "Nested.Outputs.A"}, "nested"),
        ({"Fn::Sub": "${Stage}-${AWS::Region}-${Queue.Arn}"}, "dev-eu-west-1-arn:queue"),
        ({"Fn::Sub": "$$ ${!Literal} ${Stage}"}, "$$ ${Literal} dev"),
        ({"Fn::Sub": ["${A}/${Stage}", {"A": {"Ref": "Queue"}}]}, "https://queue/dev"),
        ({"Fn::Join": [":", ["a", {"Ref": "Stage"}, 3]]}, "a:dev:3"),
        ({"Fn::Join": [",", {"Ref": "Names"}]}, "a,b"),
        ({"Fn::Select": ["1", {"Ref": "Names"}]}, "b"),
        ({"Fn::Select": [2, {"Fn::Split": ["/", "a/b/c"]}]}, "c"),
        ({"Fn::Split": ["-", {"Ref": "AWS::Region"}]}, ["eu", "west", "1"]),
        ({"Fn::FindInMap": ["Sizes", {"Ref": "Stage"}, "days"]}, 7),
        ({"Fn::Base64": {"Ref": "Stage"}}, "ZGV2"),
        ({"Ref": "Names"}, ["a", "b"]),
        ({"key": [{"Ref": "Stage"}, 1, True, None]}, {"key": ["dev", 1, True, None]}),
    ],
)
def test_functions_give_what_cloudformation_gives(resolver: Resolver, expression: Any, value: Any) -> None:
    assert resolver.resolve(resolver.choose(expression), lookup) == value


@pytest.mark.parametrize(
    ("condition", "holds"), [("IsProd", False), ("IsStrict", True), ("Both", False), ("Either", True), ("IsDev", True)]
)
def test_conditions_combine(resolver: Resolver, condition: str, holds: bool) -> None:  # noqa: FBT001
    assert resolver.condition(condition) is holds


def test_the_branch_not_taken_disappears_with_its_references(resolver: Resolver) -> None:
    value = {
        "Kept": {"Fn::If": ["IsDev", {"Ref": "Queue"}, {"Ref": "Nowhere"}]},
        "Gone": {"Fn::If": ["IsProd", 1, {"Ref": "AWS::NoValue"}]},
        "Items": [1, {"Fn::If": ["IsProd", 2, {"Ref": "AWS::NoValue"}]}],
    }
    chosen = resolver.choose(value)
    assert chosen == {"Kept": {"Ref": "Queue"}, "Items": [1]}
    assert list(resolver.references(chosen)) == ["Queue"]


@pytest.mark.parametrize(
    ("expression", "message"),
    [
        ({"Fn::ImportValue": "x"}, "Fn::ImportValue is not known here"),
        ({"Fn::FindInMap": ["Sizes", "test", "days"]}, "cannot be resolved"),
        ({"Fn::Select": ["5", ["a"]]}, "cannot be resolved"),
        ({"Fn::Sub": "${Names}"}, "a string is wanted here"),
        ("{{resolve:ssm:/secret}}", "dynamic references are not known here"),
    ],
)
def test_what_cannot_be_resolved_says_so(resolver: Resolver, expression: Any, message: str) -> None:
    with pytest.raises(ResolveError, match=message):
        resolver.resolve(expression, lookup)


@pytest.mark.parametrize(
    ("condition", "message"),
    [
        ("Loop", "depends on itself"),
        ("Unknown", "is not declared"),
        ("OnResource", "cannot refer to the resource Queue"),
    ],
)
def test_a_condition_that_cannot_hold_or_fail_says_so(resolver: Resolver, condition: str, message: str) -> None:
    with pytest.raises(ResolveError, match=message):
        resolver.condition(condition)


@pytest.mark.parametrize("expression", [{"Ref": "Nowhere"}, {"Fn::GetAtt": "Nowhere.Arn"}, {"Fn::Sub": "${Nowhere}"}])
def test_a_reference_to_nothing_is_an_error(resolver: Resolver, expression: Any) -> None:
    with pytest.raises(ResolveError, match="Nowhere is neither a parameter nor a resource"):
        list(resolver.references(expression))


def test_a_reference_to_a_resource_whose_condition_fails_is_an_error(resolver: Resolver) -> None:
    with pytest.raises(ResolveError, match="Extra is neither"):
        list(resolver.references({"Ref": "Extra"}))


def order(**needs: Any) -> tuple[list[str], list[str]]:
    resources = {name: {"Type": "T", **content} for name, content in needs.items()}
    return creation_order(resources, Resolver({"Resources": resources}, {}))


def test_resources_come_after_what_they_need() -> None:
    found, problems = order(
        Rule={"Properties": {"Arn": {"Fn::Sub": "${Queue.Arn}"}}},
        Alarm={"DependsOn": ["Rule"]},
        Queue={"Properties": {"Key": {"Ref": "Key"}}},
        Key={},
    )
    assert problems == []
    assert found == ["Key", "Queue", "Rule", "Alarm"]


def test_a_circle_is_named() -> None:
    _, problems = order(
        A={"Properties": {"x": {"Ref": "B"}}}, B={"DependsOn": "C"}, C={"Properties": {"x": {"Ref": "A"}}}
    )
    assert problems == ["circular dependency: A -> B -> C -> A"]
