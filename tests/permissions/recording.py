"""A recording: what roles have needed in all drives, and what they may do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from avm.domain.trust import VENDING_PATH
from tests.faults.world import ENDED, Journey, World
from tests.permissions.drives import DRIVES, Drive
from tests.permissions.explained import Reason, explain
from tests.permissions.granted import Grant, Roles
from tests.permissions.observed import Need, Observer

VENDING = ("avm-enforce", "avm-observe")


@dataclass(frozen=True)
class Recording:
    """What was granted, needed, and why."""

    grants: Sequence[Grant]
    needs: Mapping[Need, Sequence[str]]
    """Need -> the drives that have shown it, in their order."""
    refused: Mapping[Need, str]
    """What policies have refused to a function or a state machine -> the drive."""
    journeys: Sequence[Journey]

    def reasons(self) -> dict[Grant, Reason]:
        """Return why each grant is there."""
        return explain(self.grants, list(self.needs))


def record(world: World, drives: Sequence[Drive] = DRIVES) -> Recording:
    """Drive everything, bring each request to its end, and read what roles may do.

    The schedule sweeps in the drive that is for it alone: what it needs would be any other drive's by chance.

    Raises RuntimeError where a request does not come to its end: then the recording is worth nothing.
    """
    observer = Observer()
    world.machine.sweep_by_schedule(on=False)
    journeys: list[Journey] = []
    for drive in drives:
        with observer.looking(world, drive.name):
            mine = drive.run(world, drive.name)
            for journey in mine:
                journey.refusals.clear()
                world.bring_home(journey)
            world.rest()  # what the watchdog does for this drive is not the next one's
        journeys += mine
    lost = [f"{each.request_id}: {each.statuses} {each.last}" for each in journeys if each.status not in ENDED]
    if lost:
        raise RuntimeError(f"these have not come to their end: {lost}")
    expected = {drive.name for drive in drives if drive.refuses}
    told = ((need, drive) for need, drive in observer.refused.items() if drive not in expected)
    refused = {need: drive for need, drive in told if need.source.startswith("avm-")}
    return Recording(grants_of(world, journeys), observer.needs, refused, journeys)


BROKEN = "repaired"
"""The drive in which everything in an account is broken, and repaired."""


def grants_of(world: World, journeys: Sequence[Journey]) -> list[Grant]:
    """Return what the roles of the stacks may do, and the machine's own roles in an account that it has made."""
    roles = Roles(world)
    broken = (
        each for each in journeys if each.request_id.startswith(BROKEN)
    )  # what no new account needs, it has needed
    ready = next(each.last for each in broken if each.last and each.status == "READY")
    vending = [f"arn:aws:iam::{ready['account_id']}:role{VENDING_PATH}{name}" for name in VENDING]
    return [grant for arn in (*roles.own(), *vending) for grant in roles.grants(arn)]
