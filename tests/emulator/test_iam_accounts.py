"""Aliases of accounts, and what keeps a user from being deleted."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from avm_emulator.context import Emulator
from avm_emulator.engine import Options


@pytest.fixture(scope="module")
def options() -> Options:
    return Options(speed="max", prepare=False, deploy=False, parts=("avm_emulator.iam_accounts",))


def test_an_alias_is_one_accounts_in_the_whole_partition(emulator: Emulator) -> None:
    one = emulator.clients.client("iam")
    other = emulator.clients.client("iam", role_arn="arn:aws:iam::111122223333:role/OrganizationAccountAccessRole")
    one.create_account_alias(AccountAlias="payments")
    with pytest.raises(ClientError, match="EntityAlreadyExists"):
        other.create_account_alias(AccountAlias="payments")
    one.create_account_alias(AccountAlias="payments-dev")
    assert one.list_account_aliases()["AccountAliases"] == ["payments-dev"]
    other.create_account_alias(AccountAlias="payments")
    for wrong in ("Payments", "a--b", "-payments"):
        with pytest.raises(ClientError, match="ValidationError"):
            one.create_account_alias(AccountAlias=wrong)


def test_a_user_goes_when_nothing_hangs_on_it(emulator: Emulator) -> None:
    iam = emulator.clients.client("iam")
    iam.create_user(UserName="jane")
    key = iam.create_access_key(UserName="jane")["AccessKey"]["AccessKeyId"]
    iam.create_login_profile(UserName="jane", Password="Correct-horse-7-battery")  # noqa: S106  of a test
    iam.create_group(GroupName="friends")
    iam.add_user_to_group(UserName="jane", GroupName="friends")
    hanging: list[Callable[[], Any]] = [
        lambda: iam.delete_access_key(UserName="jane", AccessKeyId=key),
        lambda: iam.delete_login_profile(UserName="jane"),
        lambda: iam.remove_user_from_group(UserName="jane", GroupName="friends"),
    ]
    for take_away in hanging:
        with pytest.raises(ClientError, match="DeleteConflict"):
            iam.delete_user(UserName="jane")
        take_away()
    iam.delete_user(UserName="jane")
    assert iam.list_users()["Users"] == []
