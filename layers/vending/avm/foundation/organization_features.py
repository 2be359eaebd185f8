"""organization-features: the organization has all features, not consolidated billing only.

One bill comes with both feature sets: it goes to the management account, and no API takes that away or tells more.

Nothing else here works without them. They cannot be taken back, and every invited account has to agree: that is
somebody's decision, not the machine's.
"""

from __future__ import annotations

from avm.controls.control import Grant
from avm.foundation.control import FoundationControl, FoundationReach, FoundationTarget, Look

ALL = "ALL"


class OrganizationFeatures(FoundationControl):
    """The feature set."""

    name = "organization-features"
    promise = "The organization has all features of AWS Organizations."
    duty = "shape_organization"
    observe_grants = (Grant(("organizations:DescribeOrganization",)),)

    def look(self, target: FoundationTarget, reach: FoundationReach) -> Look:  # noqa: ARG002  the target tells it
        """Look at the feature set; where it is not all, say who has to do what."""
        feature_set = target.organization.feature_set
        shown = {"DescribeOrganization": {"Id": target.organization.id, "FeatureSet": feature_set}}
        if feature_set == ALL:
            return Look(shown)
        todo = (
            "The organization has consolidated billing only. In the management account: AWS Organizations console, "
            "Settings, 'Begin process to enable all features'. It cannot be undone, and every invited account has to "
            "accept it."
        )
        return Look(shown, by_hand=(todo,))
