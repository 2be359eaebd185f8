"""The service event of the identity portal: somebody begins to work with a permission set.

It is recorded in the account and Region of the instance (user guide of IAM Identity Center, AWS access portal events).
Who it was is told by the user's id since July 2025 (AWS Security Blog, "Important changes to CloudTrail events for AWS
IAM Identity Center"); the fields of ``serviceEventDetails`` are those of the user guide's sample of Federate.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from moto.utilities.utils import get_partition

from avm_emulator.cloudtrail.service_events import ServiceEvent, publish

if TYPE_CHECKING:
    from avm_emulator.context import Emulator
    from avm_emulator.identity_center.state import IdentityCenter


def federated(emulator: Emulator, center: IdentityCenter, user_id: str, role_name: str, account_id: str) -> None:
    """Tell that a user has got credentials of a permission set in an account."""
    management, region = emulator.management_account_id, center.region_name
    store = center.instances[0].identity_store_id
    person = {
        "userId": user_id,
        "identityStoreArn": f"arn:{get_partition(region)}:identitystore::{management}:identitystore/{store}",
    }
    event = ServiceEvent(
        service="sso",
        name="Federate",
        account_id=management,
        region=region,
        identity={"type": "IdentityCenterUser", "accountId": management, "onBehalfOf": person},
        details={"role_name": role_name, "account_id": account_id},
    )
    publish(emulator, event)
