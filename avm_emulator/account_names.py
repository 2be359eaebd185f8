"""The names of accounts in the Account Management API, which moto does not have: of one's own account.

``AccountId``, by which an organization reaches its members, is refused by name as long as nobody needs it.
"""

from __future__ import annotations

import re
import threading
from typing import TYPE_CHECKING, Any

from avm_emulator.errors import AwsError
from avm_emulator.operations import Operations
from avm_emulator.organizations.state import Account, Organization, organization_of

if TYPE_CHECKING:
    from avm_emulator.boundary import Call
    from avm_emulator.context import Emulator

_NAME = r"[ -;=?-~]{1,50}"
"""botocore's pattern of AccountName: printable ASCII without < and >."""


class AccountNames:
    """The names; they are kept where AWS Organizations keeps them."""

    lock = threading.RLock()

    def settle(self, call: Call) -> None:
        """Do nothing: nothing becomes due."""


def get_account_information(names: AccountNames, call: Call, *, account_id: str | None = None) -> dict[str, Any]:
    """Return id, name, and when the account was created."""
    account = _own(names, call, account_id)
    return {"AccountId": account.id, "AccountName": account.name, "AccountCreatedDate": account.create_time}


def put_account_name(names: AccountNames, call: Call, *, account_name: str, account_id: str | None = None) -> None:
    """Give the account another name."""
    if not re.fullmatch(_NAME, account_name):
        message = "AccountName does not satisfy the constraints of its type"
        raise AwsError("ValidationException", message, reason="fieldValidationFailed")
    _own(names, call, account_id).name = account_name


def _own(names: AccountNames, call: Call, account_id: str | None) -> Account:
    del names
    organization = organization_of(call.account)
    if account_id is not None:
        raise AwsError("NotImplementedByEmulator", f"account {call.operation} with AccountId", 501)
    if organization is None:
        raise AwsError("NotImplementedByEmulator", f"account {call.operation} outside an organization", 501)
    with Organization.lock:
        return next(each for each in organization.members() if each.id == call.account)


def install(emulator: Emulator) -> None:
    """Serve the names from here; call it after ``organizations``."""
    functions = (get_account_information, put_account_name)
    emulator.boundary.interceptors.append(Operations("account", AccountNames(), functions).answer)
