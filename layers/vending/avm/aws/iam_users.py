"""The IAM users of an account, and all that one has to be rid of before it can go."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from avm.aws.errors import translated, unless

if TYPE_CHECKING:
    from mypy_boto3_iam import IAMClient


@dataclass(frozen=True)
class AccessKey:
    """A key of a user."""

    id: str
    status: str
    """``Active`` or ``Inactive``."""


class IamUsers:
    """Users of one account. Taking away what is gone already is success."""

    def __init__(self, client: IAMClient) -> None:
        """``client``: with the credentials of a session in the account."""
        self._client: Any = client

    def names(self) -> tuple[str, ...]:
        """Return the names of all users."""
        return tuple(sorted(user["UserName"] for user in self._pages("list_users", "Users")))

    def keys(self, name: str) -> tuple[AccessKey, ...]:
        """Return the access keys of a user."""
        found = self._pages("list_access_keys", "AccessKeyMetadata", UserName=name)
        return tuple(AccessKey(key["AccessKeyId"], key["Status"]) for key in found)

    def remove(self, name: str) -> Iterator[str]:
        """Take from a user all that keeps IAM from deleting it (botocore: DeleteUser), then the user.

        Yields each operation when it has been done: what comes to nothing in the middle is gone on with next time.
        """
        for operation, work in self._what_goes(name):
            with translated(), unless("NoSuchEntity"):
                work()
            yield operation

    def _what_goes(self, name: str) -> Iterator[tuple[str, Callable[[], Any]]]:
        user, iam = {"UserName": name}, self._client
        for key in self.keys(name):
            yield "DeleteAccessKey", partial(iam.delete_access_key, **user, AccessKeyId=key.id)
        yield from self._each(name, "list_mfa_devices", "MFADevices", "deactivate_mfa_device", "SerialNumber")
        yield from self._each(
            name, "list_signing_certificates", "Certificates", "delete_signing_certificate", "CertificateId"
        )
        yield from self._each(name, "list_ssh_public_keys", "SSHPublicKeys", "delete_ssh_public_key", "SSHPublicKeyId")
        for policy in self._pages("list_user_policies", "PolicyNames", **user):
            yield "DeleteUserPolicy", partial(iam.delete_user_policy, **user, PolicyName=policy)
        yield from self._each(
            name, "list_attached_user_policies", "AttachedPolicies", "detach_user_policy", "PolicyArn"
        )
        for group in self._pages("list_groups_for_user", "Groups", **user):
            yield "RemoveUserFromGroup", partial(iam.remove_user_from_group, **user, GroupName=group["GroupName"])
        if self._has_password(name):
            yield "DeleteLoginProfile", partial(iam.delete_login_profile, **user)
        yield "DeleteUser", partial(iam.delete_user, **user)

    def _each(self, name: str, look: str, key: str, call: str, field: str) -> Iterator[tuple[str, Callable[[], Any]]]:
        """Yield what takes each of a kind from a user: ``call`` with its ``field``."""
        operation = self._client.meta.method_to_api_mapping[call]
        for found in self._pages(look, key, UserName=name):
            yield operation, partial(getattr(self._client, call), UserName=name, **{field: found[field]})

    def _has_password(self, name: str) -> bool:
        with translated(), unless("NoSuchEntity"):
            self._client.get_login_profile(UserName=name)
            return True
        return False

    def _pages(self, operation: str, key: str, **which: str) -> list[Any]:
        """Return what is listed; nothing of a user that is gone."""
        with translated(), unless("NoSuchEntity"):
            return [found for page in self._client.get_paginator(operation).paginate(**which) for found in page[key]]
        return []
