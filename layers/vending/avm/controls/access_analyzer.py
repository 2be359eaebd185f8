"""access-analyzer: what the account shares with somebody outside the organization is found. Plane: security.

One analyzer of the organization in each Region covers every account, new ones at once; it is the foundation's.
"""

from __future__ import annotations

from avm.aws.access_analyzer import ORGANIZATION, Analyzers
from avm.controls.administration import ANALYZER_LOOKS, what_is_lacking
from avm.controls.control import Control, DriftEvent, Reach, Target
from avm.domain.errors import FoundationBehind
from avm.domain.finding import Change, Finding

ACTIVE = "ACTIVE"


class AccessAnalyzer(Control):
    """The organization's analyzer of one Region."""

    name = "access-analyzer"
    promise = "IAM Access Analyzer finds what the account shares with somebody outside the organization."
    plane = "security"
    scope = "region"
    duty = "enroll_security"
    foundation = ("security-account",)
    observe_grants = ANALYZER_LOOKS
    drift_events = (DriftEvent("access-analyzer.amazonaws.com", "DeleteAnalyzer"),)
    mode = "observe"
    kept_by_foundation = True

    def observe(self, target: Target, reach: Reach) -> Finding:
        """Look at the analyzers of the security account; evidence: those of the organization, and their state."""
        region = str(target.region)
        analyzers = Analyzers(reach.security(region), region)
        found = reach.once(("accessanalyzer", "ListAnalyzers", region), analyzers.all)
        shown = {name: each.status for name, each in found.items() if each.type == ORGANIZATION}
        status = "compliant" if ACTIVE in shown.values() else what_is_lacking(target)
        return self.finding(target, status, ListAnalyzers=shown or "there is none of the organization")

    def enforce(self, target: Target, reach: Reach) -> list[Change]:
        """Change nothing; raise FoundationBehind where there is none."""
        if self.observe(target, reach).status == "violated":
            message = f"the security account has no active analyzer of the organization in {target.region}"
            raise FoundationBehind(message)
        return []
