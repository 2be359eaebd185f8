"""Who belongs to the organization: accounts that came without the machine, and managed ones that have left.

An account under care that has left keeps its record, with the status DEPARTED: nothing looks at it any more, and what
is known of it stays known. Its name and e-mail stay reserved: AWS gives the e-mail to no other account while this one
exists. One that was never ready is left to its vend, or to the operator: come back, it must not count as ready.
"""

from __future__ import annotations

from collections.abc import Iterator

from avm.controls.registry import kept_by_foundation
from avm.domain.account import AccountRecord
from avm.domain.errors import NotYetVisible
from avm.domain.membership import MembershipEvent
from avm.steps.gateways import Gateways


def has_departed(account_id: str, gateways: Gateways) -> bool:
    """Return whether AWS shows no such account in the organization."""
    try:
        gateways.organizations.account(account_id)
    except NotYetVisible:
        return True
    return False


def depart(account: AccountRecord, time: str, gateways: Gateways, method: str | None = None) -> AccountRecord:
    """Tell that an account under care has left, and return its record, which is kept; told first, so never lost.

    ``method``: how, as AWS's event has it; None where a sweep has missed the account.
    """
    details = {"name": account.name, "type": account.type, "method": method, "time": time}
    gateways.events.publish(
        "AccountDeparted", request_id=account.request_id, account_id=account.account_id, details=details
    )
    gone = account.model_copy(update={"status": "DEPARTED", "departed_at": time})
    gateways.table.put_account(gone)
    return gone


def rejoin(account: AccountRecord, time: str, gateways: Gateways, method: str | None = None) -> AccountRecord:
    """Tell that a managed account has come back, and keep it under care again; return its record."""
    details = {"name": account.name, "managed": True, "method": method, "time": time}
    gateways.events.publish(
        "AccountJoined", request_id=account.request_id, account_id=account.account_id, details=details
    )
    back = account.model_copy(update={"status": account.outcome, "departed_at": None})
    gateways.table.put_account(back)
    return back


def joined(event: MembershipEvent, time: str, gateways: Gateways) -> AccountRecord | str:
    """Take in an account that has joined; return the record of one that has come back, else what it is.

    Raises NotYetVisible where AWS does not show the account yet.
    """
    account_id = event.account_id
    known = gateways.table.account(account_id)
    if known is not None and known.status != "DEPARTED":
        return f"account {account_id} is known: it is {known.status}"
    found = gateways.organizations.account(account_id)
    if known is not None:
        return rejoin(known, time, gateways, event.method)
    if gateways.table.holder_of_email(found.email) is not None:
        return f"account {account_id} is that of a request: its vend goes on"
    details = {"name": found.name, "managed": False, "method": event.method, "time": time}
    gateways.events.publish("AccountJoined", request_id=None, account_id=account_id, details=details)
    return f"account {account_id} is not managed: it was told, and is left alone"


def controls_to_look_at(account: AccountRecord, gateways: Gateways) -> Iterator[str]:
    """Yield the controls of an account that are looked at one by one: all but those that the foundation keeps."""
    for name in gateways.catalog.account_type(account.type).controls:
        if name not in kept_by_foundation():
            yield name
