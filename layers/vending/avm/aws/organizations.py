"""AWS Organizations: accounts, OUs, policies and tags. It has one endpoint for all Regions (aws-semantics 1.6)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal

from botocore.exceptions import ClientError, HTTPClientError

from avm.aws.broker import CHANGE_POLICIES, CREATE_ACCOUNT, MOVE_ACCOUNT, READ, TAG_ACCOUNT, Broker
from avm.aws.errors import to_domain, translated, unless
from avm.domain.errors import FoundationBehind, NotYetVisible, ServiceUnavailable
from avm.domain.guardrail import GuardrailKind

if TYPE_CHECKING:
    from mypy_boto3_organizations import OrganizationsClient

PAGE_SIZE = 20
_CLOSED = frozenset({"CLOSED", "PENDING_CLOSURE", "SUSPENDED"})
"""Botocore, AccountState."""


@dataclass(frozen=True)
class Creation:
    """One CreateAccount request as AWS shows it; while IN_PROGRESS it has neither account id nor e-mail."""

    id: str
    state: Literal["IN_PROGRESS", "SUCCEEDED", "FAILED"]
    name: str
    requested_at: datetime | None
    account_id: str | None = None
    failure_reason: str | None = None


@dataclass(frozen=True)
class Account:
    """A member account as AWS shows it."""

    id: str
    name: str
    email: str
    state: str
    organization_id: str

    @property
    def is_closed(self) -> bool:
        """Whether the account is closed, or about to be: nothing can be done in it."""
        return self.state in _CLOSED


class Organizations:
    """The organization's accounts, OUs and policies."""

    def __init__(self, broker: Broker) -> None:
        """``broker``: makes clients that never repeat a call, since CreateAccount has no token (aws-semantics 1.1)."""
        self._broker = broker
        self._root_id: str | None = None
        self._ou_ids: dict[str, str] = {}
        self._policy_ids: dict[str, str] = {}

    # -- creation ------------------------------------------------------------------------------------------------
    def create_account(self, *, name: str, email: str, role_name: str, tags: Mapping[str, str]) -> Creation | None:
        """Ask for an account; None where the answer was lost and AWS may or may not have taken the request."""
        client = self._broker.organizations(CREATE_ACCOUNT)  # what fails here leaves nothing in doubt
        try:
            answer = client.create_account(
                AccountName=name,
                Email=email,
                RoleName=role_name,
                IamUserAccessToBilling="ALLOW",
                Tags=[{"Key": key, "Value": value} for key, value in tags.items()],
            )
        except ClientError as error:
            domain_error = to_domain(error)
            if isinstance(domain_error, ServiceUnavailable):
                return None
            raise domain_error from error
        except HTTPClientError:
            return None
        return _creation(answer["CreateAccountStatus"])

    def creation(self, creation_id: str) -> Creation:
        """Return the CreateAccount request with this id (``car-…``)."""
        with translated():
            answer = self._reader.describe_create_account_status(CreateAccountRequestId=creation_id)
        return _creation(answer["CreateAccountStatus"])

    def creations(self, name: str, since: datetime) -> list[Creation]:
        """Return the CreateAccount requests for accounts called ``name``, made at ``since`` or later, newest first.

        All pages are read; an empty page with a NextToken is not the end (aws-semantics, pitfall 16).
        """
        found = []
        for status in self._pages("list_create_account_status", "CreateAccountStatuses", MaxResults=PAGE_SIZE):
            creation = _creation(status)
            if creation.name == name and creation.requested_at and creation.requested_at >= since:
                found.append(creation)
        return sorted(found, key=lambda creation: creation.requested_at or since, reverse=True)

    def names_in_progress(self) -> list[str]:
        """Return the names of all accounts that AWS creates now, whoever has asked for them."""
        statuses = self._pages(
            "list_create_account_status", "CreateAccountStatuses", States=["IN_PROGRESS"], MaxResults=PAGE_SIZE
        )
        return [status.get("AccountName", "") for status in statuses]

    # -- accounts ------------------------------------------------------------------------------------------------
    def account(self, account_id: str) -> Account:
        """Return the account; raises NotYetVisible where AWS does not show it."""
        with translated():
            return _account(self._reader.describe_account(AccountId=account_id)["Account"])

    def account_with_email(self, email: str) -> Account | None:
        """Return the account of this organization, closed ones included, that has the e-mail; reads all pages."""
        for found in self._pages("list_accounts", "Accounts"):
            if str(found.get("Email", "")).lower() == email.lower():
                return _account(found)
        return None

    def accounts(self) -> list[Account]:
        """Return all accounts of this organization, closed ones included."""
        return [_account(found) for found in self._pages("list_accounts", "Accounts")]

    def accounts_in(self, parent_id: str) -> list[Account]:
        """Return the accounts that stand in an OU, or in the root, itself, closed ones included."""
        return [_account(found) for found in self._pages("list_accounts_for_parent", "Accounts", ParentId=parent_id)]

    def tags(self, resource_id: str) -> dict[str, str]:
        """Return the tags of an account, OU or policy."""
        listed = self._pages("list_tags_for_resource", "Tags", ResourceId=resource_id)
        return {tag["Key"]: tag["Value"] for tag in listed}

    def tag(self, account_id: str, tags: Mapping[str, str]) -> None:
        """Set tags on an account; others stay."""
        client = self._broker.organizations(TAG_ACCOUNT, account_id)
        with translated():
            client.tag_resource(
                ResourceId=account_id, Tags=[{"Key": key, "Value": value} for key, value in tags.items()]
            )

    # -- placement -----------------------------------------------------------------------------------------------
    def root_id(self) -> str:
        """Return the root's id; it never changes, so it is asked for once a process (ListRoots: 1/s)."""
        if self._root_id is None:
            with translated():
                self._root_id = self._reader.list_roots()["Roots"][0]["Id"]
        return self._root_id

    def ou_id(self, name: str) -> str:
        """Return the id of the OU called ``name`` under the root; raises FoundationBehind where there is none."""
        if name not in self._ou_ids:
            listed = self._pages("list_organizational_units_for_parent", "OrganizationalUnits", ParentId=self.root_id())
            self._ou_ids = {unit["Name"]: unit["Id"] for unit in listed}
        if name not in self._ou_ids:
            message = f"there is no OU '{name}' under the root"
            raise FoundationBehind(message)
        return self._ou_ids[name]

    def parent_id(self, account_id: str) -> str:
        """Return the id of the root or OU that holds the account."""
        with translated(ChildNotFoundException=NotYetVisible):
            return self._reader.list_parents(ChildId=account_id)["Parents"][0]["Id"]

    def move_account(self, account_id: str, source_id: str, destination_id: str) -> None:
        """Move the account; being in the destination already is success.

        Raises NotYetVisible where the source is stale (SourceParentNotFoundException): look again, then decide.
        """
        client = self._broker.organizations(MOVE_ACCOUNT, account_id)
        with translated(SourceParentNotFoundException=NotYetVisible), unless("DuplicateAccountException"):
            client.move_account(AccountId=account_id, SourceParentId=source_id, DestinationParentId=destination_id)

    # -- policies ------------------------------------------------------------------------------------------------
    def scp_id(self, name: str) -> str:
        """Return the id of the SCP called ``name``; raises FoundationBehind where there is none."""
        if name not in self._policy_ids:
            listed = self._pages("list_policies", "Policies", Filter="SERVICE_CONTROL_POLICY")
            self._policy_ids = {policy["Name"]: policy["Id"] for policy in listed}
        if name not in self._policy_ids:
            message = f"the organization has no SCP '{name}'"
            raise FoundationBehind(message)
        return self._policy_ids[name]

    def attached_scps(self, target_id: str) -> dict[str, str]:
        """Return the SCPs attached to the account or OU itself, name -> id."""
        return self.attached_guardrails(target_id, GuardrailKind.SCP)

    def attached_guardrails(self, target_id: str, kind: GuardrailKind) -> dict[str, str]:
        """Return the guardrails of a kind attached to the account or OU itself, name -> id."""
        listed = self._pages("list_policies_for_target", "Policies", TargetId=target_id, Filter=kind.value)
        return {policy["Name"]: policy["Id"] for policy in listed}

    def attach_policy(self, policy_id: str, account_id: str) -> None:
        """Attach a policy to an account; being attached already is success."""
        client = self._broker.organizations(CHANGE_POLICIES, account_id)
        with translated(), unless("DuplicatePolicyAttachmentException"):
            client.attach_policy(PolicyId=policy_id, TargetId=account_id)

    def detach_policy(self, policy_id: str, account_id: str) -> None:
        """Detach a policy from an account; not being attached is success."""
        client = self._broker.organizations(CHANGE_POLICIES, account_id)
        with translated(), unless("PolicyNotAttachedException"):
            client.detach_policy(PolicyId=policy_id, TargetId=account_id)

    @property
    def _reader(self) -> OrganizationsClient:
        client: OrganizationsClient = self._broker.organizations(READ)
        return client

    def _pages(self, operation: Any, key: str, **arguments: Any) -> Iterator[dict[str, Any]]:
        with translated():
            for page in self._reader.get_paginator(operation).paginate(**arguments):
                yield from page[key]


def _creation(status: Mapping[str, Any]) -> Creation:
    return Creation(
        id=status["Id"],
        state=status["State"],
        name=status.get("AccountName", ""),
        requested_at=status.get("RequestedTimestamp"),
        account_id=status.get("AccountId"),
        failure_reason=status.get("FailureReason"),
    )


def _account(account: Mapping[str, Any]) -> Account:
    # Status was announced as retired on 2026-09-09 in favour of State (aws-semantics 1.7): State first.
    state = str(account.get("State") or account.get("Status", ""))
    organization_id = account["Arn"].split("/")[1]  # arn:…:account/ORGANIZATION/ACCOUNT
    return Account(account["Id"], account["Name"], account["Email"], state, organization_id)
