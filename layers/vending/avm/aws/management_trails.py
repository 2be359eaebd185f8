"""CloudTrail in the management account: whether the organization has its trail."""

from __future__ import annotations

from avm.aws.broker import READ_TRAILS, Broker
from avm.aws.errors import translated
from avm.domain.foundation import TRAIL_NAME


class ManagementTrails:
    """The trails of the management account, in the home Region."""

    def __init__(self, broker: Broker) -> None:
        """``broker``: the way into the management account."""
        self._broker = broker

    def organization_trail_arn(self) -> str | None:
        """Return the ARN of the organization's trail; None where there is none.

        DescribeTrails lists it in its home Region (CloudTrail API reference).
        """
        with translated():
            trails = self._broker.cloudtrail(READ_TRAILS).describe_trails(includeShadowTrails=False)["trailList"]
        for trail in trails:
            if trail["Name"] == TRAIL_NAME and trail.get("IsOrganizationTrail"):
                arn: str = trail["TrailARN"]
                return arn
        return None
