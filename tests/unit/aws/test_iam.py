"""IAM in a member account: roles that services have."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from avm.aws.iam import Roles
from avm.domain.errors import UnexpectedAwsError


class Refusing:
    """An IAM client that refuses, in these words."""

    def __init__(self, code: str, words: str) -> None:
        self._answer: Any = {"Error": {"Code": code, "Message": words}}

    def create_service_linked_role(self, **_: str) -> None:
        raise ClientError(self._answer, "CreateServiceLinkedRole")


def roles(code: str, words: str) -> Roles:
    client: Any = Refusing(code, words)
    return Roles(client)


def test_a_role_that_another_region_has_just_made_is_success() -> None:
    words = "Service role name AWSServiceRoleForConfig has been taken in this account, please try a different suffix."
    roles("InvalidInput", words).create_linked("config.amazonaws.com")


def test_any_other_invalid_input_is_an_error() -> None:
    with pytest.raises(UnexpectedAwsError, match="InvalidInput: no such service"):
        roles("InvalidInput", "no such service").create_linked("config.amazonaws.com")
