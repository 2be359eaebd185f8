"""Requests and policies that nobody has thought of: the evaluator and the simulator from outside decide them alike.

Left out is what the simulator does not know, with a written row each in ``decisions``: root users, the management
account, service-linked roles, inverted operators with a variable without a value, parts of NotPrincipal, a session
policy beside a grant to the session.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.policy.cases import Case
from tests.policy.oracle import needs_simulator, simulate

REQUESTS = {
    "s3:GetObject": ["arn:aws:s3:::bucket/key", "arn:aws:s3:::bucket/alice/key", "arn:aws:s3:::other/key"],
    "s3:PutObject": ["arn:aws:s3:::bucket/key", "arn:aws:s3:::bucket/red/key"],
    "sqs:SendMessage": ["arn:aws:sqs:eu-west-1:111122223333:jobs", "arn:aws:sqs:us-east-1:444455556666:jobs"],
}
ACTIONS = ["*", "s3:*", "s3:Get*", "s3:GetObject", "S3:putobject", "s3:???Object", "sqs:*", "sqs:SendMessage", "iam:*"]
RESOURCES = [
    "*",
    "arn:aws:s3:::bucket/*",
    "arn:*:s3:::*/key",
    "arn:aws:s3:::bucket/${aws:username}/*",
    "arn:aws:s3:::bucket/${aws:PrincipalTag/team, 'none'}/*",
    "arn:aws:sqs:*:111122223333:*",
    "arn:aws:sqs:eu-*:*:jobs",
]
VALUES: Mapping[str, Sequence[Any]] = {
    "aws:RequestedRegion": ["eu-west-1", "us-east-1", "eu-central-1"],
    "aws:SecureTransport": ["true", "false"],
    "aws:SourceIp": ["203.0.113.9", "198.51.100.1", "2001:db8::1"],
    "aws:MultiFactorAuthAge": ["10", "60", "3600"],
    "aws:CurrentTime": ["2026-11-25T10:00:00Z", "2026-11-25T11:30:00+01:00", "2027-01-01T00:00:00Z"],
    "aws:SourceArn": ["arn:aws:sns:eu-west-1:111122223333:topic", "arn:aws:s3:::bucket"],
    "aws:CalledVia": [["cloudformation.amazonaws.com"], ["athena.amazonaws.com", "dynamodb.amazonaws.com"]],
}
TESTS: Sequence[tuple[Sequence[str], str, Sequence[str]]] = [
    (
        ["StringEquals", "StringNotEquals", "StringEqualsIgnoreCase"],
        "aws:RequestedRegion",
        ["eu-west-1", "EU-CENTRAL-1"],
    ),
    (["StringLike", "StringNotLike", "StringNotEqualsIgnoreCase"], "aws:RequestedRegion", ["eu-*", "us-east-?"]),
    (["StringEquals", "StringLike"], "aws:PrincipalTag/team", ["red", "${aws:username}", "r*"]),
    (["Bool"], "aws:SecureTransport", ["true", "false"]),
    (["IpAddress", "NotIpAddress"], "aws:SourceIp", ["203.0.113.0/24", "198.51.100.1", "2001:db8::/32"]),
    (
        ["NumericEquals", "NumericNotEquals", "NumericLessThan", "NumericGreaterThanEquals"],
        "aws:MultiFactorAuthAge",
        ["60", "61"],
    ),
    (
        ["DateLessThan", "DateGreaterThan", "DateEquals"],
        "aws:CurrentTime",
        ["2026-11-25T10:30:00Z", "2026-11-25T10:00:00Z"],
    ),
    (["ArnLike", "ArnNotLike", "ArnEquals"], "aws:SourceArn", ["arn:aws:sns:*:111122223333:*", "arn:aws:s3:::b*"]),
    (["ArnLike", "ArnNotEquals"], "aws:PrincipalArn", ["arn:aws:iam::*:user/alice", "arn:*:iam::*:role/*"]),
]
SETS = [
    "ForAnyValue:StringEquals",
    "ForAllValues:StringLike",
    "ForAnyValue:StringNotEquals",
    "ForAllValues:StringNotLike",
]
VIA = ["cloudformation.amazonaws.com", "athena.*", "dynamodb.amazonaws.com"]
PRINCIPALS: Sequence[Any] = [
    "*",
    {"AWS": "*"},
    {"AWS": "arn:aws:iam::111122223333:root"},
    {"AWS": "444455556666"},
    {"AWS": ["arn:aws:iam::111122223333:user/alice", "arn:aws:iam::111122223333:role/dev"]},
    {"AWS": "arn:aws:sts::111122223333:assumed-role/dev/s"},
    {"Service": "lambda.amazonaws.com"},
]
WHO = ["user/alice", "user/bob", "session/dev/s", "session/ops/t", "away:user/alice", "lambda.amazonaws.com"]


@st.composite
def conditions(draw: st.DrawFn) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    for _ in range(draw(st.integers(0, 2))):
        kind = draw(st.sampled_from(["one", "set", "null"]))
        if kind == "one":
            operators, key, values = draw(st.sampled_from(TESTS))
            operator = draw(st.sampled_from(operators)) + draw(st.sampled_from(["", "IfExists"]))
            found.setdefault(operator, {})[key] = draw(st.lists(st.sampled_from(values), min_size=1, unique=True))
        elif kind == "set":
            found.setdefault(draw(st.sampled_from(SETS)), {})["aws:CalledVia"] = draw(
                st.lists(st.sampled_from(VIA), min_size=1, unique=True)
            )
        else:
            found.setdefault("Null", {})[draw(st.sampled_from(sorted(VALUES)))] = draw(
                st.sampled_from(["true", "false"])
            )
    return found


@st.composite
def statements(draw: st.DrawFn, *, of_resource: bool = False, deny_only: bool = False) -> dict[str, Any]:
    statement: dict[str, Any] = {
        "Effect": "Deny" if deny_only else draw(st.sampled_from(["Allow", "Allow", "Deny"])),
        draw(st.sampled_from(["Action", "Action", "NotAction"])): draw(
            st.lists(st.sampled_from(ACTIONS), min_size=1, max_size=2, unique=True)
        ),
        draw(st.sampled_from(["Resource", "Resource", "NotResource"])): draw(
            st.lists(st.sampled_from(RESOURCES), min_size=1, max_size=2, unique=True)
        ),
    }
    if of_resource:
        statement["Principal"] = draw(st.sampled_from(PRINCIPALS))
    if condition := draw(conditions()):
        statement["Condition"] = condition
    return statement


def documents(**options: bool) -> st.SearchStrategy[list[dict[str, Any]]]:
    return st.lists(statements(**options), min_size=1, max_size=3)


@st.composite
def drawn_cases(draw: st.DrawFn) -> Case:
    action = draw(st.sampled_from(sorted(REQUESTS)))
    resource = draw(st.sampled_from(REQUESTS[action]))
    owner = draw(st.sampled_from(["home", "home", "away"]))
    resource_policy = draw(st.none() | documents(of_resource=True))
    keys = draw(st.lists(st.sampled_from(sorted(VALUES)), unique=True))
    who = draw(st.sampled_from(WHO))
    is_service = "/" not in who
    full = {"Effect": "Allow", "Action": "*", "Resource": "*"}
    return Case(
        name="drawn",
        expect="?",
        who=who,
        action=action,
        resource=resource,
        owner=owner,
        context={key: draw(st.sampled_from(VALUES[key])) for key in keys},
        tags={} if is_service else draw(st.sampled_from([{}, {"team": "red"}, {"team": "alice"}])),
        identity=[] if is_service else [full, *draw(documents())],
        boundary=None if is_service else draw(st.none() | st.just([full]) | documents()),
        session=draw(st.none() | documents()) if who.startswith("session") and not resource_policy else None,
        resource_policy=resource_policy,
        scps=[]
        if is_service
        else draw(st.lists(st.just([full]) | documents().map(lambda each: [full, *each]), max_size=2)),
    )


def draw_cases(count: int) -> list[Case]:
    """Return cases, the same ones each time: all go to one process of the simulator, so that none is drawn after it."""
    drawn: list[Case] = []

    @given(drawn_cases())
    @settings(
        max_examples=count,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    def draw(case: Case) -> None:
        drawn.append(case)

    draw()
    return drawn


@needs_simulator
def test_evaluator_and_simulator_decide_alike(tell: Callable[[str], None]) -> None:
    drawn = draw_cases(300)
    answers = simulate([case.simulation() for case in drawn])
    different = [
        (case, case.outcome, answer)
        for case, answer in zip(drawn, answers, strict=True)
        if case.outcome != answer["result"]
    ]
    assert different == []
    counted = Counter(answer["result"] for answer in answers)
    assert min(counted[outcome] for outcome in ("allow", "deny", "explicit")) > len(drawn) / 10, counted
    tell(f"{len(drawn)} drawn decisions, all alike: {dict(counted)}")
