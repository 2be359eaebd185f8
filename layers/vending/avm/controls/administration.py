"""What the foundation does in the security account, in the role ``avm-security``: it sets up what all accounts get.

The foundation's controls declare it, and vending-roles puts it into the role.
"""

from __future__ import annotations

from avm.controls.control import Grant, Target
from avm.domain.finding import Verdict
from avm.domain.foundation import AGGREGATOR_ROLE, ANALYZER_NAME, FOUNDATIONAL_TYPES, TOOLING_TYPE
from avm.domain.trust import VENDING_PATH

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
ANALYZER_LOOKS = (Grant(("access-analyzer:ListAnalyzers",), plane="security"),)  # takes no resource either
ANALYZER_CHANGES = (
    Grant(
        ("access-analyzer:CreateAnalyzer",),
        (f"arn:{{partition}}:access-analyzer:{{region}}:{{account}}:analyzer/{ANALYZER_NAME}",),
        plane="security",
    ),
    # Access Analyzer's own role, which the first analyzer of an account makes
    Grant(
        ("iam:CreateServiceLinkedRole",),
        ("arn:{partition}:iam::{account}:role/aws-service-role/access-analyzer.amazonaws.com/*",),
        plane="security",
    ),
)
# an aggregator's ARN holds an id that AWS gives it
_AGGREGATORS = "arn:{partition}:config:{region}:{account}:config-aggregator/*"
AGGREGATOR_LOOKS = (
    Grant(("config:DescribeConfigurationAggregators",), plane="security"),  # takes no resource either
    Grant(("config:DescribeConfigurationAggregatorSourcesStatus",), (_AGGREGATORS,), plane="security"),
)
AGGREGATOR_CHANGES = (
    Grant(("config:PutConfigurationAggregator",), (_AGGREGATORS,), plane="security"),
    Grant(
        ("iam:PassRole",),
        (f"arn:{{partition}}:iam::{{account}}:role{VENDING_PATH}{AGGREGATOR_ROLE}",),
        plane="security",
    ),
)
# a pack's id begins with its name, and ends with letters of AWS's own; those of others have other names
_PACKS = "arn:{partition}:config:{region}:{account}:organization-conformance-pack/avm-*"
PACK_LOOKS = (
    Grant(
        # these take no resource
        ("config:DescribeOrganizationConformancePackStatuses", "config:DescribeOrganizationConformancePacks"),
        plane="security",
    ),
    Grant(("config:GetOrganizationConformancePackDetailedStatus",), (_PACKS,), plane="security"),
)
PACK_CHANGES = (
    Grant(
        ("config:DeleteOrganizationConformancePack", "config:PutOrganizationConformancePack"),
        (_PACKS,),
        plane="security",
    ),
    # Config looks, as its caller, whether that one is the administrator (botocore, both operations)
    Grant(("organizations:ListDelegatedAdministrators",), plane="security"),
    # Config's own role, which the first pack of an account makes
    Grant(
        ("iam:CreateServiceLinkedRole",),
        ("arn:{partition}:iam::{account}:role/aws-service-role/config-multiaccountsetup.amazonaws.com/*",),
        plane="security",
    ),
)

ADMINISTRATION = (
    *(*GUARDDUTY_LOOKS, *GUARDDUTY_CHANGES, *SECURITY_HUB_LOOKS, *SECURITY_HUB_CHANGES),
    *(*ANALYZER_LOOKS, *ANALYZER_CHANGES, *AGGREGATOR_LOOKS, *AGGREGATOR_CHANGES, *PACK_LOOKS, *PACK_CHANGES),
)

FINDINGS = (
    Grant(
        ("securityhub:BatchImportFindings",),
        ("arn:{partition}:securityhub:{region}:{account}:product/{account}/default",),
        plane="security",
    ),
    Grant(("securityhub:BatchUpdateFindings",), (_HUB,), plane="security"),
)
"""What report_finding does there."""


def is_administrator(target: Target) -> bool:
    """Say whether the account is the one that administers the security services."""
    return target.account.id == target.foundation.security_account_id


def what_is_lacking(target: Target) -> Verdict:
    """Return what it means that something of the foundation is not there: its own accounts are made before it."""
    return "deferred" if is_of_foundation(target) else "violated"


def is_of_foundation(target: Target) -> bool:
    """Say whether the account is one of those that the foundation is made of."""
    return target.account_type.name in (*FOUNDATIONAL_TYPES, TOOLING_TYPE)
