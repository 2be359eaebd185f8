"""Members of an administrator: asked for, and enabled some seconds later."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from avm_emulator.calls import iso8601
from avm_emulator.guardduty.state import GuardDuty, Member, asked, bad_request, data_sources, features_of, page, switch
from avm_emulator.organizations.state import Account, Organization

if TYPE_CHECKING:
    from avm_emulator.boundary import Call

AT_ONCE = 50
"""Accounts in one call (botocore: shapes AccountDetails and AccountIds)."""

Unprocessed = list[dict[str, str]]


def create_members(
    guardduty: GuardDuty, call: Call, *, detector_id: str, account_details: Sequence[dict[str, str]]
) -> dict[str, Any]:
    """Make accounts of the organization members; those that are members already get the settings again (botocore)."""
    organization = guardduty.organization(call, detector_id)
    _refuse_too_many(account_details)
    members = guardduty.members(call.account, call.region)
    unprocessed: Unprocessed = []
    for details in account_details:
        account_id = details["AccountId"]
        account, reason = _addable(organization, call, details)
        if account is None:
            unprocessed.append(_unprocessed(account_id, reason))
            continue
        known = members.get(account_id)
        if known is None or known.relationship_status != "Enabled":
            members[account_id] = Member(account_id, account.email, call.time)
        _enable_later(guardduty, call, account)
    return {"UnprocessedAccounts": unprocessed}


def get_members(guardduty: GuardDuty, call: Call, *, detector_id: str, account_ids: Sequence[str]) -> dict[str, Any]:
    """Return members; accounts that are none are among the unprocessed."""
    found, unprocessed = _named(guardduty, call, detector_id, account_ids)
    return {"Members": [_describe(guardduty, call, member) for member in found], "UnprocessedAccounts": unprocessed}


def list_members(
    guardduty: GuardDuty,
    call: Call,
    *,
    detector_id: str,
    max_results: int | None = None,
    next_token: str | None = None,
    only_associated: str = "true",
) -> dict[str, Any]:
    """Return all members, unless ``only_associated`` is ``false`` without those that were removed."""
    guardduty.detector(call, detector_id)
    every = only_associated.lower() == "false"
    members = [
        each
        for each in guardduty.members(call.account, call.region).values()
        if every or each.relationship_status != "Removed"
    ]
    found, token = page(members, next_token, max_results)
    return {"Members": [_describe(guardduty, call, member) for member in found], "NextToken": token}


def get_member_detectors(
    guardduty: GuardDuty, call: Call, *, detector_id: str, account_ids: Sequence[str]
) -> dict[str, Any]:
    """Return what is on in the detectors of members; who has none yet is among the unprocessed."""
    found, unprocessed = _named(guardduty, call, detector_id, account_ids)
    configurations = []
    for member in found:
        detector = guardduty.detector_of(member.account_id, call.region)
        if detector is None or member.relationship_status != "Enabled":
            sentence = "The request is rejected because the member account does not have GuardDuty enabled."
            unprocessed.append(_unprocessed(member.account_id, sentence))
            continue
        features = features_of(detector)
        configurations.append(
            {
                "AccountId": member.account_id,
                "DataSources": data_sources(features),
                "Features": [{"Name": name, "Status": status} for name, status in features.items()],
            }
        )
    return {"MemberDataSourceConfigurations": configurations, "UnprocessedAccounts": unprocessed}


def update_member_detectors(
    guardduty: GuardDuty,
    call: Call,
    *,
    detector_id: str,
    account_ids: Sequence[str],
    features: Sequence[dict[str, Any]] = (),
    **older: Any,
) -> dict[str, Any]:
    """Turn features of members on or off."""
    if older:
        raise bad_request(f"The request is rejected because {', '.join(older)} is superseded by features.")
    changes = asked(features)
    found, unprocessed = _named(guardduty, call, detector_id, account_ids)
    for member in found:
        detector = guardduty.detector_of(member.account_id, call.region)
        if detector is not None:
            switch(detector, changes)
            member.updated_at = call.time
    return {"UnprocessedAccounts": unprocessed}


def get_administrator_account(guardduty: GuardDuty, call: Call, *, detector_id: str) -> dict[str, Any]:
    """Return the administrator of the calling member; nothing to all others (botocore)."""
    guardduty.detector(call, detector_id)
    administrator = guardduty.administrator_of(call.account, call.region)
    if administrator is None:
        return {}
    return {"Administrator": {"AccountId": administrator, "RelationshipStatus": "Enabled"}}


def disassociate_from_administrator_account(guardduty: GuardDuty, call: Call, *, detector_id: str) -> None:
    """Refuse to part with the administrator: the organization decides it, not the member (user guide)."""
    guardduty.detector(call, detector_id)
    if guardduty.administrator_of(call.account, call.region) is None:
        raise bad_request("The request is rejected because the current account is not a member of an administrator.")
    raise bad_request("The request is rejected because the current account is managed by its organization.")


def disassociate_members(
    guardduty: GuardDuty, call: Call, *, detector_id: str, account_ids: Sequence[str]
) -> dict[str, Any]:
    """Part with members; their detectors stay."""
    return _part(guardduty, call, detector_id, account_ids, "Removed")


def delete_members(guardduty: GuardDuty, call: Call, *, detector_id: str, account_ids: Sequence[str]) -> dict[str, Any]:
    """Forget members; their detectors stay."""
    answer = _part(guardduty, call, detector_id, account_ids, "Removed")
    for account_id in account_ids:
        guardduty.members(call.account, call.region).pop(account_id, None)
    return answer


def stop_monitoring_members(
    guardduty: GuardDuty, call: Call, *, detector_id: str, account_ids: Sequence[str]
) -> dict[str, Any]:
    """Suspend GuardDuty in members."""
    return _part(guardduty, call, detector_id, account_ids, "Disabled")


def start_monitoring_members(
    guardduty: GuardDuty, call: Call, *, detector_id: str, account_ids: Sequence[str]
) -> dict[str, Any]:
    """Resume GuardDuty in members."""
    return _set(guardduty, call, detector_id, account_ids, "Enabled")


def _part(
    guardduty: GuardDuty, call: Call, detector_id: str, account_ids: Sequence[str], status: str
) -> dict[str, Any]:
    """Give members less than they have, which auto-enable ALL forbids (botocore, documentation of each operation)."""
    guardduty.organization(call, detector_id)
    if guardduty.configuration(call.account, call.region).auto_enable == "ALL":
        raise bad_request(
            "The request is rejected because autoEnableOrganizationMembers is set to ALL for the organization."
        )
    return _set(guardduty, call, detector_id, account_ids, status)


def _set(guardduty: GuardDuty, call: Call, detector_id: str, account_ids: Sequence[str], status: str) -> dict[str, Any]:
    found, unprocessed = _named(guardduty, call, detector_id, account_ids)
    for member in found:
        member.relationship_status, member.updated_at = status, call.time
        detector = guardduty.detector_of(member.account_id, call.region)
        if detector is not None and status != "Removed":
            detector.enabled = status == "Enabled"
    return {"UnprocessedAccounts": unprocessed}


def _addable(organization: Organization, call: Call, details: Mapping[str, str]) -> tuple[Account | None, str]:
    """Return the account that can become a member, or None and the reason (AWS documents none of the sentences)."""
    with Organization.lock:
        account = next((each for each in organization.members() if each.id == details["AccountId"]), None)
    if account is None:
        return None, "The request is rejected because the account is not part of the organization."
    if account.id == call.account:
        return None, "The request is rejected because the current account cannot be a member of itself."
    if account.state != "ACTIVE":
        return None, "The request is rejected because the account is not active."
    if details["Email"].lower() != account.email.lower():
        return None, "The request is rejected because the e-mail address is not that of the account."
    return account, ""


def _enable_later(guardduty: GuardDuty, call: Call, account: Account) -> None:
    members = guardduty.members(call.account, call.region)

    def complete() -> None:
        with guardduty.lock:
            member = members.get(account.id)
            if member is None or member.relationship_status != "Created":
                return
            if member.planned_status is not None:
                member.relationship_status = member.planned_status
            else:
                guardduty.enable(call.account, call.region, account, guardduty.emulator.clock.now())

    if members[account.id].relationship_status == "Enabled":
        guardduty.enable(call.account, call.region, account, call.time)
        return
    latency = guardduty.emulator.latencies.of("guardduty:CreateMembers", account.name, call.region)
    guardduty.emulator.clock.call_later(latency, complete, name=f"guardduty:CreateMembers {account.id}")


def _named(
    guardduty: GuardDuty, call: Call, detector_id: str, account_ids: Sequence[str]
) -> tuple[list[Member], Unprocessed]:
    """Return the members that a call names, and the accounts that are none."""
    guardduty.detector(call, detector_id)
    _refuse_too_many(account_ids)
    members = guardduty.members(call.account, call.region)
    sentence = "The request is rejected because the account is not a member of the current account."
    unknown = [_unprocessed(account_id, sentence) for account_id in account_ids if account_id not in members]
    return [members[account_id] for account_id in account_ids if account_id in members], unknown


def _refuse_too_many(accounts: Sequence[Any]) -> None:
    if not 1 <= len(accounts) <= AT_ONCE:
        raise bad_request(f"The request is rejected because it names {len(accounts)} accounts, not 1 to {AT_ONCE}.")


def _unprocessed(account_id: str, result: str) -> dict[str, str]:
    return {"AccountId": account_id, "Result": result}


def _describe(guardduty: GuardDuty, call: Call, member: Member) -> dict[str, Any]:
    detector = guardduty.detector_of(member.account_id, call.region)
    return {
        "AccountId": member.account_id,
        "AdministratorId": call.account,
        "MasterId": call.account,
        "DetectorId": detector.id if detector is not None else None,
        "Email": member.email,
        "RelationshipStatus": member.relationship_status,
        "UpdatedAt": iso8601(member.updated_at),
    }
