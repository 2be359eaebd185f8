"""How often each call of AWS Organizations may be made: token buckets on the emulator's clock.

A part of its own, so that a world without throttling is one without this part. The emulator's own calls (the seed) are
not counted: they stand for what was there before.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from avm_emulator.clients import ACCESS_KEY_ID
from avm_emulator.errors import AwsError
from avm_emulator.organizations.state import organization_of

if TYPE_CHECKING:
    from avm_emulator.boundary import Call
    from avm_emulator.context import Emulator


class Rate(NamedTuple):
    """Tokens that come in each AWS-second, and how many there can be."""

    tokens: float
    burst: int


class Rates(NamedTuple):
    """The rates of an operation for one account, and for all accounts of an organization together."""

    account: Rate
    organization: Rate | None = None


_MUTATION = Rates(Rate(2, 3))
_LIST = Rates(Rate(5, 8), Rate(6, 10))
_DESCRIBE = Rates(Rate(2, 2), Rate(2, 3))
_SETTING = Rates(Rate(1, 2))
_TAGS = Rates(Rate(4, 6))

RATES: dict[str, Rates] = {
    "CreateAccount": Rates(Rate(0.1, 3)),
    "CreateGovCloudAccount": Rates(Rate(0.1, 3)),
    "CloseAccount": Rates(Rate(0.05, 1)),
    "DescribeCreateAccountStatus": _DESCRIBE,
    "ListCreateAccountStatus": _LIST,
    "DescribeAccount": Rates(Rate(20, 30), Rate(24, 36)),
    "ListAccounts": Rates(Rate(8, 12), Rate(9, 15)),
    "ListChildren": Rates(Rate(6, 10), Rate(7, 12)),
    "ListParents": _LIST,
    "ListAccountsForParent": _LIST,
    "ListOrganizationalUnitsForParent": _LIST,
    "ListRoots": Rates(Rate(1, 2), Rate(1, 3)),
    "DescribeOrganization": _SETTING,
    "CreateOrganizationalUnit": _SETTING,
    "DescribeOrganizationalUnit": _DESCRIBE,
    "DescribePolicy": _DESCRIBE,
    "MoveAccount": _MUTATION,
    "UpdateOrganizationalUnit": _MUTATION,
    "DeleteOrganizationalUnit": _MUTATION,
    "CreatePolicy": _MUTATION,
    "DeletePolicy": _MUTATION,
    "AttachPolicy": _MUTATION,
    "DetachPolicy": _MUTATION,
    "UpdatePolicy": _MUTATION,
    "ListPolicies": _LIST,
    "ListPoliciesForTarget": _LIST,
    "ListTargetsForPolicy": _LIST,
    "EnablePolicyType": Rates(Rate(1, 1)),
    "DisablePolicyType": Rates(Rate(1, 1)),
    "LeaveOrganization": Rates(Rate(1, 1)),
    "TagResource": _TAGS,
    "UntagResource": _TAGS,
    "ListTagsForResource": Rates(Rate(10, 15), Rate(12, 18)),
    "EnableAWSServiceAccess": _SETTING,
    "DisableAWSServiceAccess": _SETTING,
    "RegisterDelegatedAdministrator": _SETTING,
    "DeregisterDelegatedAdministrator": _SETTING,
    "ListAWSServiceAccessForOrganization": Rates(Rate(1, 3), Rate(1, 4)),
    "ListDelegatedServicesForAccount": Rates(Rate(1, 3), Rate(1, 4)),
    "ListDelegatedAdministrators": _LIST,
    "RemoveAccountFromOrganization": Rates(Rate(2, 2)),
    "InviteAccountToOrganization": Rates(Rate(3, 5)),
}
"""All rates that the user guide documents (aws-semantics 1.3); other operations have none here."""


@dataclass
class _Bucket:
    tokens: float
    filled_at: float

    def fill(self, rate: Rate, now: float) -> None:
        self.tokens = min(rate.burst, self.tokens + (now - self.filled_at) * rate.tokens)
        self.filled_at = now


@dataclass
class RateLimiter:
    """An interceptor of calls: lets a call pass, or refuses it with TooManyRequestsException."""

    _buckets: dict[tuple[str, str], _Bucket] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __call__(self, call: Call) -> None:
        """Take the tokens of a call; it needs one of its account and one of its organization."""
        rates = RATES.get(call.operation) if call.service == "organizations" else None
        if rates is None or call.access_key == ACCESS_KEY_ID:
            return
        organization = organization_of(call.account)
        wanted = [(rates.account, f"account {call.account}")]
        if rates.organization is not None and organization is not None:
            wanted.append((rates.organization, f"organization {organization.account_id}"))
        with self._lock:
            buckets = [self._filled((call.operation, whose), rate, call.time) for rate, whose in wanted]
            if min(bucket.tokens for bucket in buckets) < 1:
                raise AwsError(
                    "TooManyRequestsException",
                    "You have sent too many requests in too short a period of time.",
                    Type=call.operation,
                )
            for bucket in buckets:
                bucket.tokens -= 1

    def _filled(self, key: tuple[str, str], rate: Rate, now: float) -> _Bucket:
        bucket = self._buckets.setdefault(key, _Bucket(rate.burst, now))
        bucket.fill(rate, now)
        return bucket


def install(emulator: Emulator) -> None:
    """Limit the rates of the calls from now on."""
    emulator.boundary.interceptors.append(RateLimiter())
