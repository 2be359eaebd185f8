"""Which accounts are new, and for how long."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from avm_emulator.boundary.protocol import error_code
from avm_emulator.organizations import organization_of

if TYPE_CHECKING:
    from werkzeug import Response

    from avm_emulator.boundary import Call


@dataclass(frozen=True)
class NewAccount:
    """An account that CreateAccount has made."""

    number: int
    """Which creation of its organization it is, from 0: the same in each run, as account ids are not."""
    created_at: float
    """When its creation succeeded, AWS epoch seconds."""


class NewAccounts:
    """The accounts of all organizations by id; what the emulator itself creates (its preparation) is ready at once."""

    def __init__(self) -> None:
        """Begin without accounts."""
        self._known: dict[str, NewAccount | None] = {}
        self._ready_at_once: set[str] = set()
        self._lock = threading.Lock()

    def note_creator(self, call: Call, proceed: Callable[[], Response]) -> Response:
        """Have a call answered; note creations that the emulator itself has started (a wrapper)."""
        response = proceed()
        if call.is_internal and (call.service, call.operation) == ("organizations", "CreateAccount"):
            organization = organization_of(call.account)
            if organization is not None and error_code(response, call.model, call.protocol) is None:
                with self._lock:
                    self._ready_at_once.add(json.loads(response.get_data())["CreateAccountStatus"]["Id"])
        return response

    def find(self, account_id: str) -> NewAccount | None:
        """Return an account, unless it is no member of an organization, or was not created, or is ready at once."""
        with self._lock:
            if account_id not in self._known and account_id.isdecimal():
                self._look_for(account_id)
            return self._known.get(account_id)

    def _look_for(self, account_id: str) -> None:
        organization = organization_of(account_id)
        if organization is None:
            return  # it may come to be a member
        found = None
        for number, creation in enumerate(list(organization.creations.values())):
            if creation.account_id == account_id and creation.completed_at is not None:
                found = NewAccount(number, creation.completed_at) if creation.id not in self._ready_at_once else None
        self._known[account_id] = found
