"""What controls are about: the account as AWS shows it, its request, and the foundation under it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace

from avm.aws.organizations import Account
from avm.controls.control import Control, Target
from avm.controls.registry import all_controls
from avm.domain.account import RELEASED_TAG, REQUEST_ID_TAG, TYPE_TAG
from avm.domain.account_type import AccountType
from avm.domain.errors import NotYetVisible
from avm.domain.foundation import LOG_ARCHIVE_TYPE, SECURITY_TYPE, Foundation
from avm.steps.gateways import Gateways


@dataclass(frozen=True)
class Aim:
    """One account, and the controls of its type."""

    target: Target
    """The account as a whole."""

    @property
    def controls(self) -> Mapping[str, Control]:
        """Return the controls of the account's type, by name."""
        return {name: all_controls()[name] for name in self.target.account_type.controls}

    @property
    def regions(self) -> tuple[str, ...]:
        """Return the Regions that are governed in the account."""
        return self.target.catalog.governed_regions

    def targets(self, control: Control) -> Iterator[Target]:
        """Yield what a control is about: the account, or each governed Region of it."""
        regions = self.regions if control.scope == "region" else (None,)
        yield from (self.at(control, region) for region in regions)

    def at(self, control: Control, region: str | None, operation_id: str | None = None) -> Target:
        """Return what a control is about in one place."""
        given = self.target.account_type.controls.get(control.name, {})
        return replace(self.target, region=region, operation_id=operation_id, parameters=given)


def aim(gateways: Gateways, account_id: str, request_id: str, foundation: Foundation | None = None) -> Aim:
    """Return the account with its controls; without ``foundation`` nothing is known of it but where it must be.

    Raises NotYetVisible, RequestNotFound, CatalogInvalid.
    """
    record = gateways.table.request(request_id)
    account = gateways.organizations.account(account_id)
    target = Target(
        account=account,
        account_type=gateways.catalog.account_type(record.request.type),
        catalog=gateways.catalog,
        request=record.request,
        request_id=request_id,
        foundation=foundation or bare_foundation(gateways, account),
        trusted=gateways.trusted(account.organization_id),
    )
    return Aim(target)


def aim_on_foundation(gateways: Gateways, account_id: str, request_id: str, *, keep: bool = False) -> Aim:
    """Return the account with its controls, and the foundation that they rest on; ``keep``: as in find_foundation."""
    target = aim(gateways, account_id, request_id).target
    return Aim(replace(target, foundation=find_foundation(gateways, target.account, keep=keep)))


def bare_foundation(gateways: Gateways, account: Account) -> Foundation:
    """Return the foundation without anything that would have to be looked for."""
    return Foundation(
        partition=gateways.partition,
        organization_id=account.organization_id,
        home_region=gateways.catalog.organization.home_region,
        management_account_id=gateways.management_account_id,
        bucket_suffix=gateways.catalog.organization.log_archive.bucket_suffix,
    )


def find_foundation(gateways: Gateways, account: Account, *, keep: bool = False) -> Foundation:
    """Return the foundation as AWS shows it: foundational accounts by their tags, the trail by its name.

    ``keep``: accounts that had to be searched for are known the next time.
    """
    found = bare_foundation(gateways, account)
    return found.model_copy(
        update={
            "log_archive_account_id": foundational_account(gateways, LOG_ARCHIVE_TYPE, keep=keep),
            "security_account_id": foundational_account(gateways, SECURITY_TYPE, keep=keep),
            "trail_arn": gateways.management_trails.organization_trail_arn(),
        }
    )


def foundational_account(gateways: Gateways, name: str, *, keep: bool = False) -> str | None:
    """Return the account of a type: the one that was found before, while it is open and its tags say so; else search.

    A search reads every page of accounts of an OU, of which AWS gives 5 a second (aws-semantics 1.3), so that not
    every vend can search.
    """
    account_type = gateways.catalog.account_types.get(name)
    if account_type is None:
        return None
    known = gateways.table.foundational_account(name)
    if known is not None:
        with suppress(NotYetVisible):  # it is no account of the organization any more
            is_open = not gateways.organizations.account(known).is_closed
            if is_open and _is_finished(gateways.organizations.tags(known), account_type):
                return known
    found = account_of_type(gateways, account_type)
    if keep and found is not None:
        gateways.table.keep_foundational_account(name, found)
    return found


def account_of_type(gateways: Gateways, account_type: AccountType | None) -> str | None:
    """Return the organization's account of a type, None while there is none or it is still being vended.

    In a closed one nothing can be done, so it is none.
    """
    if account_type is None:
        return None
    return next((each.id for each in accounts_of_type(gateways, account_type) if not each.is_closed), None)


def accounts_of_type(gateways: Gateways, account_type: AccountType) -> Iterator[Account]:
    """Yield the accounts of a type, closed ones included, that are not being vended any more."""
    organizations = gateways.organizations
    for account in organizations.accounts_in(organizations.ou_id(account_type.ou)):
        if _is_finished(organizations.tags(account.id), account_type):
            yield account


def _is_finished(tags: Mapping[str, str], account_type: AccountType) -> bool:
    return tags.get(TYPE_TAG) == account_type.name and (RELEASED_TAG in tags or REQUEST_ID_TAG not in tags)
