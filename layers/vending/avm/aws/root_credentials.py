"""What the root user of a member account has to sign in with, seen and deleted in sessions of AssumeRoot."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from avm.aws.broker import AUDIT_ROOT, DELETE_ROOT, Broker
from avm.aws.errors import translated, unless

AUDIT = "IAMAuditRootUserCredentials"
DELETE = "IAMDeleteRootUserCredentials"
"""The tasks for which AWS gives a session (aws-semantics 6)."""

_KINDS = {
    "ListAccessKeys": ("list_access_keys", "AccessKeyMetadata", "AccessKeyId", "delete_access_key"),
    "ListMFADevices": ("list_mfa_devices", "MFADevices", "SerialNumber", "deactivate_mfa_device"),
    "ListSigningCertificates": (
        "list_signing_certificates",
        "Certificates",
        "CertificateId",
        "delete_signing_certificate",
    ),
}
"""Operation -> how it is called and paged, what it lists, by which name, and what takes one away."""
_PASSWORD = "GetLoginProfile"  # noqa: S105  the name of an operation


class RootCredentials:
    """The root users of the organization's member accounts."""

    def __init__(self, broker: Broker) -> None:
        """``broker``: the way into the management account, which may take such sessions."""
        self._broker = broker

    def found(self, account_id: str) -> dict[str, list[str]]:
        """Return what there is: operation -> what it shows; nothing where the root user has nothing."""
        with translated():
            return _found(self._broker.root_session(account_id, AUDIT_ROOT, AUDIT))

    def delete(self, account_id: str) -> Iterator[str]:
        """Take away all that there is; yields each operation when it has been done."""
        with translated():
            iam = self._broker.root_session(account_id, DELETE_ROOT, DELETE)
            for operation, work in list(_what_goes(iam)):
                with unless("NoSuchEntity"):
                    work()
                yield operation


def _found(iam: Any) -> dict[str, list[str]]:
    shown = {
        operation: [str(each[name]) for page in iam.get_paginator(look).paginate() for each in page[key]]
        for operation, (look, key, name, _) in _KINDS.items()
    }
    shown[_PASSWORD] = []
    with unless("NoSuchEntity"):
        iam.get_login_profile()
        shown[_PASSWORD] = ["a password"]
    return {operation: found for operation, found in shown.items() if found}


def _what_goes(iam: Any) -> Iterator[tuple[str, Callable[[], Any]]]:
    found = _found(iam)
    for operation, (_, _, name, call) in _KINDS.items():
        for each in found.get(operation, ()):
            yield iam.meta.method_to_api_mapping[call], partial(getattr(iam, call), **{name: each})
    if _PASSWORD in found:
        yield "DeleteLoginProfile", iam.delete_login_profile
