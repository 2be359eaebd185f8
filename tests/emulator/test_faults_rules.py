from __future__ import annotations

import random
from typing import Any

import pytest

from avm_emulator.faults.kinds import KINDS
from avm_emulator.faults.rules import FIELDS, InvalidRulesError, Rule, parse

NOW = 1_700_000_000.0
CALL = {"service": "organizations", "operation": "CreateAccount"}


def rule(**fields: Any) -> Rule:
    (parsed,) = parse([{**CALL, "fault": "throttle", **fields}], NOW).rules
    return parsed


def fires(parsed: Rule, calls: int, seed: int = 0) -> list[int]:
    draws = random.Random(seed)  # noqa: S311  repeatable on purpose
    return [number for number in range(1, calls + 1) if parsed.fires_at(number, draws.random())]


def problems(*rules: Any) -> list[tuple[int | None, str]]:
    with pytest.raises(InvalidRulesError) as refusal:
        parse(list(rules), NOW)
    assert all(problem.reason for problem in refusal.value.problems)
    return [(problem.rule, problem.field) for problem in refusal.value.problems]


def test_without_a_number_every_call_is_meant() -> None:
    assert fires(rule(), 4) == [1, 2, 3, 4]


def test_nth_is_one_call_and_times_are_the_first_ones() -> None:
    assert fires(rule(nth=3), 5) == [3]
    assert fires(rule(times=2), 5) == [1, 2]


def test_from_nth_is_that_call_and_all_after_it() -> None:
    assert fires(rule(from_nth=3), 5) == [3, 4, 5]


def test_a_rule_means_the_calls_of_one_caller() -> None:
    parsed = rule(source="avm-MoveAccountFunction-*")
    assert parsed.means("organizations", "CreateAccount", "123456789012", NOW, "avm-MoveAccountFunction-x7Ab")
    assert not parsed.means("organizations", "CreateAccount", "123456789012", NOW, "avm-ParkAccountFunction-x7Ab")


def test_probability_is_that_of_each_call() -> None:
    assert fires(rule(probability=0), 100) == []
    assert fires(rule(probability=1), 3) == [1, 2, 3]
    assert 200 < len(fires(rule(probability=0.25), 1000)) < 300


def test_a_rule_means_its_service_operation_and_account() -> None:
    parsed = rule(account="123456789012")
    assert parsed.means("organizations", "CreateAccount", "123456789012", NOW)
    assert not parsed.means("organizations", "CloseAccount", "123456789012", NOW)
    assert not parsed.means("account", "CreateAccount", "123456789012", NOW)
    assert not parsed.means("organizations", "CreateAccount", "210987654321", NOW)


def test_a_star_means_all_that_the_fault_can_happen_to() -> None:
    everything = rule(service="*", operation="*")
    assert everything.means("s3", "PutObject", "123456789012", NOW)
    stale = rule(operation="*", fault="stale_read")
    assert stale.means("organizations", "ListRoots", "123456789012", NOW)
    assert not stale.means("organizations", "CreateAccount", "123456789012", NOW)
    unprocessed = rule(service="*", operation="*", fault="outcome", code="unprocessed")
    assert unprocessed.means("events", "PutEvents", "123456789012", NOW)
    assert not unprocessed.means("organizations", "CreateAccount", "123456789012", NOW)


@pytest.mark.parametrize(
    ("when", "meant"),
    [
        ({"from": 60}, [60, 1000]),
        ({"until": 60}, [0, 59]),
        ({"from": 60, "until": 1000.5}, [60, 1000]),
        ({"from": "2023-11-14T22:14:20Z"}, [60, 1000]),  # NOW is 22:13:20
        ({"until": "2023-11-14T23:14:20+01:00"}, [0, 59]),
    ],
)
def test_a_window_of_aws_time(when: dict[str, Any], meant: list[int]) -> None:
    parsed = rule(when=when)
    times = [0, 59, 60, 1000]
    assert [t for t in times if parsed.means("organizations", "CreateAccount", "1" * 12, NOW + t)] == meant


def test_kill_function_has_a_phase_too() -> None:
    assert rule(fault="kill_function").phase == "after"
    assert rule(fault="kill_function", when="before").phase == "before"
    both = rule(fault="kill_function", when={"phase": "before", "from": 5})
    assert (both.phase, both.since) == ("before", NOW + 5)


def test_a_seed_comes_with_the_rules_or_beside_them() -> None:
    rules = [{**CALL, "fault": "throttle"}]
    assert parse(rules, NOW).seed is None
    assert parse(rules, NOW, seed=7).seed == 7
    assert parse({"seed": 8, "rules": rules}, NOW).seed == 8
    assert parse({"rules": rules}, NOW).rules == parse(rules, NOW).rules


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"service": "organisations"}, "service"),
        ({"service": None}, "service"),
        ({"service": ["s3"]}, "service"),
        ({"operation": "MakeAccount"}, "operation"),
        ({"operation": None}, "operation"),
        ({"service": "*"}, "operation"),
        ({"fault": "explode"}, "fault"),
        ({"fault": None}, "fault"),
        ({"fault": {}}, "fault"),
        ({"nth": 1, "times": 1}, "times"),
        ({"times": 1, "probability": 0.5}, "probability"),
        ({"nth": 0}, "nth"),
        ({"nth": 1.5}, "nth"),
        ({"nth": True}, "nth"),
        ({"times": -1}, "times"),
        ({"from_nth": 0}, "from_nth"),
        ({"nth": 1, "from_nth": 1}, "from_nth"),
        ({"source": " "}, "source"),
        ({"times": "2"}, "times"),
        ({"probability": 1.01}, "probability"),
        ({"probability": -0.1}, "probability"),
        ({"probability": float("nan")}, "probability"),
        ({"probability": False}, "probability"),
        ({"account": "12345"}, "account"),
        ({"account": 123456789012}, "account"),
        ({"seconds": 5}, "seconds"),
        ({"fault": "slow"}, "seconds"),
        ({"fault": "slow", "seconds": 0}, "seconds"),
        ({"fault": "slow", "seconds": -3}, "seconds"),
        ({"fault": "slow", "seconds": "5"}, "seconds"),
        ({"fault": "slow", "seconds": float("inf")}, "seconds"),
        ({"code": "TooManyRequestsException"}, "code"),
        ({"fault": "denied", "code": "AccessDenied"}, "code"),
        ({"fault": "error_before", "code": "NoSuchThing"}, "code"),
        ({"fault": "error_before", "code": "NoSuchBucket"}, "code"),
        ({"fault": "error_before", "code": 5}, "code"),
        ({"fault": "error_before", "service": "*", "operation": "*", "code": "NoSuchBucket"}, "code"),
        ({"fault": "outcome", "code": "BAD_LUCK"}, "code"),
        ({"fault": "outcome", "code": "unprocessed"}, "code"),
        ({"fault": "outcome", "service": "events", "operation": "PutEvents", "code": "EMAIL_ALREADY_EXISTS"}, "code"),
        ({"fault": "outcome", "operation": "MoveAccount", "code": "X"}, "operation"),
        ({"fault": "outcome", "service": "sts", "operation": "*"}, "service"),
        ({"fault": "stale_read"}, "operation"),
        ({"fault": "stale_read", "service": "sts", "operation": "GetCallerIdentity"}, "operation"),
        ({"fault": "duplicate_delivery", "operation": "DescribeAccount"}, "operation"),
        ({"fault": "duplicate_delivery", "service": "dynamodb", "operation": "PutItem"}, "operation"),
        ({"fault": "duplicate_delivery", "service": "sqs", "operation": "ReceiveMessage"}, "operation"),
        ({"fault": "kill_function", "service": "sso", "operation": "GetRoleCredentials"}, "operation"),
        ({"when": "before"}, "when"),
        ({"fault": "kill_function", "when": "during"}, "when"),
        ({"when": {"from": 10, "until": 10}}, "when"),
        ({"when": {"from": "yesterday"}}, "when"),
        ({"when": {"from": "2026-01-01T00:00:00"}}, "when"),
        ({"when": {"from": -1}}, "when"),
        ({"when": {"at": 1}}, "when"),
        ({"when": 5}, "when"),
        ({"whenever": 5}, "whenever"),
    ],
)
def test_a_field_that_makes_no_sense_is_named(fields: dict[str, Any], field: str) -> None:
    assert problems({**CALL, "fault": "throttle", **fields}) == [(0, field)]


def test_all_problems_of_all_rules_are_named_at_once() -> None:
    found = problems(
        {**CALL, "fault": "throttle"},
        {"service": "nope", "operation": "*", "fault": "explode", "nth": 0},
        "a rule",
        {**CALL, "fault": "slow", "times": 1, "nth": 1, "colour": "red"},
    )
    assert set(found) == {
        *((1, field) for field in ("service", "fault", "nth")),
        (2, "rule"),
        *((3, field) for field in ("seconds", "times", "colour")),
    }


@pytest.mark.parametrize(
    ("document", "field"),
    [
        ({}, "rules"),
        ("throttle", "rules"),
        (None, "rules"),
        ({"rules": {}}, "rules"),
        ({"rules": [], "seed": "x"}, "seed"),
        ({"rules": [], "seed": 1.5}, "seed"),
        ({"rules": [], "speed": 1}, "speed"),
    ],
)
def test_a_document_that_is_no_list_of_rules_is_refused(document: Any, field: str) -> None:
    with pytest.raises(InvalidRulesError) as refusal:
        parse(document, NOW)
    assert field in {problem.field for problem in refusal.value.problems}


@pytest.mark.parametrize(
    ("service", "operation", "code"),
    [
        ("organizations", "CreateAccount", "FinalizingOrganizationException"),
        ("organizations", "*", "ConcurrentModificationException"),
        ("ec2", "DescribeVpcs", "InvalidVpcID.NotFound"),  # EC2's model names no errors
        ("s3", "GetObject", "NoSuchKey"),
        ("*", "*", "ServiceUnavailable"),
        ("sso-admin", "CreateAccountAssignment", "ConflictException"),
    ],
)
def test_codes_of_the_models_are_taken(service: str, operation: str, code: str) -> None:
    (parsed,) = parse([{"service": service, "operation": operation, "fault": "error_before", "code": code}], NOW).rules
    assert parsed.code == code


def test_kinds_and_fields_are_those_of_the_interface_and_two_more() -> None:
    kinds = "throttle error_before lost_response slow denied kill_function stale_read duplicate_delivery outcome"
    assert list(KINDS) == kinds.split()
    of_interface = {*CALL, "fault", "nth", "times", "probability", "account", "seconds", "code", "when"}
    assert set(FIELDS) == of_interface | {"from_nth", "source"}
