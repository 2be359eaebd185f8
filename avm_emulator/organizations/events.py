"""The service events of AWS Organizations: recorded in us-east-1, in the management account (aws-semantics 1.8).

Their shape is that of the CloudTrail samples in the user guide of AWS Organizations; the two membership events are
known by name and by the fields that the API reference of botocore 1.44.5 names.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from avm_emulator.cloudtrail.elements import written_time
from avm_emulator.cloudtrail.history import iso8601
from avm_emulator.cloudtrail.service_events import ServiceEvent, publish

if TYPE_CHECKING:
    from avm_emulator.organizations.creation import Creation
    from avm_emulator.organizations.state import Account, Organization

EVENTS_REGION = "us-east-1"


def create_account_result(organization: Organization, creation: Creation) -> None:
    """Tell how a creation ended; a failed one has an event, too (peers must look at ``state``)."""
    status: dict[str, Any] = {
        "id": creation.id,
        "state": creation.state,
        "accountName": "****",
        "requestedTimestamp": written_time(creation.requested_at),
        "completedTimestamp": creation.completed_at and written_time(creation.completed_at),
    }
    if creation.account_id is not None:
        status["accountId"] = creation.account_id
    if creation.failure_reason is not None:
        status["failureReason"] = creation.failure_reason
    _put(organization, "CreateAccountResult", {"createAccountStatus": status})


def close_account_result(organization: Organization, account: Account, requested_at: float) -> None:
    """Tell that an account is closed."""
    status = {
        "accountId": account.id,
        "state": "SUCCEEDED",
        "requestedTimestamp": written_time(requested_at),
        "completedTimestamp": written_time(organization.emulator.clock.now()),
    }
    _put(organization, "CloseAccountResult", {"closeAccountStatus": status})


def account_joined(organization: Organization, account: Account) -> None:
    """Tell that an account belongs to the organization (``joinedMethod`` Created or INVITED, as the model writes)."""
    details = {
        "accountId": account.id,
        "organizationId": organization.entity.id,
        "joinedMethod": {"CREATED": "Created"}.get(account.joined_method, account.joined_method),
        "joinedTime": iso8601(account.joined_at),
    }
    _put(organization, "AccountJoinedOrganization", details)


def account_departed(organization: Organization, account: Account, method: str) -> None:
    """Tell that an account belongs to the organization no more (``method`` LEFT, REMOVED or CLEANED)."""
    details = {
        "accountId": account.id,
        "organizationId": organization.entity.id,
        "departureMethod": method,
        "departureTime": iso8601(organization.emulator.clock.now()),
    }
    _put(organization, "AccountDepartedOrganization", details)


def _put(organization: Organization, name: str, details: dict[str, Any]) -> None:
    event = ServiceEvent(
        service="organizations",
        name=name,
        account_id=organization.account_id,
        region=EVENTS_REGION,
        identity={"accountId": organization.account_id, "invokedBy": "AWS Internal"},
        details=details,
        more={"sourceIPAddress": "AWS Internal", "userAgent": "AWS Internal"},
    )
    publish(organization.emulator, event)
