"""Whom the machine's roles trust, and when two policy documents say the same."""

from typing import Any

import pytest

from avm.domain.trust import Trusted, is_same, role_arn

TRUSTED = Trusted(
    function_roles="arn:aws-cn:iam::111122223333:role/avm-functions/",
    external_id="external",
    organization_id="o-1234567890",
    broker_role_arn="arn:aws-cn:iam::123456789012:role/avm/avm-broker",
)


def statement(**fields: Any) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "a:A", "Resource": "*", **fields}]}


def test_functions_that_take_a_role_are_trusted_by_account_path_organization_and_external_id() -> None:
    (found,) = TRUSTED.functions("observe")["Statement"]
    assert found == {
        "Effect": "Allow",
        "Principal": {"AWS": "arn:aws-cn:iam::111122223333:root"},
        "Action": "sts:AssumeRole",
        "Condition": {
            "StringEquals": {"aws:PrincipalOrgID": "o-1234567890", "sts:ExternalId": "external"},
            "ArnLike": {"aws:PrincipalArn": "arn:aws-cn:iam::111122223333:role/avm-functions/*observe/*"},
        },
    }


def test_the_broker_is_trusted_by_its_name() -> None:
    (found,) = TRUSTED.broker()["Statement"]
    assert found["Principal"] == {"AWS": TRUSTED.broker_role_arn}
    assert "Condition" not in found


def test_a_role_has_its_path_in_its_arn() -> None:
    assert role_arn("aws", "111122223333", "a") == "arn:aws:iam::111122223333:role/a"
    assert role_arn("aws", "111122223333", "a", "/avm/") == "arn:aws:iam::111122223333:role/avm/a"


@pytest.mark.parametrize(
    "other",
    [
        statement(Action=["a:A"]),
        {**statement(), "Statement": statement()["Statement"][0]},
        dict(reversed(statement().items())),
    ],
)
def test_documents_that_say_the_same_are_the_same(other: dict[str, Any]) -> None:
    assert is_same(statement(), other)
    assert is_same(statement(Action=["a:A", "a:B"]), statement(Action=["a:B", "a:A"]))


@pytest.mark.parametrize(
    "other",
    [
        statement(Action="a:B"),
        statement(Action=["a:A", "a:B"]),
        statement(Effect="Deny"),
        statement(Condition={"Null": {"a": "true"}}),
        {**statement(), "Statement": statement()["Statement"] * 2},
        {},
    ],
)
def test_documents_that_differ_are_not(other: dict[str, Any]) -> None:
    assert not is_same(statement(), other)
