"""The service events of AWS Organizations: recorded in us-east-1, in the management account (aws-semantics 1.8).

Their shape is that of the CloudTrail samples in the user guide of AWS Organizations; the two membership events are
known by name and by the fields that the API reference of botocore 1.44.5 names.
"""

from __future__ import annotations

import json
import uuid
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from moto.events.models import events_backends

from avm_emulator.cloudtrail.elements import written_time

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
        "joinedTime": _iso(account.joined_at),
    }
    _put(organization, "AccountJoinedOrganization", details)


def account_departed(organization: Organization, account: Account, method: str) -> None:
    """Tell that an account belongs to the organization no more (``method`` LEFT, REMOVED or CLEANED)."""
    details = {
        "accountId": account.id,
        "organizationId": organization.entity.id,
        "departureMethod": method,
        "departureTime": _iso(organization.emulator.clock.now()),
    }
    _put(organization, "AccountDepartedOrganization", details)


def _put(organization: Organization, name: str, details: dict[str, Any]) -> None:
    now = organization.emulator.clock.now()
    detail = {
        "eventVersion": "1.11",
        "userIdentity": {"accountId": organization.account_id, "invokedBy": "AWS Internal"},
        "eventTime": _iso(now),
        "eventSource": "organizations.amazonaws.com",
        "eventName": name,
        "awsRegion": EVENTS_REGION,
        "sourceIPAddress": "AWS Internal",
        "userAgent": "AWS Internal",
        "requestParameters": None,
        "responseElements": None,
        "eventID": str(uuid.uuid4()),
        "readOnly": False,
        "eventType": "AwsServiceEvent",
        "managementEvent": True,
        "recipientAccountId": organization.account_id,
        "eventCategory": "Management",
        "serviceEventDetails": details,
    }
    event = {
        "Source": "aws.organizations",
        "DetailType": "AWS Service Event via CloudTrail",
        "Detail": json.dumps(detail),
        "Time": now,
    }
    # Not by PutEvents: on AWS nobody but AWS itself may send events whose source begins with "aws.". In a thread of its
    # own: the caller may hold the lock of the organization, which a target of the event may want.
    bus = events_backends[organization.account_id][EVENTS_REGION]
    organization.emulator.clock.submit(lambda: bus.put_events([event]), name=f"event {name}")


def _iso(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
