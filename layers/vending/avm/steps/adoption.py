"""What the door, the plan and AdoptAccount share: whether an account can be adopted, and where it stands.

An adopted account has had a life before: it is in use, so nothing here or later takes it away from those who use it.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Mapping

from avm.aws.organizations import Account
from avm.aws.sts import Session
from avm.domain.account import REQUEST_ID_TAG
from avm.domain.errors import (
    AccessDenied,
    AccountNotAdoptable,
    AccountNotFound,
    FoundationBehind,
    NotYetVisible,
    RequestNotFound,
)
from avm.steps.gateways import Gateways

ROOT = "Root"
"""What people call the place of an account that stands in no OU."""


def adoption_request_id(account_id: str) -> str:
    """Return the id of the request that adopts an account, where the requester gives none: the same every time."""
    return f"adopt-{account_id}"


def find_account(account_id: str, gateways: Gateways) -> Account:
    """Return the account as AWS shows it; raises AccountNotFound where the organization has none with this id."""
    message = f"the organization has no account '{account_id}': 'aws organizations list-accounts' lists those it has"
    if not re.fullmatch(r"[0-9]{12}", account_id):
        raise AccountNotFound(message)
    try:
        return gateways.organizations.account(account_id)
    except NotYetVisible as error:
        raise AccountNotFound(message) from error


def check_adoptable(account: Account, gateways: Gateways, request_id: str | None = None) -> str:
    """Return the id of the root or OU under which the account stands; raises AccountNotAdoptable.

    ``request_id``: of the adoption under way, which may hold the account already.
    """
    if account.id == gateways.management_account_id:
        message = (
            f"account {account.id} is the management account: no SCP binds it, so the machine brings nothing there "
            "under its controls. Keep it empty, and let workloads run in member accounts"
        )
        raise AccountNotAdoptable(message)
    if account.state != "ACTIVE":
        message = (
            f"account {account.id} is {account.state}: only an ACTIVE account can be adopted. AWS Support reopens a "
            "closed account within 90 days"
        )
        raise AccountNotAdoptable(message)
    _check_owner(account, gateways, request_id)
    parent = gateways.organizations.parent_id(account.id)
    if parent not in places(gateways):
        message = (
            f"account {account.id} stands in OU {parent}, which is no OU of the catalog: it belongs to others, and is "
            "left alone. Let its owners move the account to the root or to an OU of the catalog, or name the OU in "
            "organization.yaml"
        )
        raise AccountNotAdoptable(message)
    return parent


def places(gateways: Gateways) -> Mapping[str, str]:
    """Return id -> name of the places that an account can be adopted from: the root, and the OUs of the catalog."""
    found = {gateways.organizations.root_id(): ROOT}
    for name in gateways.catalog.organization.ous:
        with contextlib.suppress(FoundationBehind):  # an OU that is not there holds no account
            found[gateways.organizations.ou_id(name)] = name
    return found


def enter(gateways: Gateways, account_id: str, session_name: str, policy: str | None = None) -> Session:
    """Return a session in the account's bootstrap role, by way of the broker; raises AccountNotAdoptable.

    ``policy`` narrows it.
    """
    sessions = gateways.bootstrap_sessions(account_id)  # what the broker itself is refused is no matter of the account
    role_arn = gateways.bootstrap_role(account_id)
    try:
        return sessions.assume(role_arn, session_name, policy=policy)
    except AccessDenied as error:
        message = (
            f"{role_arn} cannot be taken: the role is not there, does not trust the management account, or an SCP "
            f"denies it ({error}). Create it in the account with the trusted principal "
            f"{gateways.management_account_id} and the policy AdministratorAccess"
        )
        raise AccountNotAdoptable(message) from error


def _check_owner(account: Account, gateways: Gateways, request_id: str | None) -> None:
    record = gateways.table.account(account.id)
    owner = record.request_id if record else gateways.organizations.tags(account.id).get(REQUEST_ID_TAG)
    if owner is None or owner == request_id:
        return
    if record is None:
        try:
            gateways.table.request(owner)
        except RequestNotFound:
            return  # the tag is an earlier machine's, and nothing here knows the account
    status = f"it is {record.status}" if record else "it is being vended"
    message = (
        f"account {account.id} is under this machine already, by request {owner}: {status}. 'avm report {account.id}' "
        f"shows its controls, 'avm repair {account.id}' makes them true"
    )
    raise AccountNotAdoptable(message)
