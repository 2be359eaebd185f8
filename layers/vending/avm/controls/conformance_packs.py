"""conformance-packs: AWS Config judges the account by the rules of its OU. Plane: security.

The packs are the organization's, deployed into every account that joins; the foundation keeps them.
"""

from __future__ import annotations

from avm.aws.organization_packs import OrganizationPacks
from avm.controls.administration import PACK_LOOKS, is_of_foundation
from avm.controls.control import Control, DriftEvent, Reach, Target
from avm.domain.conformance_pack import ConformancePack
from avm.domain.errors import FoundationBehind
from avm.domain.finding import Change, Finding, Verdict

NOT_THERE = "there is no such pack"
NOT_YET = "not deployed yet"


class ConformancePacks(Control):
    """The packs of the account's OU in one Region."""

    name = "conformance-packs"
    promise = "AWS Config judges the account by the conformance packs of its OU."
    plane = "security"
    scope = "region"
    duty = "enroll_security"
    needs = ("config-recorder",)  # a pack comes only where AWS Config records
    foundation = ("security-account",)
    observe_grants = PACK_LOOKS
    drift_events = tuple(
        DriftEvent("config.amazonaws.com", name)
        for name in ("DeleteConformancePack", "DeleteOrganizationConformancePack")
    )
    mode = "observe"
    kept_by_foundation = True
    blocks_ready = False  # AWS names no time in which a pack comes into a new account
    deadline_seconds = 86400

    def observe(self, target: Target, reach: Reach) -> Finding:
        """Look how far each pack is in the account; evidence: pack -> state."""
        region = str(target.region)
        packs = OrganizationPacks(reach.security(region), region)
        there = reach.once(("config", "DescribeOrganizationConformancePacks", region), packs.all)
        shown = {
            pack.aws_name: packs.status_in(pack.aws_name, target.account.id) or NOT_YET
            if pack.aws_name in there
            else NOT_THERE
            for pack in _wanted(target)
        }
        evidence = {"GetOrganizationConformancePackDetailedStatus": shown or "the OU has none here"}
        return self.finding(target, _verdict(shown, target), **evidence)

    def enforce(self, target: Target, reach: Reach) -> list[Change]:
        """Change nothing; raise FoundationBehind where a pack is not there."""
        found = self.observe(target, reach)
        if found.status == "violated":
            message = f"conformance packs in {target.region}: {found.evidence}"
            raise FoundationBehind(message)
        return []


def _wanted(target: Target) -> list[ConformancePack]:
    catalog = target.catalog
    return [
        pack
        for pack in catalog.conformance_packs.values()
        if target.account_type.ou in catalog.ous_judged_by(pack.name)
        and (pack.regions == "governed" or target.region == catalog.organization.home_region)
    ]


def _verdict(shown: dict[str, str], target: Target) -> Verdict:
    states = set(shown.values())
    if NOT_THERE in states or any(state.startswith("DELETE_") for state in states):
        # the packs come when the foundation's own accounts are READY, so these are not held up by them
        return "pending" if is_of_foundation(target) else "violated"
    # AWS tries again by itself where a pack has failed in a new account; where it has given up, the foundation tells
    return "compliant" if all(state.endswith("_SUCCESSFUL") for state in states) else "pending"
