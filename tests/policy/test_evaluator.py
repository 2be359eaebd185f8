"""The evaluator's own promises: named errors, AWS's messages, several resources, and its speed."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any

import pytest
from moto.iam.aws_managed_policies import aws_managed_policies_data

from avm.domain.guardrail import GuardrailKind
from avm.domain.policy import Policies, PolicyKind, PolicyMalformed, Principal, Request, denied, evaluate, policy
from tests.policy.cases import HOME
from tests.policy.guardrail_rows import ADMINISTRATOR, CATALOG, FULL_SCP, rows

ALICE = Principal.user(f"arn:aws:iam::{HOME}:user/alice")
READ = Request(ALICE, "s3:GetObject", ("arn:aws:s3:::bucket/key",))
STATEMENT = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}


def _policy(kind: PolicyKind = PolicyKind.IDENTITY, /, **elements: Any) -> Any:
    statement = {key: value for key, value in {**STATEMENT, **elements}.items() if value is not None}
    return policy(json.dumps({"Version": "2012-10-17", "Statement": [statement]}), kind, "mine")


@pytest.mark.parametrize(
    ("elements", "reason"),
    [
        ({"Effect": "allow"}, "neither Allow nor Deny"),
        ({"Action": None}, "exactly one of Action and NotAction"),
        ({"NotAction": "iam:*"}, "exactly one of Action and NotAction"),
        ({"Action": "GetObject"}, "Action: 'GetObject' is not an action"),
        ({"Action": "s*:GetObject"}, "is not an action"),
        ({"Action": []}, "Action: is empty"),
        ({"Resource": None}, "exactly one of Resource and NotResource"),
        ({"Resource": "bucket"}, "Resource: 'bucket' is neither '*' nor an ARN"),
        ({"Resource": "arn:aws:s3"}, "neither '*' nor an ARN"),
        ({"Resource": "arn:aws:s3:::${aws:username, who}/*"}, "is not a policy variable"),
        ({"Principal": "*"}, "about whom it is attached to"),
        ({"Sidd": "x"}, "'Sidd' is not an element"),
        ({"Condition": {"StringEqual": {"aws:username": "x"}}}, "'StringEqual' is not a condition operator"),
        ({"Condition": {"NullIfExists": {"aws:username": "true"}}}, "'NullIfExists' is not a condition operator"),
        ({"Condition": {"ForSomeValues:StringEquals": {"aws:TagKeys": "x"}}}, "is not a condition operator"),
        ({"Condition": {"Bool": {"aws:SecureTransport": "yes"}}}, "'yes' is neither true nor false"),
        ({"Condition": {"Null": {"aws:username": "yes"}}}, "Null takes"),
        ({"Condition": {"NumericEquals": {"aws:MultiFactorAuthAge": "soon"}}}, "'soon' is not a number"),
        ({"Condition": {"DateLessThan": {"aws:CurrentTime": "soon"}}}, "neither an ISO 8601 date nor epoch"),
        ({"Condition": {"IpAddress": {"aws:SourceIp": "home"}}}, "'home' does not appear to be"),
        ({"Condition": {"ArnLike": {"aws:SourceArn": "bucket"}}}, "is not an ARN of 6 parts"),
        ({"Condition": {"BinaryEquals": {"aws:username": "!"}}}, "is not base64"),
        ({"Condition": {"StringEquals": {}}}, "names no key"),
        ({"Condition": {"StringEquals": {"aws:username": {}}}}, "is not a text"),
        ({"Condition": []}, "Condition: is no object"),
    ],
)
def test_what_iam_does_not_take_is_an_error_that_names_it(elements: dict[str, Any], reason: str) -> None:
    with pytest.raises(PolicyMalformed, match="policy 'mine', Statement") as caught:
        _policy(**elements)
    assert reason in str(caught.value)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("{", "Expecting"),
        ("[]", "is no object"),
        ('{"Version": "2020-01-01", "Statement": []}', "not a version"),
        ('{"Statement": []}', "there must be one"),
        ('{"Statement": ["x"]}', "is no object"),
        ('{"Statement": [], "Statments": []}', "'Statments' is not an element"),
        ('{"Statement": [], "Statement": []}', "stands there twice"),
    ],
)
def test_a_document_that_is_none_is_an_error(text: str, reason: str) -> None:
    with pytest.raises(PolicyMalformed, match=reason):
        policy(text, PolicyKind.IDENTITY, "mine")


@pytest.mark.parametrize(
    ("kind", "elements", "reason"),
    [
        (PolicyKind.RESOURCE, {}, "exactly one of Principal and NotPrincipal"),
        (PolicyKind.RESOURCE, {"Principal": {"AWS": "arn:aws:iam::1:user/*"}}, "wildcards stand for everybody only"),
        (PolicyKind.RESOURCE, {"Principal": {"Somebody": "x"}}, "is not a kind of principal"),
        (PolicyKind.RESOURCE, {"Principal": {"AWS": "alice"}}, "'alice' is not a principal"),
        (PolicyKind.RESOURCE, {"Principal": "alice"}, "names AWS, Service or Federated"),
        (PolicyKind.TRUST, {"Principal": "*"}, "a role trust policy is about its role"),
        (PolicyKind.RCP, {"Principal": {"AWS": "*"}}, "is '*' in a resource control policy"),
        (PolicyKind.SCP, {"Principal": "*"}, "about whom it is attached to"),
    ],
)
def test_each_kind_of_policy_has_its_own_grammar(kind: PolicyKind, elements: dict[str, Any], reason: str) -> None:
    with pytest.raises(PolicyMalformed) as caught:
        _policy(kind, **elements)
    assert reason in str(caught.value)


WHO = f"User: {ALICE.arn} is not authorized to perform: s3:GetObject on resource: arn:aws:s3:::bucket/key"
EVERYBODY = {"Principal": "*"}
DENY = {"Effect": "Deny"}
OTHER = {"Action": "sqs:*"}


@pytest.mark.parametrize(
    ("policies", "reason"),
    [
        (Policies(), "because no identity-based policy allows the s3:GetObject action"),
        (Policies(identity=(_policy(**DENY),)), "with an explicit deny in an identity-based policy"),
        (
            Policies((ADMINISTRATOR,), boundary=_policy(PolicyKind.BOUNDARY, **OTHER)),
            "because no permissions boundary allows the s3:GetObject action",
        ),
        (
            Policies((ADMINISTRATOR,), boundary=_policy(PolicyKind.BOUNDARY, **DENY)),
            "with an explicit deny in a permissions boundary",
        ),
        (
            Policies((ADMINISTRATOR,), session=(_policy(PolicyKind.SESSION, **OTHER),)),
            "because no session policy allows the s3:GetObject action",
        ),
        (
            Policies((ADMINISTRATOR,), session=(_policy(PolicyKind.SESSION, **DENY),)),
            "with an explicit deny in a session policy",
        ),
        (
            Policies((ADMINISTRATOR,), scps=((_policy(PolicyKind.SCP, **OTHER),),)),
            "because no service control policy allows the s3:GetObject action",
        ),
        (
            Policies((ADMINISTRATOR,), scps=((FULL_SCP, _policy(PolicyKind.SCP, **DENY)),)),
            "with an explicit deny in a service control policy",
        ),
        (
            Policies((ADMINISTRATOR,), rcps=((_policy(PolicyKind.RCP, **DENY, **EVERYBODY),),)),
            "with an explicit deny in a resource control policy",
        ),
        (
            Policies((ADMINISTRATOR,), resource=_policy(PolicyKind.RESOURCE, **DENY, **EVERYBODY)),
            "with an explicit deny in a resource-based policy",
        ),
    ],
)
def test_a_refusal_is_worded_as_aws_words_it(policies: Policies, reason: str) -> None:
    assert denied(READ, evaluate(READ, policies)) == f"{WHO} {reason}"


def test_a_role_that_does_not_trust_is_worded_without_the_resource() -> None:
    request = Request(ALICE, "sts:AssumeRole", (f"arn:aws:iam::{HOME}:role/x",))
    start = f"User: arn:aws:iam::{HOME}:user/alice is not authorized to perform: sts:AssumeRole"
    assert denied(request, evaluate(request, Policies((ADMINISTRATOR,)))) == (
        f"{start} because no role trust policy allows the sts:AssumeRole action"
    )
    trust = _policy(PolicyKind.TRUST, Action="sts:*", Resource=None, **DENY, **EVERYBODY)
    assert denied(request, evaluate(request, Policies((ADMINISTRATOR,), resource=trust))) == (
        f"{start} with an explicit deny in the role trust policy"
    )


def test_strangers_are_not_told_the_reason() -> None:
    assert denied(READ, evaluate(READ, Policies()), with_reason=False) == WHO


def test_of_several_resources_each_must_be_allowed() -> None:
    mine = _policy(Resource="arn:aws:s3:::bucket/mine")
    both = Request(ALICE, "s3:GetObject", ("arn:aws:s3:::bucket/mine", "arn:aws:s3:::bucket/yours"))
    decision = evaluate(both, Policies((mine,)))
    assert (decision.allowed, decision.resource) == (False, "arn:aws:s3:::bucket/yours")


def test_a_request_on_nothing_is_no_request() -> None:
    with pytest.raises(ValueError, match="s3:GetObject is asked for on no resource"):
        evaluate(Request(ALICE, "s3:GetObject", ()), Policies((ADMINISTRATOR,)))


def test_a_statement_without_a_name_is_told_by_its_place() -> None:
    assert evaluate(READ, Policies((_policy(),))).sid == "statement 1"


def test_the_same_document_is_read_once() -> None:
    assert _policy() is _policy()


def test_a_typical_decision_takes_a_fraction_of_a_millisecond(tell: Callable[[str], None]) -> None:
    dev = tuple(
        policy(scp.content, PolicyKind.SCP, scp.aws_name) for scp in CATALOG.ou_guardrails("Dev", GuardrailKind.SCP)
    )
    policies = Policies((ADMINISTRATOR,), scps=((FULL_SCP,), (FULL_SCP, *dev), (FULL_SCP,)))
    requests = [case.request for case in cases_of_everyday()]
    rounds = 5
    fastest = min(_seconds(requests, policies) for _ in range(rounds)) / len(requests)
    tell(f"{fastest * 1e6:.0f} µs a decision, against {len(dev) + 3} SCPs on three levels")
    assert fastest < 0.0003


def cases_of_everyday() -> list[Any]:
    return [*rows("avm-protect-baseline"), *rows("avm-require-encryption")]


def _seconds(requests: list[Request], policies: Policies) -> float:
    start = time.perf_counter()
    for request in requests:
        evaluate(request, policies)
    return time.perf_counter() - start


def test_every_managed_policy_of_aws_can_be_read(tell: Callable[[str], None]) -> None:
    """Nothing in AWS's own documents is unknown here."""
    managed = json.loads(aws_managed_policies_data)
    for name, data in managed.items():
        assert policy(json.dumps(data["Document"]), PolicyKind.IDENTITY, name).statements
    tell(f"{len(managed)} AWS-managed policies can be read")
