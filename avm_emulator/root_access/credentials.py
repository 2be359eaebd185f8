"""What a root user has to sign in with, as it is seen and deleted in a session of AssumeRoot.

Only its password can be there: nothing in the emulator gives a root user access keys, certificates or MFA devices.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from moto.iam.models import iam_backends
from moto.utilities.utils import get_partition

from avm_emulator.errors import AwsError
from avm_emulator.root_access.state import RootAccess

if TYPE_CHECKING:
    from avm_emulator.boundary import Call


def get_user(root_access: RootAccess, call: Call) -> dict[str, Any]:
    """Return the root user; it has an ARN and no name."""
    del root_access
    return {
        "User": {
            "Path": "/",
            "UserName": "",
            "UserId": call.account,
            "Arn": f"arn:{get_partition(call.region)}:iam::{call.account}:root",
            "CreateDate": call.time,
        }
    }


def get_login_profile(root_access: RootAccess, call: Call) -> dict[str, Any]:
    """Return that the root user has a password; raise NoSuchEntity where it has none."""
    _check_password(root_access, call)
    return {"LoginProfile": {"UserName": "", "CreateDate": call.time, "PasswordResetRequired": False}}


def create_login_profile(root_access: RootAccess, call: Call, **_: Any) -> dict[str, Any]:
    """Let the root user recover its password: in such a session it is given none (root-task policy)."""
    if root_access.has_password(call.account):
        raise AwsError("EntityAlreadyExists", "Login Profile for the root user already exists.", 409)
    root_access.set_password(call.account, there=True)
    return get_login_profile(root_access, call)


def delete_login_profile(root_access: RootAccess, call: Call) -> None:
    """Take the root user's password; raise NoSuchEntity where it has none."""
    _check_password(root_access, call)
    root_access.set_password(call.account, there=False)


def list_access_keys(root_access: RootAccess, call: Call, **_: Any) -> dict[str, Any]:
    """Return no access keys."""
    del root_access, call
    return {"AccessKeyMetadata": [], "IsTruncated": False}


def list_mfa_devices(root_access: RootAccess, call: Call, **_: Any) -> dict[str, Any]:
    """Return no MFA devices."""
    del root_access, call
    return {"MFADevices": [], "IsTruncated": False}


def list_signing_certificates(root_access: RootAccess, call: Call, **_: Any) -> dict[str, Any]:
    """Return no certificates."""
    del root_access, call
    return {"Certificates": [], "IsTruncated": False}


def get_account_summary(root_access: RootAccess, call: Call) -> dict[str, Any]:
    """Return what the account has, with what moto says of the root user put right; MFA has to be clicked."""
    summary = dict(iam_backends[call.account][get_partition(call.region)].account_summary.summary_map)
    password = int(root_access.has_password(call.account))
    root = {"AccountAccessKeysPresent": 0, "AccountPasswordPresent": password}
    return {"SummaryMap": {**summary, **root}}


def _check_password(root_access: RootAccess, call: Call) -> None:
    if not root_access.has_password(call.account):
        raise AwsError("NoSuchEntity", "Login Profile for the root user cannot be found.", 404)
