"""instance-metadata-defaults: a new instance gives metadata and credentials to sessions only (IMDSv2)."""

from __future__ import annotations

from avm.aws.ec2_defaults import REQUIRED, Ec2Defaults, Setting
from avm.controls.control import DriftEvent, Grant
from avm.controls.ec2_default import Ec2Default


class InstanceMetadataDefaults(Ec2Default):
    """The account's default for new instances; those that run, and those whose maker says otherwise, stay so."""

    name = "instance-metadata-defaults"
    promise = "New EC2 instances tell their metadata to sessions only (IMDSv2)."
    look = "GetInstanceMetadataDefaults"
    call = "ModifyInstanceMetadataDefaults"
    wanted = REQUIRED
    observe_grants = (Grant(("ec2:GetInstanceMetadataDefaults",)),)
    enforce_grants = (Grant(("ec2:ModifyInstanceMetadataDefaults",)),)
    drift_events = (DriftEvent("ec2.amazonaws.com", "ModifyInstanceMetadataDefaults"),)

    def setting(self, ec2: Ec2Defaults) -> Setting:
        """Return the setting as it is."""
        return ec2.metadata_tokens()

    def set(self, ec2: Ec2Defaults) -> None:
        """Make it what it should be."""
        ec2.require_metadata_tokens()
