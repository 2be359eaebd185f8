"""The service event of the identity portal: somebody begins to work with a permission set.

It is recorded in the account and Region of the instance (user guide of IAM Identity Center, AWS access portal events).
Who it was is told by the user's id since July 2025 (AWS Security Blog, "Important changes to CloudTrail events for AWS
IAM Identity Center"); the fields of ``serviceEventDetails`` are those of the user guide's sample of Federate.
"""

from __future__ import annotations

import json
import uuid
from typing import TYPE_CHECKING, Any

from moto.events.models import events_backends
from moto.utilities.utils import get_partition

from avm_emulator.cloudtrail.history import iso8601

if TYPE_CHECKING:
    from avm_emulator.context import Emulator
    from avm_emulator.identity_center.state import IdentityCenter


def federated(emulator: Emulator, center: IdentityCenter, user_id: str, role_name: str, account_id: str) -> None:
    """Tell that a user has got credentials of a permission set in an account."""
    management, region, now = emulator.management_account_id, center.region_name, emulator.clock.now()
    store = center.instances[0].identity_store_id
    detail: dict[str, Any] = {
        "eventVersion": "1.11",
        "userIdentity": {
            "type": "IdentityCenterUser",
            "accountId": management,
            "onBehalfOf": {
                "userId": user_id,
                "identityStoreArn": f"arn:{get_partition(region)}:identitystore::{management}:identitystore/{store}",
            },
        },
        "eventTime": iso8601(now),
        "eventSource": "sso.amazonaws.com",
        "eventName": "Federate",
        "awsRegion": region,
        "requestParameters": None,
        "responseElements": None,
        "eventID": str(uuid.uuid4()),
        "readOnly": False,
        "eventType": "AwsServiceEvent",
        "managementEvent": True,
        "recipientAccountId": management,
        "eventCategory": "Management",
        "serviceEventDetails": {"role_name": role_name, "account_id": account_id},
    }
    event = {
        "Source": "aws.sso",
        "DetailType": "AWS Service Event via CloudTrail",
        "Detail": json.dumps(detail),
        "Time": now,
    }
    # In a thread of its own: the caller holds the lock of Identity Center, which a target of the event may want.
    bus = events_backends[management][region]
    emulator.clock.submit(lambda: bus.put_events([event]), name="event Federate")
