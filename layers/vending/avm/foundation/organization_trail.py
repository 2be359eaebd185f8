"""organization-trail: one trail logs the management events of all accounts, in all Regions, into the log archive.

It belongs to the management account, and new accounts are covered from their first call. Trails of others are theirs.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial

from avm.aws.cloudtrail import logs_management_events
from avm.aws.log_archive import ALIAS, LogArchive
from avm.aws.management_trails import TrailSettings
from avm.controls.control import DriftEvent, Grant
from avm.domain.errors import FoundationBehind
from avm.domain.foundation import TRAIL_NAME, Foundation
from avm.foundation.control import FoundationControl, FoundationReach, FoundationTarget, Look, Step


class OrganizationTrail(FoundationControl):
    """The trail of the organization."""

    name = "organization-trail"
    promise = (
        "One trail logs all management events of all accounts in all Regions into the log archive, validated and "
        "encrypted with its key."
    )
    duty = "prepare_logging"
    needs = ("log-archive-account", "trusted-services")
    foundation = ("log-archive",)
    observe_grants = (
        Grant(("cloudtrail:DescribeTrails", "cloudtrail:GetEventSelectors", "cloudtrail:GetTrailStatus")),
        Grant(("kms:DescribeKey",), plane="member"),  # which log-archive-stores is granted there
    )
    enforce_grants = (
        Grant(
            (
                "cloudtrail:CreateTrail",
                "cloudtrail:PutEventSelectors",
                "cloudtrail:StartLogging",
                "cloudtrail:UpdateTrail",
            )
        ),
    )
    drift_events = tuple(
        DriftEvent("cloudtrail.amazonaws.com", name)
        for name in ("DeleteTrail", "PutEventSelectors", "StopLogging", "UpdateTrail")
    )

    def look_early(self, reach: FoundationReach) -> Look:
        """Look at the trails that are there before the log archive is."""
        trails = reach.trails.trails()
        shown = {"DescribeTrails": {name: settings.shown() for name, settings in trails.items()}}
        return Look(shown, left_alone=_of_others(trails))

    def look(self, target: FoundationTarget, reach: FoundationReach) -> Look:
        """Look at the trails of the management account's home Region."""
        trails = reach.trails.trails()
        found, wanted = trails.get(TRAIL_NAME), _wanted(target.foundation, reach)
        selectors = reach.trails.event_selectors(TRAIL_NAME) if found else {}
        steps: list[Step] = []
        if found is None:
            steps.append(_step("cloudtrail:CreateTrail", partial(reach.trails.create, wanted), None, wanted))
        elif found != wanted:
            steps.append(_step("cloudtrail:UpdateTrail", partial(reach.trails.update, wanted), found, wanted))
        if found is not None and not logs_management_events(selectors):
            act = partial(reach.trails.log_all_management_events, TRAIL_NAME)
            subject, after = f"events of trail {TRAIL_NAME}", "every management event"
            steps.append(Step("cloudtrail:PutEventSelectors", subject, act, selectors, after))
        if found is None or not reach.trails.is_logging(TRAIL_NAME):
            start = partial(reach.trails.start, TRAIL_NAME)
            steps.append(Step("cloudtrail:StartLogging", f"trail {TRAIL_NAME}", start, "it does not log", "it logs"))
        return Look(
            {
                "DescribeTrails": {name: settings.shown() for name, settings in trails.items()},
                "GetEventSelectors": selectors,
            },
            tuple(steps),
            left_alone=_of_others(trails),
        )


def _of_others(trails: Iterable[str]) -> tuple[str, ...]:
    return tuple(f"trail {name}" for name in sorted(trails) if name != TRAIL_NAME)


def _wanted(foundation: Foundation, reach: FoundationReach) -> TrailSettings:
    archive = str(foundation.log_archive_account_id)
    key = LogArchive(reach.log_archive(foundation.home_region), foundation.home_region, archive).key()
    if key is None:
        message = f"account {archive} has no key {ALIAS}: 'avm repair {archive} log-archive-stores', then apply again"
        raise FoundationBehind(message)
    return TrailSettings(
        name=TRAIL_NAME,
        bucket=foundation.trail_bucket,
        key=key,
        is_organization_trail=True,
        is_multi_region=True,
        validates_log_files=True,
    )


def _step(operation: str, act: partial[None], before: TrailSettings | None, after: TrailSettings) -> Step:
    return Step(operation, f"trail {TRAIL_NAME}", act, before.shown() if before else None, after.shown())
