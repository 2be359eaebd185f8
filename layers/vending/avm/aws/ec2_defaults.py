"""What EC2 gives instances, snapshots and images of an account in one Region where their maker says nothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from avm.aws.errors import translated

BLOCKED_SNAPSHOTS = "block-all-sharing"
"""Nothing is public, what was made public before included (botocore: SnapshotBlockPublicAccessState)."""
BLOCKED_IMAGES = "block-new-sharing"
"""The one state of images that blocks (botocore: ImageBlockPublicAccessEnabledState)."""
REQUIRED = "required"
"""Instance metadata is told to who has a session token only: IMDSv2 (botocore: MetadataDefaultHttpTokensState)."""


@dataclass(frozen=True)
class Setting:
    """One setting of a Region."""

    state: str | None
    """In the API's words; None: nobody has said anything."""
    managed_by: str = "account"
    """``declarative-policy``: AWS Organizations decides, and EC2 refuses every change (botocore: ManagedBy)."""


class Ec2Defaults:
    """The settings, as they are and as they shall be."""

    def __init__(self, client: Any) -> None:
        """``client``: ``ec2`` of boto3, with the credentials of a session in the account."""
        self._client = client

    def metadata_tokens(self) -> Setting:
        """Return whether new instances tell metadata to sessions only."""
        with translated():
            level = self._client.get_instance_metadata_defaults()["AccountLevel"]
        return Setting(level.get("HttpTokens"), level.get("ManagedBy", "account"))

    def require_metadata_tokens(self) -> None:
        """Let new instances tell metadata to sessions only; what else is set stays (botocore)."""
        with translated():
            self._client.modify_instance_metadata_defaults(HttpTokens=REQUIRED)

    def snapshots(self) -> Setting:
        """Return how public access to EBS snapshots is blocked."""
        with translated():
            found = self._client.get_snapshot_block_public_access_state()
        return Setting(found["State"], found.get("ManagedBy", "account"))

    def block_snapshots(self) -> None:
        """Block all public access to EBS snapshots."""
        with translated():
            self._client.enable_snapshot_block_public_access(State=BLOCKED_SNAPSHOTS)

    def images(self) -> Setting:
        """Return whether public sharing of images is blocked; up to 10 minutes old (aws-semantics 4.5)."""
        with translated():
            found = self._client.get_image_block_public_access_state()
        return Setting(found["ImageBlockPublicAccessState"], found.get("ManagedBy", "account"))

    def block_images(self) -> None:
        """Block public sharing of images from now on; what is public already stays so (botocore)."""
        with translated():
            self._client.enable_image_block_public_access(ImageBlockPublicAccessState=BLOCKED_IMAGES)
