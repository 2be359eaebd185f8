"""What GuardDuty and Security Hub have in common: the security account administers them, Region by Region."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import replace
from functools import partial
from typing import ClassVar

from avm.aws.designations import SecurityService
from avm.foundation.control import FoundationControl, FoundationDuty, FoundationReach, FoundationTarget, Look, Step


class DesignatedAdministration(FoundationControl):
    """A service that the management account puts into the hands of the security account, in each governed Region."""

    service: ClassVar[SecurityService]
    title: ClassVar[str]
    """Its name, for people."""
    duty: ClassVar[FoundationDuty] = "prepare_security"
    needs = ("security-account", "trusted-services")
    foundation = ("security-account",)

    @abstractmethod
    def look_as_administrator(self, region: str, reach: FoundationReach) -> Look:
        """Look at what the security account, which administers the service in a Region, has set up there."""

    @abstractmethod
    def set_up(self, region: str, reach: FoundationReach) -> Step:
        """Return what the security account has to do in a Region as soon as it is designated."""

    def look(self, target: FoundationTarget, reach: FoundationReach) -> Look:
        """Look at each governed Region, first as the management account, then as the administrator."""
        security = str(target.foundation.security_account_id)
        return Look.at_all(
            {region: self._look_in(region, security, reach) for region in target.catalog.governed_regions}
        )

    def _look_in(self, region: str, security: str, reach: FoundationReach) -> Look:
        administrators = reach.designations.administrators(self.service, region)
        shown = {"ListOrganizationAdminAccounts": administrators}
        if security in administrators:
            seen = self.look_as_administrator(region, reach)
            return replace(seen, shown={**shown, **seen.shown})
        if administrators:
            todo = (
                f"Account {administrators[0]} administers {self.title} in {region}, and AWS admits one: withdraw it "
                f"there in the management account, or make it the security account (tag avm:type = security)."
            )
            return Look(shown, by_hand=(todo,))
        subject = f"account {security} as administrator of {self.title} in {region}"
        designate = partial(reach.designations.designate, self.service, region, security)
        step = Step(f"{self.service}:EnableOrganizationAdminAccount", subject, designate, after=security)
        return Look(shown, (step, self.set_up(region, reach)))
