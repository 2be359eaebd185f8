"""trusted-services: AWS Organizations lets in the services that work for the whole organization.

Without trusted access a service cannot be told about all accounts at once, nor have a delegated administrator.
"""

from __future__ import annotations

from functools import partial

from avm.controls.control import DriftEvent, Grant
from avm.foundation.control import FoundationControl, FoundationReach, FoundationTarget, Look, Step

TRUSTED = {
    "access-analyzer.amazonaws.com": "analyzers that know who is outside the organization",
    "cloudtrail.amazonaws.com": "the organization trail",
    "config-multiaccountsetup.amazonaws.com": "conformance packs for OUs",
    "config.amazonaws.com": "the aggregator of all accounts",
    "guardduty.amazonaws.com": "membership of all accounts",
    "iam.amazonaws.com": "central management of root access",
    "securityhub.amazonaws.com": "membership of all accounts",
    "sso.amazonaws.com": "Identity Center, and its delegated administrator",
}
"""Service principal -> what for. What others have let in beside these is theirs."""


class TrustedServices(FoundationControl):
    """Which services have trusted access."""

    name = "trusted-services"
    promise = "AWS Organizations trusts every service that works for the whole organization here."
    duty = "shape_organization"
    needs = ("organization-features",)
    observe_grants = (Grant(("organizations:ListAWSServiceAccessForOrganization",)),)
    enforce_grants = (Grant(("organizations:EnableAWSServiceAccess",)),)
    drift_events = (DriftEvent("organizations.amazonaws.com", "DisableAWSServiceAccess"),)

    def look(self, target: FoundationTarget, reach: FoundationReach) -> Look:  # noqa: ARG002  the same everywhere
        """Look who is trusted."""
        trusted = reach.setup.trusted_services()
        steps = tuple(
            Step(
                "organizations:EnableAWSServiceAccess",
                f"trusted access of {principal}: {purpose}",
                partial(reach.setup.trust_service, principal),
                after=principal,
            )
            for principal, purpose in TRUSTED.items()
            if principal not in trusted
        )
        others = tuple(f"trusted access of {principal}" for principal in sorted(trusted - TRUSTED.keys()))
        return Look({"ListAWSServiceAccessForOrganization": sorted(trusted)}, steps, left_alone=others)
