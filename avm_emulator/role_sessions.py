"""Sessions in roles that the emulator itself begins, without asking a trust policy or STS."""

from __future__ import annotations

from moto.sts.models import AssumedRole, sts_backends
from moto.utilities.utils import get_partition

_LONGEST_NAME = 64


def begin_session(region: str, role_arn: str, session_name: str, seconds: int) -> AssumedRole:
    """Begin a session in a role of any account; it ends after ``seconds`` of real time, as all credentials do."""
    account_id = role_arn.split(":")[4]
    session: AssumedRole = sts_backends[account_id][get_partition(region)].assume_role(
        region_name=region,
        role_session_name=session_name[:_LONGEST_NAME],
        role_arn=role_arn,
        policy="",
        duration=seconds,
        external_id="",
    )
    return session
