"""What controls have in common that each hold one setting of EC2, in each governed Region. Plane: member.

AWS Organizations may hold it instead, by a declarative policy, which is seen and not fought (aws-semantics 4.1).
"""

from __future__ import annotations

from abc import abstractmethod
from typing import ClassVar

from avm.aws.ec2_defaults import Ec2Defaults, Setting
from avm.controls.control import Control, Reach, Target
from avm.domain.errors import ManagedElsewhere
from avm.domain.finding import Change, Finding

DECLARATIVE_POLICY = "declarative-policy"


class Ec2Default(Control):
    """One setting of EC2 in one Region."""

    plane = "member"
    scope = "region"
    duty = "harden_account"
    look: ClassVar[str]
    """The operation that shows the setting."""
    call: ClassVar[str]
    """The operation that changes it."""
    wanted: ClassVar[str]
    settles_late: ClassVar[bool] = False
    """Whether EC2 goes on showing the old state for minutes: what was asked for is then waited for, not asked again."""

    @abstractmethod
    def setting(self, ec2: Ec2Defaults) -> Setting:
        """Return the setting as it is."""

    @abstractmethod
    def set(self, ec2: Ec2Defaults) -> None:
        """Make it what it should be."""

    def observe(self, target: Target, reach: Reach) -> Finding:
        """Look at the setting; evidence: its state, and whose it is."""
        found = self.setting(_ec2(target, reach))
        shown = {self.look: {"State": found.state, "ManagedBy": found.managed_by}}
        if found.state == self.wanted:
            return self.finding(target, "compliant", **shown)
        return self.finding(target, "pending" if target.operation_id == self.call else "violated", **shown)

    def enforce(self, target: Target, reach: Reach) -> list[Change]:
        """Set it where it is not set; raise ManagedElsewhere where a policy of the organization holds it otherwise."""
        ec2 = _ec2(target, reach)
        found = self.setting(ec2)
        if found.state == self.wanted:
            return []
        if found.managed_by == DECLARATIVE_POLICY:
            message = f"{self.name}: a declarative policy of the organization holds {target.region} at {found.state}"
            raise ManagedElsewhere(message)
        self.set(ec2)
        return [self.change(self.call, str(target.region), self.call if self.settles_late else None)]


def _ec2(target: Target, reach: Reach) -> Ec2Defaults:
    return Ec2Defaults(reach.member(target.region).client("ec2"))
