"""What the foundation does in the security account, in the role ``avm-security``: it sets up what all accounts get.

The foundation's controls declare it, and vending-roles puts it into the role.
"""

from __future__ import annotations

from avm.controls.control import Grant, Target

_HUB = "arn:{partition}:securityhub:{region}:{account}:hub/default"
_DETECTORS = "arn:{partition}:guardduty:{region}:{account}:detector/*"

GUARDDUTY_LOOKS = (
    # these take no resource (Service Authorization Reference)
    Grant(("guardduty:DescribeOrganizationConfiguration", "guardduty:ListDetectors"), plane="security"),
    Grant(("guardduty:GetDetector",), (_DETECTORS,), plane="security"),
)
GUARDDUTY_CHANGES = (Grant(("guardduty:UpdateOrganizationConfiguration",), plane="security"),)
SECURITY_HUB_LOOKS = (Grant(("securityhub:DescribeOrganizationConfiguration",), (_HUB,), plane="security"),)
SECURITY_HUB_CHANGES = (Grant(("securityhub:UpdateOrganizationConfiguration",), (_HUB,), plane="security"),)

ADMINISTRATION = (*GUARDDUTY_LOOKS, *GUARDDUTY_CHANGES, *SECURITY_HUB_LOOKS, *SECURITY_HUB_CHANGES)


def is_administrator(target: Target) -> bool:
    """Say whether the account is the one that administers the security services."""
    return target.account.id == target.foundation.security_account_id
