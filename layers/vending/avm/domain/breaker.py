"""The circuit breaker: so many repairs an hour, then somebody has to look (aws-semantics 9.2).

Two reconcilers that undo each other's work are a loop that no look at one's own calls sees: counting does.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import timedelta
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from avm.domain.catalog_model import CatalogModel
from avm.domain.time import from_iso

WINDOW = timedelta(hours=1)
MACHINE = "machine"
"""The scope of everything; others are ``ACCOUNT`` and ``ACCOUNT/CONTROL``."""


class RepairLimits(CatalogModel):
    """Repairs within an hour after which the breaker opens."""

    control: Annotated[int, Field(ge=1, le=1000)] = Field(
        default=5, description="Of one control of one account; more often somebody undoes them."
    )
    account: Annotated[int, Field(ge=1, le=1000)] = Field(default=30, description="In one account.")
    # Each repair of the last hour is some 250 bytes of one item, and DynamoDB takes 400 KB
    machine: Annotated[int, Field(ge=1, le=1000)] = Field(default=300, description="In all accounts.")


class Repair(BaseModel):
    """One repair that was let through."""

    model_config = ConfigDict(frozen=True)

    run: str
    """Its execution's name: asked again, it is the same repair."""
    account_id: str
    control: str
    time: str
    actor: str = ""
    """Whose call has made it necessary, where that is known."""


class Opening(BaseModel):
    """Why repairs of a scope are stopped."""

    model_config = ConfigDict(frozen=True)

    since: str
    reason: str


class Breaker(BaseModel):
    """What was repaired in the last hour, and what is stopped until an operator says otherwise."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    repairs: tuple[Repair, ...] = ()
    open: Mapping[str, Opening] = Field(default_factory=dict)

    def admit(self, wanted: Repair, limits: RepairLimits) -> tuple[Breaker, Opening | None]:
        """Return the breaker with the repair, and None; else what stops the repair, which may be new."""
        scopes = (MACHINE, wanted.account_id, f"{wanted.account_id}/{wanted.control}")
        for scope in scopes:
            if scope in self.open:
                return self, self.open[scope]
        if any(repair.run == wanted.run for repair in self.repairs):
            return self, None
        recent = tuple(r for r in self.repairs if from_iso(wanted.time) - from_iso(r.time) < WINDOW)
        for scope, most in zip(scopes, (limits.machine, limits.account, limits.control), strict=True):
            counted = [repair for repair in recent if _is_in(repair, scope)]
            if len(counted) >= most:
                opening = Opening(since=wanted.time, reason=_reason(counted, wanted))
                return Breaker(repairs=recent, open={**self.open, scope: opening}), opening
        return Breaker(repairs=(*recent, wanted), open=self.open), None

    def stopped(self, scope: str, opening: Opening) -> Breaker:
        """Return the breaker as an operator has opened it."""
        return self.model_copy(update={"open": {**self.open, scope: opening}})

    def reset(self, scope: str | None) -> Breaker:
        """Return the breaker closed, and the count of the scope begun anew; None: all of it."""
        if scope is None:
            return Breaker()
        kept = tuple(repair for repair in self.repairs if not _is_in(repair, scope))
        return Breaker(repairs=kept, open={name: each for name, each in self.open.items() if name != scope})


def _is_in(repair: Repair, scope: str) -> bool:
    return scope in {MACHINE, repair.account_id, f"{repair.account_id}/{repair.control}"}


def _reason(counted: list[Repair], wanted: Repair) -> str:
    actors = Counter(repair.actor for repair in (*counted, wanted) if repair.actor)
    who = ", ".join(f"{actor} ({times})" for actor, times in actors.most_common(3)) or "nobody is known"
    return f"{len(counted)} repairs within an hour; who made them necessary: {who}"
