"""What the emulator takes for granted of moto's Identity Center and identity store."""

from __future__ import annotations

import inspect

import moto.identitystore.urls
import moto.ssoadmin.models
import moto.ssoadmin.urls
from moto.identitystore.models import IdentityStoreBackend
from moto.identitystore.responses import IdentityStoreResponse
from moto.ssoadmin.models import AccountAssignment, CustomerManagedPolicy, ManagedPolicy, PermissionSet, SSOAdminBackend
from moto.ssoadmin.responses import SSOAdminResponse


def test_the_urls_of_both_services_are_read_from_one_entry_each() -> None:
    assert list(moto.ssoadmin.urls.url_paths) == ["{0}/$"]
    assert list(moto.identitystore.urls.url_paths) == ["{0}/$"]


def test_the_responses_ask_for_their_backend_by_a_property() -> None:
    assert isinstance(SSOAdminResponse.ssoadmin_backend, property)
    assert isinstance(IdentityStoreResponse.identitystore_backend, property)


def test_the_state_of_identity_center_is_in_lists() -> None:
    backend = SSOAdminBackend("eu-west-1", "123456789012")
    assert (backend.permission_sets, backend.account_assignments) == ([], [])
    assert len(backend.instances) == 1  # moto's own, in every account and Region; ours begins without


def test_operations_that_stay_motos_look_permission_sets_up_in_the_list() -> None:
    source = inspect.getsource(SSOAdminBackend._find_permission_set)
    assert "self.permission_sets" in source
    for name in (
        "put_inline_policy_to_permission_set",
        "attach_managed_policy_to_permission_set",
        "attach_customer_managed_policy_reference_to_permission_set",
        "list_managed_policies_in_permission_set",
        "describe_permission_set",
    ):
        assert "_find_permission_set(" in inspect.getsource(getattr(SSOAdminBackend, name))


def test_managed_policies_are_checked_in_one_place_against_one_limit() -> None:
    source = inspect.getsource(SSOAdminBackend.attach_managed_policy_to_permission_set)
    assert "self._find_managed_policy(managed_policy_arn)" in source
    assert "MAX_MANAGED_POLICIES_PER_PERMISSION_SET" in source
    assert isinstance(moto.ssoadmin.models.MAX_MANAGED_POLICIES_PER_PERMISSION_SET, int)


def test_permission_sets_and_assignments_have_the_attributes_that_we_use() -> None:
    permission_set = PermissionSet("p", "", "arn", "PT1H", "", [])
    assert {
        "name", "permission_set_arn", "session_duration", "relay_state", "inline_policy", "managed_policies",
        "customer_managed_policies",
    } <= vars(permission_set).keys()  # fmt: skip
    assert vars(ManagedPolicy("arn", "name")) == {"arn": "arn", "name": "name"}
    assert vars(CustomerManagedPolicy("name")) == {"name": "name", "path": "/"}
    assignment = AccountAssignment("i", "1", "AWS_ACCOUNT", "arn", "GROUP", "g")
    assert assignment.to_json() == {
        "TargetId": "1",
        "TargetType": "AWS_ACCOUNT",
        "PermissionSetArn": "arn",
        "PrincipalType": "GROUP",
        "PrincipalId": "g",
    }


def test_a_user_is_created_from_positions_of_which_the_seventh_holds_the_emails() -> None:
    assert list(inspect.signature(IdentityStoreBackend.create_user).parameters)[7] == "emails"
    call = inspect.getsource(IdentityStoreResponse.create_user)
    names = ["IdentityStoreId", "UserName", "Name", "DisplayName", "NickName", "ProfileUrl", "Emails"]
    assert [call.index(f'self._get_param("{name}")') for name in names] == sorted(
        call.index(f'self._get_param("{name}")') for name in names
    )


def test_the_store_keeps_users_and_groups_by_their_id() -> None:
    backend = IdentityStoreBackend("eu-west-1", "123456789012")
    group_id, _ = backend.create_group("d-1", "admins", "")
    assert list(backend.identity_stores["d-1"].groups) == [group_id]
    assert backend.identity_stores["d-1"].users == {}


def test_the_store_keeps_memberships_with_group_and_user() -> None:
    backend = IdentityStoreBackend("eu-west-1", "123456789012")
    group_id, _ = backend.create_group("d-1", "admins", "")
    name = {"GivenName": "Jane", "FamilyName": "Doe"}
    user_id, _ = backend.create_user("d-1", "jane", name, "Jane", "", "", [], [], [], "", "", "", "", "")
    backend.create_group_membership("d-1", group_id, {"UserId": user_id})
    (membership,) = backend.identity_stores["d-1"].group_memberships.values()
    assert (membership["GroupId"], membership["MemberId"]) == (group_id, {"UserId": user_id})
    assert backend.identity_stores["d-1"].users[user_id].UserName == "jane"
    assert backend.identity_stores["d-1"].users[user_id].UserId == user_id
