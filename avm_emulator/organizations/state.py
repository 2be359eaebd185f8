"""What an organization consists of: accounts, OUs, policies, and the lookups among them.

Built on moto's state, so that the parts of moto that read it (stack sets, RAM, Security Hub) see the same world.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import lru_cache
from types import ModuleType
from typing import TYPE_CHECKING, Any, ClassVar

import botocore.session
import moto.organizations.urls
from moto.organizations import utils
from moto.organizations.models import (
    FakeAccount,
    FakeOrganization,
    FakeOrganizationalUnit,
    FakePolicy,
    FakeRoot,
    OrganizationsBackend,
    organizations_backends,
)

from avm_emulator.errors import AwsError
from avm_emulator.organizations.errors import account_not_found, constraint_violation, invalid_input

if TYPE_CHECKING:
    from botocore.model import ServiceModel

    from avm_emulator.context import Emulator
    from avm_emulator.organizations.creation import Creation

ACCOUNT_ID = re.compile(r"\d{12}")
ROOT_ID = re.compile(r"r-[0-9a-z]{4,32}")
UNIT_ID = re.compile(r"ou-[0-9a-z]{4,32}-[a-z0-9]{8,32}")
POLICY_ID = re.compile(r"p-[0-9a-zA-Z_]{8,128}")

DEFAULT_POLICIES = {
    "SERVICE_CONTROL_POLICY": utils.DEFAULT_SCP_POLICY_ID,
    "RESOURCE_CONTROL_POLICY": utils.DEFAULT_RCP_POLICY_ID,
}
"""The AWS-managed policy that stands on every entity as soon as its type is enabled."""


@lru_cache(maxsize=1)
def service_model() -> ServiceModel:
    """Return botocore's model of the service: the judge of names, enumerations and members."""
    return botocore.session.get_session().get_service_model("organizations")


def enumeration(shape: str) -> tuple[str, ...]:
    """Return the values of an enumeration of the model."""
    return tuple(service_model().shape_for(shape).metadata["enum"])


class Account(FakeAccount):
    """An account of the organization. moto's knows no Paths and no state but ACTIVE and SUSPENDED."""

    def __init__(
        self,
        organization: FakeOrganization,
        *,
        account_id: str,
        name: str,
        email: str,
        joined_method: str,
        joined_at: float,
        tags: dict[str, str],
    ) -> None:
        """Stand under the root; ``joined_at`` in AWS epoch seconds. moto's own would invent id, time and role."""
        self.type = "ACCOUNT"
        self.region = organization.region
        self.organization_id = organization.id
        self.master_account_id = organization.master_account_id
        self.id = account_id
        self.name = name
        self.email = email
        self.joined_method = joined_method
        self.create_time = datetime.fromtimestamp(joined_at, UTC).replace(tzinfo=None)
        self.state = "ACTIVE"
        self.closed_at: float | None = None
        self.parent_id = organization.root_id
        self.moved_at = 0.0
        """When it was last moved: AWS epoch seconds."""
        self.attached_policies: list[FakePolicy] = []
        self.tags = tags

    @property
    def status(self) -> str:
        """``Status``, retired on 2026-09-09 but still in the model: closed accounts appear as SUSPENDED."""
        return {"PENDING_ACTIVATION": "ACTIVE", "CLOSED": "SUSPENDED"}.get(self.state, self.state)

    @property
    def joined_at(self) -> float:
        """AWS epoch seconds."""
        return self.create_time.replace(tzinfo=UTC).timestamp()


class Unit(FakeOrganizationalUnit):
    """An organizational unit."""


class Root(FakeRoot):
    """The root; every policy type of the botocore model can be enabled (moto: five of them)."""

    def enabled(self, policy_type: str) -> bool:
        """Return whether policies of this type work in this root."""
        return any(entry["Type"] == policy_type for entry in self.policy_types)


Target = Account | Root | Unit
"""What a policy can be attached to."""


class Policy(FakePolicy):
    """A policy of any type of the botocore model (moto: four of them)."""

    def __init__(
        self, organization: FakeOrganization, *, policy_id: str, name: str, policy_type: str, content: str,
        description: str, tags: dict[str, str], aws_managed: bool = False,
    ) -> None:  # fmt: skip
        """Hold the document as it came: white space counts (aws-semantics 1.5)."""
        self.content = content
        self.description = description
        self.name = name
        self.type = policy_type
        self.id = policy_id
        self.aws_managed = aws_managed
        self.region = organization.region
        self.organization_id = organization.id
        self.master_account_id = organization.master_account_id
        self.attachments: list[Any] = []
        self.tags = tags

    @property
    def arn(self) -> str:
        """Return the ARN; AWS-managed policies belong to ``aws``, not to the organization."""
        kind = self.type.lower()
        if self.aws_managed:
            return f"arn:aws:organizations::aws:policy/{kind}/{self.id}"
        return f"arn:aws:organizations::{self.master_account_id}:policy/{self.organization_id}/{kind}/{self.id}"


class Organization(OrganizationsBackend):
    """The organization of one management account, with what moto does not keep of it."""

    emulator: ClassVar[Emulator]
    lock: ClassVar[threading.RLock] = threading.RLock()
    """Taken by every call and every completion: moto's lists are not safe against concurrent changes."""

    def __init__(self, region_name: str, account_id: str) -> None:
        """Take moto's arguments: the partition as ``region_name``, the management account."""
        super().__init__(region_name, account_id)
        self.forget()

    def forget(self) -> None:
        """Be an account without an organization (again)."""
        self._reset()
        self.creations: dict[str, Creation] = {}
        self.planned_failures: list[str] = []
        self.foreign_emails: set[str] = set()
        self.created_at = 0.0
        self.closures: list[float] = []
        """When closures were asked for; times in AWS epoch seconds."""
        self.resource_policy: dict[str, Any] | None = None
        self.handshakes: list[dict[str, Any]] = []

    @property
    def _url_module(self) -> ModuleType:
        # moto derives its URL module from the name of the backend's own module.
        return moto.organizations.urls

    @property
    def entity(self) -> FakeOrganization:
        """The organization itself; there is one, or the caller would not have come here."""
        if self.org is None:
            message = f"account {self.account_id} has no organization"
            raise LookupError(message)
        return self.org

    @property
    def root(self) -> Root:
        """The one root (the service knows no second one)."""
        return next(node for node in self.ou if isinstance(node, Root))

    def require_all_features(self) -> None:
        """Raise ConstraintViolationException in an organization that has consolidated billing only."""
        if self.entity.feature_set != "ALL":
            raise constraint_violation(
                "ORGANIZATION_NOT_IN_ALL_FEATURES_MODE",
                "You attempted to perform an operation that requires the organization to be configured to support all "
                "features. An organization that supports only consolidated billing features can't perform this "
                "operation.",
            )

    def units(self) -> Iterator[Unit]:
        """Return the organizational units, without the root."""
        return (node for node in self.ou if isinstance(node, Unit))

    def members(self) -> Iterator[Account]:
        """Return all accounts, the management account and closed ones included."""
        return (account for account in self.accounts if isinstance(account, Account))

    def account(self, account_id: str) -> Account:
        """Return an account; raise AccountNotFoundException, or InvalidInputException for an impossible id."""
        if not ACCOUNT_ID.fullmatch(account_id):
            raise invalid_input("INVALID_PATTERN", "You provided a value that does not match the required pattern.")
        account = next((account for account in self.members() if account.id == account_id), None)
        if account is None:
            raise account_not_found()
        return account

    def find_node(self, node_id: str) -> Root | Unit | None:
        """Return root or OU; raise InvalidInputException for an impossible id."""
        if not (ROOT_ID.fullmatch(node_id) or UNIT_ID.fullmatch(node_id)):
            raise invalid_input("INVALID_PATTERN", "You provided a value that does not match the required pattern.")
        return next((n for n in self.ou if n.id == node_id and isinstance(n, (Root, Unit))), None)

    def parent(self, parent_id: str) -> Root | Unit:
        """Return root or OU; raise ParentNotFoundException."""
        node = self.find_node(parent_id)
        if node is None:
            raise AwsError("ParentNotFoundException", "You specified parent that doesn't exist.")
        return node

    def unit(self, unit_id: str) -> Unit:
        """Return an OU; raise OrganizationalUnitNotFoundException."""
        node = self.find_node(unit_id)
        if not isinstance(node, Unit):
            raise AwsError(
                "OrganizationalUnitNotFoundException", "You specified an organizational unit that doesn't exist."
            )
        return node

    def target(self, target_id: str) -> Target:
        """Return what a policy can be attached to; raise TargetNotFoundException."""
        try:
            found = self.account(target_id) if ACCOUNT_ID.fullmatch(target_id) else self.find_node(target_id)
        except AwsError as error:
            if error.code != "AccountNotFoundException":
                raise invalid_input("INVALID_PATTERN_TARGET_ID", "You specified an invalid target ID.") from error
            found = None
        if found is None:
            raise AwsError("TargetNotFoundException", "You specified a target that doesn't exist.")
        return found

    def policy(self, policy_id: str) -> Policy:
        """Return a policy; raise PolicyNotFoundException, or InvalidInputException for an impossible id."""
        if not POLICY_ID.fullmatch(policy_id):
            raise invalid_input("INVALID_SYNTAX_POLICY_ID", "You specified an invalid policy ID.")
        policy = next((p for p in self.policies if p.id == policy_id and isinstance(p, Policy)), None)
        if policy is None:
            raise AwsError("PolicyNotFoundException", "You specified a policy that doesn't exist.")
        return policy

    def path(self, node: Target) -> str:
        """Return ``o-…/r-…/ou-…/``, with the account id at the end of an account's path."""
        ids = [node.id]
        while not isinstance(node, Root):
            node = self.parent(str(node.parent_id))
            ids.append(node.id)
        return "/".join([self.entity.id, *reversed(ids), ""])

    def is_delegated_administrator(self, account_id: str, service_principal: str | None = None) -> bool:
        """Return whether an account is delegated administrator, of any service or of the one given."""
        return any(
            admin.account.id == account_id and (service_principal is None or service_principal in admin.services)
            for admin in self.admins
        )


def organization_of(account_id: str) -> Organization | None:
    """Return the organization that an account manages or is a member of."""
    management = organizations_backends.master_accounts.get(account_id, (account_id, "aws"))[0]
    organization = organizations_backends[management]["aws"]
    return organization if isinstance(organization, Organization) and organization.org is not None else None
