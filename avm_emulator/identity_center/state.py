"""What an instance of IAM Identity Center consists of, on moto's state."""

from __future__ import annotations

import re
import secrets
import threading
from dataclasses import dataclass, field
from types import ModuleType
from typing import TYPE_CHECKING, Any, ClassVar

import moto.ssoadmin.urls
from moto.ssoadmin import models
from moto.ssoadmin.models import SSOAdminBackend, ssoadmin_backends

from avm_emulator import managed_policies
from avm_emulator.errors import AwsError
from avm_emulator.organizations import organization_of

if TYPE_CHECKING:
    from avm_emulator.context import Emulator

SERVICE_PRINCIPAL = "sso.amazonaws.com"


_DURATION = re.compile(r"PT(?:(\d{1,2})H)?(?:(\d{1,3})M)?")
_HOUR = 3600


def session_seconds(duration: str) -> int:
    """Return the seconds of a session duration (ISO 8601, one hour to twelve); raise ValidationException."""
    match = _DURATION.fullmatch(duration)
    seconds = int(match[1] or 0) * _HOUR + int(match[2] or 0) * 60 if match else 0
    if not _HOUR <= seconds <= 12 * _HOUR:
        raise AwsError("ValidationException", f"SessionDuration must be from PT1H to PT12H, not {duration}.")
    return seconds


@dataclass(frozen=True)
class Instance:
    """An organization instance in its primary Region; moto makes one of its own for every account and Region."""

    arn: str
    identity_store_id: str
    owner: str
    region: str
    created_at: float
    """AWS epoch seconds."""

    @property
    def id(self) -> str:
        """``ssoins-…``."""
        return self.arn.rpartition("/")[2]

    @property
    def instance_arn(self) -> str:
        """``arn``, as the rest of moto's service calls it."""
        return self.arn

    def describe(self) -> dict[str, Any]:
        """Return the shape ``InstanceMetadata``."""
        region = {
            "RegionName": self.region, "Status": "ACTIVE", "AddedDate": self.created_at, "IsPrimaryRegion": True,
        }  # fmt: skip
        return {
            "InstanceArn": self.arn,
            "IdentityStoreId": self.identity_store_id,
            "IdentityStoreArn": f"arn:aws:identitystore::{self.owner}:identitystore/{self.identity_store_id}",
            "OwnerAccountId": self.owner,
            "CreatedDate": self.created_at,
            "Status": "ACTIVE",
            "PrimaryRegion": self.region,
            "Regions": [region],
        }


class PermissionSet(models.PermissionSet):
    """A permission set; moto's has an impossible ARN, and neither boundary nor tags that can be changed."""

    def __init__(
        self, instance: Instance, name: str, description: str | None, session_duration: str, relay_state: str | None
    ) -> None:
        """``session_duration``: ISO 8601, PT1H to PT12H."""
        arn = f"arn:aws:sso:::permissionSet/{instance.id}/ps-{secrets.token_hex(8)}"
        super().__init__(name, description, instance.arn, session_duration, relay_state, [])
        self.permission_set_arn = arn
        self.permissions_boundary: dict[str, Any] | None = None
        self.tag_values: dict[str, str] = {}

    def describe(self) -> dict[str, Any]:
        """Return the shape ``PermissionSet``."""
        return self.to_json(include_creation_date=True)

    def definition(self) -> tuple[Any, ...]:
        """Return what ProvisionPermissionSet brings into accounts: two equal ones make equal roles."""
        return (
            self.session_duration,
            self.inline_policy,
            tuple(policy.arn for policy in self.managed_policies),
            tuple((policy.path, policy.name) for policy in self.customer_managed_policies),
            repr(self.permissions_boundary),
        )


@dataclass
class Operation:
    """An asynchronous request; ``shape`` holds what its status shows beside the common members."""

    kind: str
    request_id: str
    created_at: float
    shape: dict[str, Any]
    accounts: frozenset[str]
    """Where it may change a role."""
    status: str = field(default="IN_PROGRESS")
    failure_reason: str | None = None
    planned_failure: str | None = None
    """Why it shall fail, whatever it would have come to."""

    def describe(self) -> dict[str, Any]:
        """Return the status as its Describe operation shows it."""
        return {**self.summary(), "FailureReason": self.failure_reason, **self.shape}

    def summary(self) -> dict[str, Any]:
        """Return the status as its List operation shows it."""
        return {"Status": self.status, "RequestId": self.request_id, "CreatedDate": self.created_at}


@dataclass
class Provisioned:
    """A permission set as it stands in one account."""

    role_name: str
    definition: tuple[Any, ...]


@dataclass(frozen=True)
class PortalSession:
    """A user's sign-in at the identity portal."""

    user_id: str
    expires_at: float
    """Real epoch seconds."""


class IdentityCenter(SSOAdminBackend):
    """Identity Center of one owner in one Region."""

    emulator: ClassVar[Emulator]
    lock: ClassVar[threading.RLock] = threading.RLock()

    def __init__(self, region_name: str, account_id: str) -> None:
        """Begin without an instance: enabling is an act of somebody, in the console."""
        super().__init__(region_name, account_id)
        self.instances: list[Instance] = []
        self.operations: dict[str, Operation] = {}
        self.provisioned: dict[tuple[str, str], Provisioned] = {}
        """(account id, permission set ARN) → what stands there."""
        self.portal_sessions: dict[str, PortalSession] = {}
        """By access token."""

    @property
    def _url_module(self) -> ModuleType:
        # moto derives its URL module from the name of the backend's own module.
        return moto.ssoadmin.urls

    def _find_managed_policy(self, managed_policy_arn: str) -> models.ManagedPolicy:
        # moto reads the policies' path under a name that its own data do not have.
        if not managed_policies.exists(managed_policy_arn, self.partition):
            raise AwsError("ResourceNotFoundException", f"Policy does not exist with ARN: {managed_policy_arn}")
        return models.ManagedPolicy(managed_policy_arn, managed_policy_arn.rpartition("/")[2])

    def find_permission_set(self, arn: str) -> PermissionSet | None:
        """Return the permission set, if there is one."""
        return next((found for found in self.permission_sets if found.permission_set_arn == arn), None)

    def permission_set(self, arn: str) -> PermissionSet:
        """Return the permission set; raise ResourceNotFoundException."""
        found = self.find_permission_set(arn)
        if found is None:
            raise AwsError(
                "ResourceNotFoundException", f"Could not find PermissionSet with id {arn.rpartition('/')[2]}"
            )
        return found


def center_of(account_id: str, region: str) -> IdentityCenter:
    """Return the Identity Center that an account sees in a Region: as a delegated administrator, the organization's."""
    organization = organization_of(account_id)
    if organization is not None and organization.is_delegated_administrator(account_id, SERVICE_PRINCIPAL):
        account_id = organization.account_id
    return ssoadmin_backends[account_id][region]
