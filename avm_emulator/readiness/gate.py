"""A new account is not usable at once: which calls into it are refused, how, and for how long.

What peers have met in the first minutes (aws-semantics 3), in the order in which it ends: AssumeRole is denied;
services do not know credentials of the account; STS does not serve it in a Region; IAM denies; services are not set up
for it in a Region. How long each takes is modelled (``latencies.py``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from avm_emulator import service_errors
from avm_emulator.organizations.errors import account_not_found

if TYPE_CHECKING:
    from avm_emulator.boundary import Call
    from avm_emulator.latencies import Latencies
    from avm_emulator.readiness.accounts import NewAccount, NewAccounts

_BY_ID = frozenset({"DescribeAccount", "MoveAccount"})


class Gate:
    """Refuses calls that come too early."""

    def __init__(self, accounts: NewAccounts, latencies: Latencies) -> None:
        """``accounts`` says which are new, ``latencies`` for how long."""
        self._accounts = accounts
        self._latencies = latencies

    def refuse(self, call: Call) -> None:
        """Raise AwsError for a call that comes too early (an interceptor)."""
        if call.is_internal:
            return
        if call.service == "organizations" and call.operation in _BY_ID:
            self._refuse_by_id(call)
        if call.service == "sts" and call.operation.startswith("Assume"):
            self._refuse_session(call)
        account = self._accounts.find(call.account)
        if account is not None:
            self._refuse_inside(call, account)

    def _refuse_by_id(self, call: Call) -> None:
        account = self._accounts.find(str(call.parameters.get("AccountId")))
        if account is not None and self._is_before(call, account, "organizations:DescribeAccount"):
            raise account_not_found()

    def _refuse_session(self, call: Call) -> None:
        """Refuse a session in a role (or as root) of a new account, whoever asks for it."""
        target = str(call.parameters.get("RoleArn") or call.parameters.get("TargetPrincipal"))
        account_id = target.split(":")[4] if target.startswith("arn:") and target.count(":") > 4 else target  # noqa: PLR2004
        account = self._accounts.find(account_id)
        if account is None:
            return
        if self._is_before(call, account, "new-account:AssumeRole"):
            raise service_errors.access_denied(call, target)
        if self._is_before(call, account, "new-account:StsRegion", call.region):
            raise service_errors.region_disabled(account_id)

    def _refuse_inside(self, call: Call, account: NewAccount) -> None:
        """Refuse a call with credentials of a new account."""
        if self._is_before(call, account, "new-account:Credentials", call.service):
            raise service_errors.unknown_token(call.model)
        if call.service == "sts":
            if self._is_before(call, account, "new-account:StsRegion", call.region):
                raise service_errors.region_disabled(call.account)
        elif call.service == "iam":
            if self._is_before(call, account, "new-account:Iam"):
                raise service_errors.access_denied(call)
        elif self._is_before(call, account, "new-account:Service", call.service, call.region):
            raise service_errors.not_subscribed(call.model)

    def _is_before(self, call: Call, account: NewAccount, latency: str, *thing: str) -> bool:
        age = call.time - account.created_at
        # Most calls come into accounts that have long been ready.
        return age < self._latencies.longest(latency) and age < self._latencies.of(latency, account.number, *thing)
