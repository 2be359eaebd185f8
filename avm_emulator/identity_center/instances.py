"""The instance of IAM Identity Center: enabled in the console, found by API."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any

from moto.ssoadmin.models import ssoadmin_backends

from avm_emulator.errors import AwsError
from avm_emulator.identity_center.pages import page
from avm_emulator.identity_center.state import SERVICE_PRINCIPAL, IdentityCenter, Instance
from avm_emulator.organizations import organization_of
from avm_emulator.organizations.delegation import enable_aws_service_access

if TYPE_CHECKING:
    from avm_emulator.context import Emulator


def enable_identity_center(emulator: Emulator) -> Instance:
    """Enable Identity Center for the organization, in the emulator's Region, as somebody does in the console.

    No API does this: CreateInstance is refused in a management account (botocore: CreateInstance). Trusted access comes
    with it.

    Raises:
        ValueError: there is no organization, or an instance already; the message says what to do.
    """
    organization = organization_of(emulator.management_account_id)
    if organization is None:
        message = f"account {emulator.management_account_id} has no organization: call CreateOrganization first"
        raise ValueError(message)
    existing = _instances(organization.account_id)
    if existing:
        message = f"IAM Identity Center is enabled already, in {existing[0].region}: {existing[0].arn}"
        raise ValueError(message)
    instance = Instance(
        arn=f"arn:aws:sso:::instance/ssoins-{secrets.token_hex(8)}",
        identity_store_id=f"d-{secrets.token_hex(5)}",
        owner=organization.account_id,
        region=emulator.region,
        created_at=emulator.clock.now(),
    )
    with organization.lock, IdentityCenter.lock:
        enable_aws_service_access(organization, service_principal=SERVICE_PRINCIPAL)
        ssoadmin_backends[organization.account_id][emulator.region].instances.append(instance)
    return instance


def list_instances(
    center: IdentityCenter,
    *,
    max_results: int | None = None,
    next_token: str | None = None,
    region_scope: str = "CURRENT_REGION",
) -> dict[str, Any]:
    """Return the instance, in its Region or with ALL_REGIONS from everywhere; none before somebody enables it."""
    if region_scope not in ("CURRENT_REGION", "ALL_REGIONS"):
        raise AwsError("ValidationException", "RegionScope must be CURRENT_REGION or ALL_REGIONS.")
    instances = center.instances if region_scope == "CURRENT_REGION" else _instances(center.account_id)
    found, token = page(instances, next_token, max_results)
    return {"Instances": [instance.describe() for instance in found], "NextToken": token}


def describe_instance(center: IdentityCenter) -> dict[str, Any]:
    """Return the instance (missing in moto)."""
    details = center.instances[0].describe()
    return {
        **details,
        "EncryptionConfigurationDetails": {"KeyType": "AWS_OWNED_KMS_KEY", "EncryptionStatus": "ENABLED"},
        "PermissionSetsEnabled": True,
    }


def _instances(owner: str) -> list[Instance]:
    return [instance for center in ssoadmin_backends[owner].values() for instance in center.instances]
