"""s3-public-access-block: no bucket of the account can be made public."""

from __future__ import annotations

from avm.aws.s3_control import PublicAccess
from avm.controls.control import Control, DriftEvent, Grant, Reach, Target
from avm.domain.finding import Change, Finding

WANTED = dict.fromkeys(("BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets"), True)


class S3PublicAccessBlock(Control):
    """The account's block holds for every bucket in every Region, those of the future included."""

    name = "s3-public-access-block"
    promise = "S3 blocks public access to all buckets of the account."
    plane = "member"
    duty = "harden_account"
    observe_grants = (Grant(("s3:GetAccountPublicAccessBlock",)),)
    enforce_grants = (Grant(("s3:PutAccountPublicAccessBlock",)),)
    drift_events = (
        DriftEvent("s3.amazonaws.com", "DeleteAccountPublicAccessBlock"),
        DriftEvent("s3.amazonaws.com", "PutAccountPublicAccessBlock"),
    )

    def observe(self, target: Target, reach: Reach) -> Finding:
        """Look at the account's block; evidence: its settings, none where there is no block."""
        block = _public_access(target, reach).block()
        return self.finding(target, "compliant" if block == WANTED else "violated", GetPublicAccessBlock=dict(block))

    def enforce(self, target: Target, reach: Reach) -> list[Change]:
        """Put the whole block where a part of it is missing."""
        public_access = _public_access(target, reach)
        if public_access.block() == WANTED:
            return []
        public_access.put_block(WANTED)
        return [self.change("PutPublicAccessBlock", target.account.id)]


def _public_access(target: Target, reach: Reach) -> PublicAccess:
    return PublicAccess(reach.member().client("s3control"), target.account.id)
