"""AssumeRoot: fifteen minutes as the root user of a member account, for one task."""

from __future__ import annotations

import datetime as dt
import re
from typing import TYPE_CHECKING, Any

from moto.iam.models import iam_backends
from moto.sts.utils import random_session_token
from moto.utilities.utils import get_partition

from avm_emulator import service_errors
from avm_emulator.errors import AwsError
from avm_emulator.organizations.state import Organization, organization_of
from avm_emulator.root_access.state import SESSIONS, RootAccess, is_administrator

if TYPE_CHECKING:
    from collections.abc import Mapping

    from avm_emulator.boundary import Call

LONGEST = 900
TASKS = (
    *("IAMAuditRootUserCredentials", "IAMCreateRootUserPassword", "IAMDeleteRootUserCredentials"),
    *("S3UnlockBucketPolicy", "SQSUnlockQueuePolicy"),
)
"""The managed policies of which a session carries one (botocore: TaskPolicyArn)."""

_TARGET = re.compile(r"(?:arn:[\w-]+:iam::)?(?P<account>\d{12})(?::root)?")


def assume_root(
    root_access: RootAccess,
    call: Call,
    *,
    target_principal: str,
    task_policy_arn: Mapping[str, str],
    duration_seconds: int = LONGEST,
) -> dict[str, Any]:
    """Return credentials of a member account's root user, bound to the task policy.

    Raises:
        AwsError: AccessDenied for whoever may not, or reaches for what is no member account; ValidationError for a
            session that is too long or carries another policy.
    """
    partition = get_partition(call.region)
    if not 0 <= duration_seconds <= LONGEST:
        raise AwsError("ValidationError", f"The requested DurationSeconds exceeds the maximum of {LONGEST} seconds.")
    if task_policy_arn.get("arn") not in {f"arn:{partition}:iam::aws:policy/root-task/{task}" for task in TASKS}:
        raise AwsError("ValidationError", f"{task_policy_arn.get('arn')} is not a task policy of AssumeRoot.")
    target = _TARGET.fullmatch(target_principal)
    if target is None:
        raise AwsError("ValidationError", f"{target_principal} is neither an account id nor the ARN of a root user.")
    _check(root_access, call, target["account"])
    key = iam_backends[target["account"]][partition].create_temp_access_key()
    return {
        "Credentials": {
            "AccessKeyId": key.access_key_id,
            "SecretAccessKey": key.secret_access_key,
            "SessionToken": random_session_token(),
            # SDKs compare it with the machine's clock
            "Expiration": dt.datetime.now(dt.UTC) + dt.timedelta(seconds=duration_seconds),
        }
    }


def _check(root_access: RootAccess, call: Call, account_id: str) -> None:
    """Raise AccessDenied, the one error that STS has for all of this."""
    organization = organization_of(call.account)
    denied = service_errors.access_denied(call, f"arn:{get_partition(call.region)}:iam::{account_id}:root")
    if call.principal.name == "root" or organization is None or not is_administrator(call.account, organization):
        raise denied
    with Organization.lock:
        account = next((each for each in organization.members() if each.id == account_id), None)
    if (
        account is None
        or account.id == organization.account_id
        or account.state not in ("ACTIVE", "PENDING_ACTIVATION")
    ):
        raise denied
    # Who has taken the trust away has taken the sessions away, too
    if SESSIONS not in root_access.enabled(root_access.organization(call)):
        raise denied
