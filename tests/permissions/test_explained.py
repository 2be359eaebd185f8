"""How a grant is explained, and how an action is taken out of a policy."""

from typing import Any

import pytest

from avm.domain.policy import Principal, Request
from tests.permissions.explained import explain, not_granted
from tests.permissions.granted import Grant, principal_of
from tests.permissions.observed import Need
from tests.permissions.taken_away import without
from tests.permissions.unrestricted import why_unrestricted

ROLE = "arn:aws:iam::111122223333:role/avm-functions/avm-MoveAccountFunctionRole-AbCdEf123456"
OTHER = "arn:aws:iam::111122223333:role/avm-functions/avm-ApiFunctionRole-AbCdEf123456"
KEY = "arn:aws:kms:eu-west-1:111122223333:key/1"
TABLE = "arn:aws:dynamodb:eu-west-1:111122223333:table/avm"


def grant(action: str, resource: str = "*", role: str = ROLE, **more: Any) -> Grant:
    values: dict[str, Any] = {"use": None, "policy": "inline", "conditions": {}, **more}
    return Grant(principal_of(role), role, action=action, resource=resource, **values)


def need(action: str, resource: str = "*", role: str = ROLE, *, dependent: bool = False, tag: str = "") -> Need:
    keys = {f"aws:RequestTag/{tag}": "r-1"} if tag else {}
    request = Request(Principal.session(role, "it", {}), action, (resource,), context=keys)
    return Need(role, None, action, resource, dependent, "avm-MoveAccountFunction", frozenset(keys), request)


@pytest.mark.parametrize(
    ("granted", "needed", "reason"),
    [
        (grant("dynamodb:GetItem", TABLE), need("dynamodb:GetItem", TABLE), "observed"),
        (grant("dynamodb:GetItem", TABLE), need("dynamodb:PutItem", TABLE), "unexplained"),
        (grant("dynamodb:GetItem", TABLE), need("dynamodb:GetItem", f"{TABLE}/index/open"), "unexplained"),
        (grant("dynamodb:GetItem", TABLE), need("dynamodb:GetItem", TABLE, OTHER), "unexplained"),
        (grant("iam:PassRole", ROLE), need("iam:PassRole", ROLE, dependent=True), "dependent"),
        (grant("kms:Decrypt", KEY), need("dynamodb:GetItem", TABLE), "implicit"),
        (grant("kms:Decrypt", KEY), need("sts:AssumeRole", OTHER), "unexplained"),
        (grant("kms:Encrypt", KEY), need("dynamodb:GetItem", TABLE), "unexplained"),
    ],
)
def test_a_grant_is_explained_by_what_it_alone_would_allow(granted: Grant, needed: Need, reason: str) -> None:
    assert explain([granted], [needed]) == {granted: reason}


def test_a_grant_with_a_condition_is_explained_by_a_request_that_meets_it() -> None:
    tagging = grant("organizations:TagResource", conditions={"StringLike": {"aws:RequestTag/avm:request-id": "?*"}})
    plain = need("organizations:TagResource")
    tagged = need("organizations:TagResource", tag="avm:request-id")
    assert explain([tagging], [plain]) == {tagging: "unexplained"}
    assert explain([tagging], [plain, tagged]) == {tagging: "observed"}


def test_what_is_allowed_without_a_grant_is_found() -> None:
    needs = [need("dynamodb:GetItem", TABLE), need("dynamodb:PutItem", TABLE), need("sqs:SendMessage", role=OTHER)]
    assert not_granted([grant("dynamodb:GetItem", TABLE)], needs) == [needs[1]]


def test_an_action_is_taken_out_of_every_statement_that_grants_it() -> None:
    statements = [
        {"Effect": "Allow", "Action": ["a:One", "a:Two"], "Resource": "*"},
        {"Effect": "Allow", "Action": "a:One", "Resource": TABLE},
    ]
    taken = without({"inline": {"Version": "2012-10-17", "Statement": statements}}, "a:One")
    left = [{"Effect": "Allow", "Action": ["a:Two"], "Resource": "*"}]
    assert taken == {"inline": {"Version": "2012-10-17", "Statement": left}}


def test_every_resource_is_granted_only_where_aws_has_none_or_there_is_a_reason() -> None:
    assert why_unrestricted(grant("organizations:ListAccounts"))
    assert why_unrestricted(grant("dynamodb:GetItem")) is None
    with pytest.raises(KeyError):
        why_unrestricted(grant("dynamodb:NoSuchThing"))
