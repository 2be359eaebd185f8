"""Where moto keeps access keys and sessions, and how an account is written in a key."""

from __future__ import annotations

import pytest
from moto.iam.models import IAMBackend, iam_backends
from moto.iam.utils import generate_access_key_id_from_account_id
from moto.organizations.models import organizations_backends
from moto.sts.models import STSBackend

from avm_emulator.boundary.identity import account_of


@pytest.mark.parametrize("account", ["000000000000", "000000000001", "123456789012", "123456789013", "999999999999"])
def test_an_access_key_holds_its_account(account: str) -> None:
    for prefix in ("AKIA", "ASIA"):
        assert account_of(generate_access_key_id_from_account_id(account, prefix)) == account


@pytest.mark.parametrize("key", ["", "AKIA", "x" * 20, "test", "AKIA0189018901890189"])
def test_a_key_that_holds_no_account_is_no_error(key: str) -> None:
    assert account_of(key) is None


def test_temporary_keys_are_kept_by_id_and_know_their_role() -> None:
    backend = IAMBackend("aws", "123456789012")
    key = backend.create_temp_access_key()
    assert backend.access_keys[key.access_key_id] is key
    assert (key.user_name, key.role_arn) == (None, None)


def test_users_keys_are_kept_by_id_and_know_their_user() -> None:
    backend = IAMBackend("aws", "123456789012")
    backend.create_user("eu-west-1", "jane")
    key = backend.create_access_key("jane", prefix="AKIA")
    assert backend.access_keys[key.access_key_id].user_name == "jane"


def test_sessions_are_kept_in_the_roles_account_in_order() -> None:
    STSBackend("aws", "123456789012").assume_role(
        region_name="eu-west-1",
        role_session_name="session",
        role_arn="arn:aws:iam::210987654321:role/path/r",
        policy="",
        duration=3600,
        external_id="",
    )
    from moto.sts.models import sts_backends  # noqa: PLC0415

    session = sts_backends["210987654321"]["aws"].assumed_roles[-1]
    assert session.arn == "arn:aws:sts::210987654321:assumed-role/r/session"
    assert (session.role_arn, session.session_name) == ("arn:aws:iam::210987654321:role/path/r", "session")
    assert iam_backends["210987654321"]["aws"].access_keys[session.access_key_id].role_arn == session.role_arn


def test_organizations_know_which_accounts_are_members() -> None:
    assert isinstance(organizations_backends.master_accounts, dict)
