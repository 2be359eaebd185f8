"""Central root access: the features that IAM switches on for an organization, AssumeRoot, and what root users have.

moto has none of it. IAM User Guide, "Centralize root access for member accounts".
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from moto.iam.policy_validation import VALID_RESOURCE_PATH_STARTING_VALUES

from avm_emulator.operations import Operations
from avm_emulator.root_access import credentials, features, sessions
from avm_emulator.root_access.state import RootAccess

if TYPE_CHECKING:
    from werkzeug import Response

    from avm_emulator.boundary import Call
    from avm_emulator.context import Emulator

__all__ = ["CREDENTIALS", "FEATURES", "install"]

FEATURES = (
    features.disable_organizations_root_credentials_management,
    features.disable_organizations_root_sessions,
    features.enable_organizations_root_credentials_management,
    features.enable_organizations_root_sessions,
    features.list_organizations_features,
    credentials.get_account_summary,
)
"""Operations of IAM on the organization, and what it tells everybody of the root user."""

CREDENTIALS = (
    credentials.create_login_profile,
    credentials.delete_login_profile,
    credentials.get_login_profile,
    credentials.get_user,
    credentials.list_access_keys,
    credentials.list_mfa_devices,
    credentials.list_signing_certificates,
)
"""Operations of IAM that are about the root user when the root user itself calls them and names no other."""


def install(emulator: Emulator) -> None:
    """Serve central root access from here; call it after ``organizations``."""
    paths = VALID_RESOURCE_PATH_STARTING_VALUES["iam"]["values"]
    if "root" not in paths:
        paths.append("root")  # moto takes no policy that names whom AssumeRoot may reach
    root_access = RootAccess()
    of_root = Operations("iam", root_access, CREDENTIALS)

    def answer_root(call: Call) -> Response | None:
        return of_root.answer(call) if call.principal.name == "root" and "UserName" not in call.parameters else None

    emulator.boundary.interceptors += [
        answer_root,
        Operations("iam", root_access, FEATURES).answer,
        Operations("sts", root_access, (sessions.assume_root,)).answer,
    ]
