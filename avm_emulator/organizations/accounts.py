"""Accounts after their creation: read, moved, closed, gone."""

from __future__ import annotations

from typing import Any

from moto.organizations.models import organizations_backends

from avm_emulator.errors import AwsError
from avm_emulator.organizations import events
from avm_emulator.organizations.errors import constraint_violation
from avm_emulator.organizations.pages import page
from avm_emulator.organizations.policies import detach_all
from avm_emulator.organizations.state import Account, Organization

MAX_CLOSING = 3
"""Closures of one organization at once (aws-semantics 1.2)."""
CLOSURE_PERIOD = 30 * 86400
CLOSURES_AT_LEAST, CLOSURES_AT_MOST, CLOSURES_SHARE = 250, 1_000, 0.2
"""Closures in 30 days: the higher of 250 and 20 % of the members, at most 1,000 (aws-semantics 1.2)."""
WAIT_PERIOD = 4 * 86400
"""Seconds before a created account may leave (botocore: WAIT_PERIOD_ACTIVE, "at least four days")."""


def describe(organization: Organization, account: Account) -> dict[str, Any]:
    """Return the shape ``Account``; moto's knows no Paths."""
    return {
        "Id": account.id,
        "Arn": account.arn,
        "Email": account.email,
        "Name": account.name,
        "Status": account.status,
        "State": account.state,
        "Paths": [organization.path(account)],
        "JoinedMethod": account.joined_method,
        "JoinedTimestamp": account.joined_at,
    }


def describe_account(organization: Organization, *, account_id: str) -> dict[str, Any]:
    """Return one account; raise AccountNotFoundException."""
    return {"Account": describe(organization, organization.account(account_id))}


def list_accounts(
    organization: Organization, *, next_token: str | None = None, max_results: int | None = None
) -> dict[str, Any]:
    """Return all accounts, 20 a page (moto: 100)."""
    found, token = page(list(organization.members()), next_token, max_results)
    return {"Accounts": [describe(organization, account) for account in found], "NextToken": token}


def list_accounts_for_parent(
    organization: Organization, *, parent_id: str, next_token: str | None = None, max_results: int | None = None
) -> dict[str, Any]:
    """Return the accounts directly under a root or OU."""
    parent = organization.parent(parent_id)
    found, token = page(
        list(organization.members()), next_token, max_results, keep=lambda account: account.parent_id == parent.id
    )
    return {"Accounts": [describe(organization, account) for account in found], "NextToken": token}


def move_account(
    organization: Organization, *, account_id: str, source_parent_id: str, destination_parent_id: str
) -> None:
    """Move an account; moto looks at neither its present place nor the kind of the mistake (aws-semantics 1.4)."""
    account = organization.account(account_id)
    source = organization.find_node(source_parent_id)
    destination = organization.find_node(destination_parent_id)
    if destination is None:
        raise AwsError(
            "DestinationParentNotFoundException",
            "We can't find the destination container (a root or OU) with the ParentId that you specified.",
        )
    if account.parent_id == destination.id:
        raise AwsError("DuplicateAccountException", "That account is already present in the specified destination.")
    if source is None or account.parent_id != source.id:
        raise AwsError(
            "SourceParentNotFoundException",
            "We can't find a source root or OU with the ParentId that you specified.",
        )
    account.parent_id = destination.id
    account.moved_at = organization.emulator.clock.now()


def close_account(organization: Organization, *, account_id: str) -> None:
    """Start the closure of a member account; moto closes at once."""
    organization.require_all_features()
    account = organization.account(account_id)
    if account.id == organization.account_id:
        raise constraint_violation("CANNOT_CLOSE_MANAGEMENT_ACCOUNT", "You can't close the management account.")
    if account.state == "CLOSED":
        raise AwsError("AccountAlreadyClosedException", "You attempted to close an account that is already closed.")
    if account.state == "PENDING_CLOSURE":
        raise AwsError(
            "ConflictException", "The request failed because it conflicts with the current state of the account."
        )
    clock = organization.emulator.clock
    requested_at = clock.now()
    _check_closures(organization, requested_at)
    organization.closures.append(requested_at)
    account.state = "PENDING_CLOSURE"
    clock.call_later(
        organization.emulator.latencies["organizations:CloseAccount"],
        lambda: _complete_closure(organization, account, requested_at),
        name=f"organizations:CloseAccount {account.id}",
    )


def remove_account_from_organization(organization: Organization, *, account_id: str) -> None:
    """Make a member a stand-alone account."""
    _depart(organization, organization.account(account_id), "REMOVED")


def leave_organization(organization: Organization, caller: str) -> None:
    """Let a member go by its own call (missing in moto)."""
    _depart(organization, organization.account(caller), "LEFT")


def _check_closures(organization: Organization, now: float) -> None:
    if sum(account.state == "PENDING_CLOSURE" for account in organization.members()) >= MAX_CLOSING:
        raise constraint_violation(
            "CLOSE_ACCOUNT_REQUESTS_LIMIT_EXCEEDED",
            "You attempted to exceed the number of accounts that you can close at a time.",
        )
    members = len(organization.accounts) - 1
    quota = min(CLOSURES_AT_MOST, max(CLOSURES_AT_LEAST, int(members * CLOSURES_SHARE)))
    if sum(closure > now - CLOSURE_PERIOD for closure in organization.closures) >= quota:
        raise constraint_violation(
            "CLOSE_ACCOUNT_QUOTA_EXCEEDED", "You have exceeded close account quota for the past 30 days."
        )


def _complete_closure(organization: Organization, account: Account, requested_at: float) -> None:
    with organization.lock:
        if account not in organization.accounts:
            return  # the organization was deleted, or the emulator reset, meanwhile
        # State CLOSED is the 90-day window; Status, its predecessor, says SUSPENDED (user guide: account states).
        account.state = "CLOSED"
        account.closed_at = organization.emulator.clock.now()
    events.close_account_result(organization, account, requested_at)
    organization.emulator.clock.call_later(
        organization.emulator.latencies["organizations:PurgeAccount"],
        lambda: _purge(organization, account),
        kind="timeout",  # nothing waits for this: a clock that jumps must not jump here
        name=f"organizations:PurgeAccount {account.id}",
    )


def _purge(organization: Organization, account: Account) -> None:
    with organization.lock:
        if account not in organization.accounts:
            return
        _forget(organization, account)
    events.account_departed(organization, account, "CLEANED")


def _depart(organization: Organization, account: Account, method: str) -> None:
    if account.id == organization.account_id:
        raise AwsError(
            "MasterCannotLeaveOrganizationException", "You can't remove a management account from an organization."
        )
    if organization.is_delegated_administrator(account.id):
        raise constraint_violation(
            "CANNOT_REMOVE_DELEGATED_ADMINISTRATOR_FROM_ORG",
            "You attempted to remove an account that is registered as a delegated administrator.",
        )
    age = organization.emulator.clock.now() - account.joined_at
    if account.joined_method == "CREATED" and age < WAIT_PERIOD:
        raise constraint_violation(
            "WAIT_PERIOD_ACTIVE", "You must wait until at least four days after the account was created."
        )
    _forget(organization, account)
    events.account_departed(organization, account, method)


def _forget(organization: Organization, account: Account) -> None:
    detach_all(account)
    organization.accounts.remove(account)
    organizations_backends.master_accounts.pop(account.id, None)
