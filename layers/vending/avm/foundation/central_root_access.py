"""central-root-access: root users of member accounts are managed from the management account, by IAM.

An account that is opened afterwards has no root credentials, and nobody can recover a password for it (IAM user guide,
"Centralize root access for member accounts"); so this comes before the first account. Of an account that was there
before, somebody deletes them in a root session.
"""

from __future__ import annotations

from functools import partial

from avm.aws.root_access import RootFeature
from avm.controls.control import DriftEvent, Grant
from avm.foundation.control import FoundationControl, FoundationReach, FoundationTarget, Look, Step

IAM = "iam.amazonaws.com"
FEATURES: dict[RootFeature, str] = {
    "RootCredentialsManagement": "EnableOrganizationsRootCredentialsManagement",
    "RootSessions": "EnableOrganizationsRootSessions",
}
"""Feature -> the operation that switches it on (botocore: FeatureType)."""


class CentralRootAccess(FoundationControl):
    """The features of IAM that are about root users."""

    name = "central-root-access"
    promise = "New accounts have no root credentials, and privileged root sessions are taken centrally."
    duty = "shape_organization"
    needs = ("trusted-services",)
    observe_grants = (Grant(("iam:ListOrganizationsFeatures", "organizations:ListDelegatedAdministrators")),)
    enforce_grants = (Grant(tuple(f"iam:{operation}" for operation in FEATURES.values())),)
    drift_events = tuple(
        DriftEvent(IAM, name)
        for name in ("DisableOrganizationsRootCredentialsManagement", "DisableOrganizationsRootSessions")
    )

    def look(self, target: FoundationTarget, reach: FoundationReach) -> Look:  # noqa: ARG002  the same everywhere
        """Look at the features, and who else may take root sessions."""
        enabled = reach.root_access.features()
        administrators = reach.setup.administrators(IAM)
        steps = tuple(
            Step(
                f"iam:{operation}",
                f"feature {feature} of IAM for the organization",
                partial(reach.root_access.enable, feature),
                after=feature,
            )
            for feature, operation in FEATURES.items()
            if feature not in enabled
        )
        return Look(
            {"ListOrganizationsFeatures": sorted(enabled), "ListDelegatedAdministrators": administrators},
            steps,
            left_alone=tuple(f"account {each} as administrator of {IAM}" for each in administrators),
        )
