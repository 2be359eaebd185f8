"""New accounts: not usable before their time, in the words of each service, and late in the lists of Organizations.

Accounts that the emulator's own key creates (its preparation, and tests that only want an account) are ready at once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from avm_emulator.context import Emulator

__all__ = ["install"]


def install(emulator: Emulator) -> None:
    """Refuse what comes too early, before anything else looks at it."""
    # moto's parts must be imported in the engine's order.
    from avm_emulator.readiness.accounts import NewAccounts  # noqa: PLC0415
    from avm_emulator.readiness.gate import Gate  # noqa: PLC0415
    from avm_emulator.readiness.lists import LateLists  # noqa: PLC0415

    accounts = NewAccounts()
    emulator.boundary.interceptors.insert(0, Gate(accounts, emulator.latencies).refuse)
    emulator.boundary.wrappers.append(accounts.note_creator)
    emulator.boundary.wrappers.append(LateLists(accounts, emulator.latencies).around)
