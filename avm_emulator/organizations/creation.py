"""CreateAccount and what becomes of it. moto's creation succeeds at once, with any e-mail and without a limit."""

from __future__ import annotations

import json
import secrets
import string
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from moto.iam.models import IAMBackend, iam_backends
from moto.organizations.models import organizations_backends
from moto.organizations.utils import make_random_account_id

from avm_emulator import service_linked_roles
from avm_emulator.errors import AwsError
from avm_emulator.organizations import events
from avm_emulator.organizations.errors import constraint_violation, invalid_input
from avm_emulator.organizations.pages import page
from avm_emulator.organizations.policies import attach_default_policies
from avm_emulator.organizations.state import Account, Organization, enumeration
from avm_emulator.organizations.validation import check_account_name, check_email, check_role_name, check_tags

DEFAULT_ROLE = "OrganizationAccountAccessRole"
FAILURE_REASONS = enumeration("CreateAccountFailureReason")
MAX_IN_PROGRESS = 5
"""Creations of one organization at once (aws-semantics 1.2)."""
STATES = enumeration("CreateAccountState")


@dataclass
class Creation:
    """One request to create an account; times in AWS epoch seconds."""

    id: str
    name: str
    email: str
    role_name: str
    tags: dict[str, str]
    requested_at: float
    same_email_in_progress: bool
    state: str = field(default="IN_PROGRESS")
    completed_at: float | None = None
    account_id: str | None = None
    failure_reason: str | None = None
    planned_failure: str | None = None
    """How it shall end, whatever it would have come to."""

    def describe(self) -> dict[str, Any]:
        """Return ``CreateAccountStatus``: no e-mail, and no account id before success (aws-semantics 1.1)."""
        return {
            "Id": self.id,
            "AccountName": self.name,
            "State": self.state,
            "RequestedTimestamp": self.requested_at,
            "CompletedTimestamp": self.completed_at,
            "AccountId": self.account_id,
            "FailureReason": self.failure_reason,
        }


def create_account(
    organization: Organization,
    *,
    email: str,
    account_name: str,
    role_name: str = DEFAULT_ROLE,
    iam_user_access_to_billing: str = "ALLOW",
    tags: Sequence[dict[str, str]] = (),
) -> dict[str, Any]:
    """Start the creation of an account. There is no client token: the same call twice is two creations."""
    check_email(email)
    check_account_name(account_name)
    check_role_name(role_name)
    if iam_user_access_to_billing not in ("ALLOW", "DENY"):
        raise invalid_input("INVALID_ENUM", "You specified an invalid value.")
    checked_tags = check_tags(tags)
    clock = organization.emulator.clock
    in_progress = [creation for creation in organization.creations.values() if creation.state == "IN_PROGRESS"]
    _check_readiness(organization, clock.now(), len(in_progress))
    creation = Creation(
        id="car-" + "".join(secrets.choice(string.ascii_lowercase + string.digits) for _ in range(32)),
        name=account_name,
        email=email,
        role_name=role_name,
        tags=checked_tags,
        requested_at=clock.now(),
        same_email_in_progress=any(c.email.lower() == email.lower() for c in in_progress),
    )
    organization.creations[creation.id] = creation
    answer = creation.describe()
    clock.call_later(
        organization.emulator.latencies.of("organizations:CreateAccount", len(organization.creations)),
        lambda: _complete(organization, creation),
        name=f"organizations:CreateAccount {creation.id}",
    )
    return {"CreateAccountStatus": answer}


def describe_create_account_status(organization: Organization, *, create_account_request_id: str) -> dict[str, Any]:
    """Return how a creation stands; raise CreateAccountStatusNotFoundException (moto: AccountNotFoundException)."""
    creation = organization.creations.get(create_account_request_id)
    if creation is None:
        raise AwsError(
            "CreateAccountStatusNotFoundException",
            "We can't find an create account request with the CreateAccountRequestId that you specified.",
        )
    return {"CreateAccountStatus": creation.describe()}


def list_create_account_status(
    organization: Organization,
    *,
    states: Sequence[str] = STATES,
    next_token: str | None = None,
    max_results: int | None = None,
) -> dict[str, Any]:
    """Return the creations in the given states, oldest first."""
    if not set(states) <= set(STATES):
        raise invalid_input("INVALID_ENUM", "You specified an invalid value.")
    creations = list(organization.creations.values())
    found, token = page(creations, next_token, max_results, keep=lambda creation: creation.state in states)
    return {"CreateAccountStatuses": [creation.describe() for creation in found], "NextToken": token}


def plan_failure(organization: Organization, reason: str) -> None:
    """Make the next creation that completes fail with ``reason``; raise ValueError for one that AWS does not know."""
    if reason not in FAILURE_REASONS:
        message = f"{reason} is no CreateAccountFailureReason; known are {', '.join(FAILURE_REASONS)}"
        raise ValueError(message)
    organization.planned_failures.append(reason)


def add_account(
    organization: Organization, *, account_id: str, name: str, email: str, joined_method: str, tags: dict[str, str]
) -> Account:
    """Add an account under the root, with the policies that AWS puts on every account."""
    account = Account(
        organization.entity,
        account_id=account_id,
        name=name,
        email=email,
        joined_method=joined_method,
        joined_at=organization.emulator.clock.now(),
        tags=tags,
    )
    organization.accounts.append(account)
    organizations_backends.master_accounts[account.id] = (organization.account_id, organization.partition)
    attach_default_policies(organization, account)
    return account


def _check_readiness(organization: Organization, now: float, in_progress: int) -> None:
    if now < organization.created_at + organization.emulator.latencies["organizations:FinalizeOrganization"]:
        raise AwsError("FinalizingOrganizationException", "AWS Organizations is finalizing your organization.")
    if in_progress >= MAX_IN_PROGRESS:
        # Despite its name this is about creations in progress (aws-semantics 1.1).
        raise constraint_violation(
            "ACCOUNT_CREATION_RATE_LIMIT_EXCEEDED",
            "You have exceeded the number of accounts that can be created at once.",
        )


def _complete(organization: Organization, creation: Creation) -> None:
    with organization.lock:
        if organization.creations.get(creation.id) is not creation:
            return  # the organization was deleted, or the emulator reset, meanwhile
        creation.failure_reason = _failure(organization, creation)
        creation.completed_at = organization.emulator.clock.now()
        account = None if creation.failure_reason else _open_account(organization, creation)
        creation.state = "FAILED" if account is None else "SUCCEEDED"
    events.create_account_result(organization, creation)
    if account is not None:
        events.account_joined(organization, account)


def _failure(organization: Organization, creation: Creation) -> str | None:
    if creation.planned_failure:
        return creation.planned_failure
    if organization.planned_failures:
        return organization.planned_failures.pop(0)
    if creation.same_email_in_progress:
        # "You already submitted a request with the same information": adopt that one.
        return "CONCURRENT_ACCOUNT_MODIFICATION"
    # Closed accounts keep their e-mail; so do the accounts of everybody else.
    taken = {account.email.lower() for account in organization.members()} | organization.foreign_emails
    if creation.email.lower() in taken:
        return "EMAIL_ALREADY_EXISTS"
    if len(organization.accounts) >= organization.emulator.accounts_quota:
        return "ACCOUNT_LIMIT_EXCEEDED"  # closed accounts count (aws-semantics 1.1)
    return None


def _open_account(organization: Organization, creation: Creation) -> Account:
    account = add_account(
        organization,
        account_id=_new_account_id(organization),
        name=creation.name,
        email=creation.email,
        joined_method="CREATED",
        tags=creation.tags,
    )
    creation.account_id = account.id
    _create_roles(organization, account, creation.role_name)
    account.state = "PENDING_ACTIVATION"
    organization.emulator.clock.call_later(
        organization.emulator.latencies["organizations:ActivateAccount"],
        lambda: _activate(organization, account),
        name=f"organizations:ActivateAccount {account.id}",
    )
    return account


def _new_account_id(organization: Organization) -> str:
    known = {account.id for account in organization.members()}
    while (account_id := make_random_account_id()) in known:
        pass
    return account_id


def _create_roles(organization: Organization, account: Account, role_name: str) -> None:
    """Create what AWS puts into every new account; moto's access role has no policy at all."""
    management = f"arn:{organization.partition}:iam::{organization.account_id}:root"
    iam = iam_backends[account.id][organization.partition]
    _create_access_role(iam, role_name, management)
    iam.attach_role_policy(f"arn:{organization.partition}:iam::aws:policy/AdministratorAccess", role_name)
    # "If you enabled all features, Organizations creates the required service-linked role" (botocore: CreateAccount)
    if organization.entity.feature_set == "ALL":
        service_linked_roles.create(iam, "organizations.amazonaws.com")


def _create_access_role(iam: IAMBackend, name: str, management: str) -> None:
    trust = {"Effect": "Allow", "Principal": {"AWS": management}, "Action": "sts:AssumeRole"}
    iam.create_role(
        role_name=name,
        assume_role_policy_document=json.dumps({"Version": "2012-10-17", "Statement": [trust]}),
        path="/",
        permissions_boundary=None,
        description="",
        tags=[],
        max_session_duration="3600",
    )


def _activate(organization: Organization, account: Account) -> None:
    with organization.lock:
        if account.state == "PENDING_ACTIVATION":
            account.state = "ACTIVE"
