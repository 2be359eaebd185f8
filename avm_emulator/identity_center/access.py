"""Who has access to what: principals of the identity store, their groups, their assignments, accounts in use."""

from __future__ import annotations

from typing import TYPE_CHECKING

from moto.identitystore.models import IdentityStoreData, User, identitystore_backends

from avm_emulator.organizations import organization_of

if TYPE_CHECKING:
    from moto.ssoadmin.models import AccountAssignment

    from avm_emulator.identity_center.state import IdentityCenter
    from avm_emulator.organizations.state import Account


def find_user(center: IdentityCenter, user_name: str) -> User | None:
    """Return the user of that name, if there is one."""
    return next((user for user in _store(center).users.values() if user.UserName == user_name), None)


def user(center: IdentityCenter, user_id: str) -> User | None:
    """Return the user of that id, if he is (still) there."""
    return _store(center).users.get(user_id)


def principal_exists(center: IdentityCenter, principal_type: str, principal_id: str) -> bool:
    """Say whether the identity store has a USER or GROUP of that id."""
    store = _store(center)
    return principal_id in (store.users if principal_type == "USER" else store.groups)


def assignments_of(center: IdentityCenter, principal_type: str, principal_id: str) -> list[AccountAssignment]:
    """Return the assignments of a principal; a user has those of his groups, too."""
    principals = {(principal_type, principal_id)}
    if principal_type == "USER":
        store = _store(center)
        memberships = [m for m in store.group_memberships.values() if m["MemberId"]["UserId"] == principal_id]
        principals |= {("GROUP", m["GroupId"]) for m in memberships if m["GroupId"] in store.groups}
    return [found for found in center.account_assignments if (found.principal_type, found.principal_id) in principals]


def accounts_in_use(center: IdentityCenter) -> dict[str, Account]:
    """Return the accounts of the organization that are not closed, by id."""
    organization = organization_of(center.account_id)
    members = organization.members() if organization is not None else ()
    return {account.id: account for account in members if account.state in ("ACTIVE", "PENDING_ACTIVATION")}


def _store(center: IdentityCenter) -> IdentityStoreData:
    """Return the store of the instance; moto makes it when the first user or group comes."""
    for instance in center.instances:
        stores = identitystore_backends[instance.owner][instance.region].identity_stores
        if instance.identity_store_id in stores:
            return stores[instance.identity_store_id]
    return IdentityStoreData()
