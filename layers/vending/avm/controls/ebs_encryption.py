"""ebs-encryption: every new EBS volume in a governed Region is encrypted, whatever its maker says."""

from __future__ import annotations

from avm.aws.ec2 import Ec2
from avm.controls.control import Control, DriftEvent, Grant, Reach, Target
from avm.domain.finding import Change, Finding


class EbsEncryption(Control):
    """The account's default key encrypts; volumes that exist already stay as they are."""

    name = "ebs-encryption"
    promise = "New EBS volumes are encrypted by default."
    plane = "member"
    scope = "region"
    duty = "harden_account"
    observe_grants = (Grant(("ec2:GetEbsEncryptionByDefault",)),)
    enforce_grants = (Grant(("ec2:EnableEbsEncryptionByDefault",)),)
    drift_events = (DriftEvent("ec2.amazonaws.com", "DisableEbsEncryptionByDefault"),)

    def observe(self, target: Target, reach: Reach) -> Finding:
        """Look at the Region's setting; evidence: what it is."""
        encrypts = _ec2(target, reach).encrypts_volumes()
        evidence = {"EbsEncryptionByDefault": encrypts}
        return self.finding(target, "compliant" if encrypts else "violated", GetEbsEncryptionByDefault=evidence)

    def enforce(self, target: Target, reach: Reach) -> list[Change]:
        """Switch it on where it is off."""
        ec2 = _ec2(target, reach)
        if ec2.encrypts_volumes():
            return []
        ec2.encrypt_volumes()
        return [self.change("EnableEbsEncryptionByDefault", str(target.region))]


def _ec2(target: Target, reach: Reach) -> Ec2:
    return Ec2(reach.member(target.region).client("ec2"))
