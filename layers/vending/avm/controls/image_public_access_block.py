"""image-public-access-block: no image of the account is made public any more.

EC2 shows a change up to 10 minutes late (aws-semantics 4.5): an event that comes sooner finds nothing, the sweep does.
"""

from __future__ import annotations

from avm.aws.ec2_defaults import BLOCKED_IMAGES, Ec2Defaults, Setting
from avm.controls.control import DriftEvent, Grant, Reach, Target
from avm.controls.ec2_default import Ec2Default
from avm.domain.finding import PlannedChange


class ImagePublicAccessBlock(Ec2Default):
    """New images have it so from birth on; one that is public already stays so."""

    name = "image-public-access-block"
    promise = "No image (AMI) of the account can be made public."
    look = "GetImageBlockPublicAccessState"
    call = "EnableImageBlockPublicAccess"
    wanted = BLOCKED_IMAGES
    settles_late = True
    observe_grants = (Grant(("ec2:GetImageBlockPublicAccessState",)),)
    enforce_grants = (Grant(("ec2:EnableImageBlockPublicAccess",)),)
    drift_events = (DriftEvent("ec2.amazonaws.com", "DisableImageBlockPublicAccess"),)

    def planned(self, target: Target, reach: Reach) -> list[PlannedChange]:  # noqa: ARG002  every control is asked alike
        """Return nothing: a new account shares no images (EC2 user guide)."""
        return []

    def setting(self, ec2: Ec2Defaults) -> Setting:
        """Return the setting as it is."""
        return ec2.images()

    def set(self, ec2: Ec2Defaults) -> None:
        """Make it what it should be."""
        ec2.block_images()
