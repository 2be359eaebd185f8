"""snapshot-public-access-block: no EBS snapshot of the account is public."""

from __future__ import annotations

from avm.aws.ec2_defaults import BLOCKED_SNAPSHOTS, Ec2Defaults, Setting
from avm.controls.control import DriftEvent, Grant
from avm.controls.ec2_default import Ec2Default


class SnapshotPublicAccessBlock(Ec2Default):
    """The block hides what was public before, too: whoever should read it is named."""

    name = "snapshot-public-access-block"
    promise = "No EBS snapshot of the account can be read by everybody."
    look = "GetSnapshotBlockPublicAccessState"
    call = "EnableSnapshotBlockPublicAccess"
    wanted = BLOCKED_SNAPSHOTS
    observe_grants = (Grant(("ec2:GetSnapshotBlockPublicAccessState",)),)
    enforce_grants = (Grant(("ec2:EnableSnapshotBlockPublicAccess",)),)
    drift_events = tuple(
        DriftEvent("ec2.amazonaws.com", name)
        for name in ("DisableSnapshotBlockPublicAccess", "EnableSnapshotBlockPublicAccess")
    )

    def setting(self, ec2: Ec2Defaults) -> Setting:
        """Return the setting as it is."""
        return ec2.snapshots()

    def set(self, ec2: Ec2Defaults) -> None:
        """Make it what it should be."""
        ec2.block_snapshots()
