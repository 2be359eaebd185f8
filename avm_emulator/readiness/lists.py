"""Lists of AWS Organizations show writes late: an account that was just created or moved is not where it is.

The emulator's own calls, and everything that asks for one thing by its id, see the present.
"""

from __future__ import annotations

import json
import threading
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from avm_emulator.boundary.protocol import error_code
from avm_emulator.organizations import Organization, organization_of
from avm_emulator.organizations.accounts import describe

if TYPE_CHECKING:
    from werkzeug import Response

    from avm_emulator.boundary import Call
    from avm_emulator.latencies import Latencies
    from avm_emulator.readiness.accounts import NewAccounts

LATENCY = "organizations:ListAccounts"
_MOVES = 10_000
"""Moves that are remembered: those of some seconds."""


@dataclass(frozen=True)
class _Move:
    account_id: str
    source: str
    time: float


class LateLists:
    """Stands around the calls of AWS Organizations."""

    def __init__(self, accounts: NewAccounts, latencies: Latencies) -> None:
        """``accounts`` says which are new, ``latencies`` how late lists are."""
        self._accounts = accounts
        self._latencies = latencies
        self._moves: deque[_Move] = deque(maxlen=_MOVES)
        self._lock = threading.Lock()

    def around(self, call: Call, proceed: Callable[[], Response]) -> Response:
        """Have a call answered; note a move, and let a list be late (a wrapper)."""
        response = proceed()
        if call.service != "organizations" or call.is_internal:
            return response
        if call.operation == "MoveAccount" and error_code(response, call.model, call.protocol) is None:
            with self._lock:
                self._moves.append(_Move(call.parameters["AccountId"], call.parameters["SourceParentId"], call.time))
        elif call.operation in _MEMBERS:
            self._delay(call, response)
        return response

    def _delay(self, call: Call, response: Response) -> None:
        organization = organization_of(call.account)
        if organization is None or error_code(response, call.model, call.protocol) is not None:
            return
        answer: dict[str, Any] = json.loads(response.get_data())
        member = _MEMBERS[call.operation]
        shown = list(self._shown(call, organization, answer[member], last="NextToken" not in answer))
        if shown != answer[member]:
            response.set_data(json.dumps({**answer, member: shown}))

    def _shown(
        self, call: Call, organization: Organization, found: list[dict[str, Any]], *, last: bool
    ) -> Iterator[dict[str, Any]]:
        """Yield what the list shows of what it found, and on its last page what it shows still."""
        parent = call.parameters.get("ParentId")
        late = self._latencies[LATENCY]
        moved_from = self._moved_from(call.time - late)
        for item in found:
            new = self._accounts.find(item["Id"])
            is_new = new is not None and call.time - new.created_at < late
            if not is_new and (parent is None or moved_from.get(item["Id"], parent) == parent):
                yield item
        if parent is None or not last or call.parameters.get("ChildType", "ACCOUNT") != "ACCOUNT":
            return
        for account in list(organization.members()):
            if moved_from.get(account.id) == parent != account.parent_id:
                is_child = call.operation == "ListChildren"
                yield {"Id": account.id, "Type": "ACCOUNT"} if is_child else describe(organization, account)

    def _moved_from(self, since: float) -> dict[str, str]:
        """Return where the accounts that have been moved since then stood then, by account id."""
        with self._lock:
            moves = [move for move in self._moves if move.time > since]
        return {move.account_id: move.source for move in reversed(moves)}


_MEMBERS = {"ListAccounts": "Accounts", "ListAccountsForParent": "Accounts", "ListChildren": "Children"}
"""The lists that are late, and the member of their answers that holds the items."""
