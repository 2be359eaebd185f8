"""Whether a new account answers: one cheap read for each service and Region that is needed later.

CreateAccount says SUCCEEDED minutes before everything in the account works; these codes were seen until then
(aws-semantics 3). Any other code is a true error.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from botocore.exceptions import ClientError

from avm.aws.errors import error_code, translated
from avm.domain.errors import VendingError

NOT_READY_CODES = frozenset(
    {
        "AccessDenied",
        "AccessDeniedException",
        "AuthFailure",
        "InvalidClientTokenId",
        "OptInRequired",
        "RegionDisabledException",
        "SubscriptionRequiredException",
        "UnauthorizedOperation",
        "UnrecognizedClientException",
    }
)


class MemberClients(Protocol):
    """Makes boto3 clients for one Region of a member account, with the credentials of a session there."""

    def client(self, service: str) -> Any:
        """Return the client of a service, by boto3's name."""


PROBES: tuple[Callable[[MemberClients], object], ...] = (
    lambda member: member.client("sts").get_caller_identity(),
    lambda member: member.client("ec2").describe_vpcs(MaxResults=5),
    lambda member: member.client("cloudformation").list_stacks(),
    lambda member: member.client("config").describe_configuration_recorders(),
)
"""The reads that tell whether a Region of an account answers."""


def not_ready(probe: Callable[[], object]) -> str | None:
    """Make a probe's call; return AWS's words where the account is not ready for it yet, None where it is.

    Raises the domain error of any other failure.
    """
    try:
        with translated():
            probe()
    except VendingError as error:
        answer = error.__cause__  # a gateway's call, such as AssumeRole, has translated it already
        if not isinstance(answer, ClientError) or error_code(answer) not in NOT_READY_CODES:
            raise
        return f"{answer.operation_name}: {error_code(answer)}: {answer.response['Error'].get('Message', '')}"
    return None
