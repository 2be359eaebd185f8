"""guardduty-administration: the security account administers GuardDuty and enrols all accounts, Region by Region.

Where a policy of AWS Organizations decides what is on in accounts (aws-semantics 4.1), that is left to it.
"""

from __future__ import annotations

from functools import partial

from avm.aws.guardduty import GuardDuty
from avm.controls.administration import GUARDDUTY_CHANGES, GUARDDUTY_LOOKS
from avm.controls.control import DriftEvent, Grant
from avm.domain.errors import NotYetVisible
from avm.foundation.control import FoundationReach, Look, Step
from avm.foundation.designated import DesignatedAdministration

ALL = "ALL"


class GuardDutyAdministration(DesignatedAdministration):
    """Who administers GuardDuty, and whom it enrols."""

    name = "guardduty-administration"
    promise = "The security account administers GuardDuty in every governed Region, and all accounts are enrolled."
    service = "guardduty"
    title = "GuardDuty"
    observe_grants = (Grant(("guardduty:ListOrganizationAdminAccounts",)), *GUARDDUTY_LOOKS)
    enforce_grants = (Grant(("guardduty:EnableOrganizationAdminAccount",)), *GUARDDUTY_CHANGES)
    drift_events = tuple(
        DriftEvent("guardduty.amazonaws.com", name)
        for name in ("DeleteDetector", "DisableOrganizationAdminAccount", "UpdateOrganizationConfiguration")
    )

    def look_as_administrator(self, region: str, reach: FoundationReach) -> Look:
        """Look whom the administrator enrols."""
        guardduty = GuardDuty(reach.security(region), region)
        detector_id = guardduty.find_detector()
        if detector_id is None:  # AWS makes it once the administrator is designated
            return Look({"ListDetectors": []}, waits_for=(f"the administrator's detector in {region}",))
        enrols = guardduty.enrols(detector_id)
        shown = {"DescribeOrganizationConfiguration": {"AutoEnableOrganizationMembers": enrols}}
        if guardduty.is_managed_by_policy(detector_id):
            return Look(shown, left_alone=(f"GuardDuty in {region}: a policy of AWS Organizations decides",))
        return Look(shown, () if enrols == ALL else (_step(region, reach, enrols),))

    def set_up(self, region: str, reach: FoundationReach) -> Step:
        """Return the step that enrols all accounts."""
        return _step(region, reach, None)


def _step(region: str, reach: FoundationReach, before: str | None) -> Step:
    act = partial(_enrol_all, region, reach)
    return Step("guardduty:UpdateOrganizationConfiguration", f"GuardDuty of all accounts in {region}", act, before, ALL)


def _enrol_all(region: str, reach: FoundationReach) -> None:
    guardduty = GuardDuty(reach.security(region), region)
    detector_id = guardduty.find_detector()
    if detector_id is None:
        message = f"the security account has no GuardDuty detector in {region} yet"
        raise NotYetVisible(message)
    guardduty.enrol_all(detector_id)
