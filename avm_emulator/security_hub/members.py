"""Members of an administrator: asked for, and enabled some seconds later."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from avm_emulator.errors import AwsError
from avm_emulator.organizations.state import Account, Organization
from avm_emulator.security_hub.state import Member, SecurityHub, invalid_input, page

if TYPE_CHECKING:
    from avm_emulator.boundary import Call

AT_ONCE = 50
"""Accounts in one call (aws-semantics 4.2)."""

Unprocessed = list[dict[str, str]]


def create_members(
    security_hub: SecurityHub, call: Call, *, account_details: Sequence[dict[str, str]]
) -> dict[str, Any]:
    """Make accounts of the organization members, each with a hub and the default standards where it has none."""
    organization = security_hub.organization(call)
    _refuse_too_many(account_details)
    members = security_hub.members(call.account, call.region)
    unprocessed: Unprocessed = []
    for details in account_details:
        account, reason = _addable(security_hub, organization, call, details["AccountId"])
        if account is None:
            unprocessed.append(_unprocessed(details["AccountId"], reason))
        elif account.id not in members or members[account.id].status not in ("Created", "Enabled"):
            members[account.id] = Member(account.id, account.email, call.time)
            _enable_later(security_hub, call, account)
    return {"UnprocessedAccounts": unprocessed}


def get_members(security_hub: SecurityHub, call: Call, *, account_ids: Sequence[str]) -> dict[str, Any]:
    """Return members; accounts that are none are among the unprocessed."""
    found, unprocessed = _named(security_hub, call, account_ids)
    return {"Members": [_describe(call, member) for member in found], "UnprocessedAccounts": unprocessed}


def list_members(
    security_hub: SecurityHub,
    call: Call,
    *,
    only_associated: bool = True,
    max_results: int | None = None,
    next_token: str | None = None,
) -> dict[str, Any]:
    """Return the members that are enabled, or all."""
    security_hub.hub(call.account, call.region)
    members = security_hub.members(call.account, call.region).values()
    wanted = [member for member in members if not only_associated or member.status == "Enabled"]
    found, token = page(wanted, next_token, max_results, 50)
    return {"Members": [_describe(call, member) for member in found], "NextToken": token}


def get_administrator_account(security_hub: SecurityHub, call: Call) -> dict[str, Any]:
    """Return the administrator of the calling member; nothing to all others."""
    security_hub.hub(call.account, call.region)
    member = security_hub.administrator_of(call.account, call.region)
    if member is None or member.status != "Enabled":
        return {}
    administrator = security_hub.administrators.of(call.account, call.region)
    return {"Administrator": {"AccountId": administrator, "MemberStatus": member.status}}


def disassociate_members(security_hub: SecurityHub, call: Call, *, account_ids: Sequence[str]) -> None:
    """Part with members; they keep their hubs. Accounts that are none are a ResourceNotFoundException (assumed)."""
    found, unprocessed = _named(security_hub, call, account_ids)
    if unprocessed:
        raise AwsError("ResourceNotFoundException", unprocessed[0]["ProcessingResult"])
    for member in found:
        member.status, member.updated_at = "Removed", call.time


def delete_members(security_hub: SecurityHub, call: Call, *, account_ids: Sequence[str]) -> dict[str, Any]:
    """Delete nothing: accounts of the organization cannot be deleted (botocore), and there are no others here."""
    security_hub.organization(call)
    reason = "The account belongs to the organization; disassociate it."
    return {"UnprocessedAccounts": [_unprocessed(account_id, reason) for account_id in account_ids]}


def disassociate_from_administrator_account(security_hub: SecurityHub, call: Call) -> None:
    """Refuse to part with the administrator: it is for accounts that were invited (user guide)."""
    security_hub.hub(call.account, call.region)
    raise invalid_input(f"Account {call.account} is managed by the administrator of its organization.")


def _addable(
    security_hub: SecurityHub, organization: Organization, call: Call, account_id: str
) -> tuple[Account | None, str]:
    """Return the account that can become a member, or None and the reason (AWS documents none of the sentences)."""
    with Organization.lock:
        account = next((each for each in organization.members() if each.id == account_id), None)
    if account is None:
        return None, f"Account {account_id} is not part of the organization"
    if account.id == call.account:
        return None, f"Account {account_id} is the administrator itself"
    if account.state != "ACTIVE":
        return None, f"Account {account_id} is not active"
    if account.id == organization.account_id and not security_hub.is_enabled(account.id, call.region):
        return None, f"Account {account_id} is the management account and must enable Security Hub itself"
    return account, ""


def _enable_later(security_hub: SecurityHub, call: Call, account: Account) -> None:
    members = security_hub.members(call.account, call.region)

    def complete() -> None:
        with security_hub.lock:
            member = members.get(account.id)
            if member is None or member.status != "Created":
                return
            if member.planned_status is not None:
                member.status = member.planned_status
            else:
                now = security_hub.emulator.clock.now()
                security_hub.enable_member(call.account, call.region, account, now, with_standards=True)

    latency = security_hub.emulator.latencies.of("securityhub:CreateMembers", account.name, call.region)
    security_hub.emulator.clock.call_later(latency, complete, name=f"securityhub:CreateMembers {account.id}")


def _named(security_hub: SecurityHub, call: Call, account_ids: Sequence[str]) -> tuple[list[Member], Unprocessed]:
    """Return the members that a call names, and the accounts that are none."""
    security_hub.hub(call.account, call.region)
    _refuse_too_many(account_ids)
    members = security_hub.members(call.account, call.region)
    unknown = [_unprocessed(each, f"Account {each} is not a member") for each in account_ids if each not in members]
    return [members[account_id] for account_id in account_ids if account_id in members], unknown


def _refuse_too_many(accounts: Sequence[object]) -> None:
    if len(accounts) > AT_ONCE:
        raise invalid_input(f"{len(accounts)} accounts are too many for one call; at most {AT_ONCE}.")


def _unprocessed(account_id: str, result: str) -> dict[str, str]:
    return {"AccountId": account_id, "ProcessingResult": result}


def _describe(call: Call, member: Member) -> dict[str, Any]:
    return {
        "AccountId": member.account_id,
        "AdministratorId": call.account,
        "MasterId": call.account,
        "Email": member.email,
        "MemberStatus": member.status,
        "UpdatedAt": datetime.fromtimestamp(member.updated_at, UTC),
    }
