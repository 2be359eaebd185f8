import hashlib
import json
from typing import Any

import pytest
from pydantic import ValidationError

from avm.domain.scp import Scp

ROLE = "arn:*:iam::*:role/avm/avm-enforce"


def _scp(exempt: dict[str, str] | None = None, **statement: Any) -> Scp:
    base = {"Sid": "DenyAll", "Effect": "Deny", "Action": "*", "Resource": ["*"]}
    scp = {
        "name": "avm-example",
        "purpose": "For tests.",
        "risk": "None.",
        "rollback": "Detach it.",
        "exempt": exempt or {},
        "policy": {"Version": "2012-10-17", "Statement": [base | statement]},
    }
    return Scp.model_validate_json(json.dumps(scp))


def test_content_is_minified_json_with_single_values_as_text() -> None:
    assert _scp().content == (
        '{"Version":"2012-10-17","Statement":[{"Sid":"DenyAll","Effect":"Deny","Action":"*","Resource":"*"}]}'
    )


def test_a_text_and_a_list_of_one_are_the_same_policy() -> None:
    assert _scp(Resource="*").aws_name == _scp(Resource=["*"]).aws_name


def test_the_name_in_aws_ends_with_a_hash_of_the_content() -> None:
    scp = _scp()
    assert scp.aws_name == f"avm-example-{hashlib.sha256(scp.content.encode()).hexdigest()[:8]}"


def test_another_content_has_another_name_in_aws() -> None:
    assert _scp().aws_name != _scp(Action="s3:*").aws_name


@pytest.mark.parametrize("operator", ["StringEquals", "ArnNotLike", "BoolIfExists", "Null", "ForAnyValue:StringLike"])
def test_operators_of_iam_are_taken(operator: str) -> None:
    assert operator in _scp(Condition={operator: {"aws:ResourceTag/x": "y"}}).content


@pytest.mark.parametrize(
    "operator", ["StringEqual", "NullIfExists", "ForSomeValue:StringLike", "stringequals", "Ifexists"]
)
def test_other_operators_are_refused(operator: str) -> None:
    with pytest.raises(ValidationError, match="is not a condition operator"):
        _scp(Condition={operator: {"aws:ResourceTag/x": "y"}})


def test_an_exemption_is_in_the_policy_and_explained() -> None:
    scp = _scp({ROLE: "repairs"}, Condition={"ArnNotLike": {"aws:PrincipalARN": ROLE}})
    assert set(scp.exempt) == {ROLE}
