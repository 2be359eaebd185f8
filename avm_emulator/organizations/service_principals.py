"""The services that work with AWS Organizations, by the names under which it knows them.

Source: "AWS services that you can use with AWS Organizations" in the user guide. moto's own lists are those of 2022 and
lack, for example, IAM for trusted access and Security Hub for a delegated administrator. A name that is missing here is
refused as on AWS (UNRECOGNIZED_SERVICE_PRINCIPAL), so that a misspelt one is found.
"""

from __future__ import annotations

DELEGABLE = frozenset(
    f"{name}.amazonaws.com"
    for name in (
        "access-analyzer",
        "account",
        "auditmanager",
        "backup",
        "cloudtrail",
        "compute-optimizer",
        "config",
        "config-multiaccountsetup",
        "cost-optimization-hub.bcm",
        "detective",
        "devops-guru",
        "fms",
        "guardduty",
        "health",
        "iam",
        "inspector2",
        "ipam",
        "license-manager",
        "license-manager-linux-subscriptions",
        "macie",
        "member.org.stacksets.cloudformation",
        "mgn",
        "networkmanager",
        "notifications",
        "observabilityadmin",
        "private-marketplace.marketplace",
        "reachabilityanalyzer.networkinsights",
        "reporting.trustedadvisor",
        "resource-explorer-2",
        "security-ir",
        "securityhub",
        "securitylake",
        "servicecatalog",
        "ssm",
        "ssm-quicksetup",
        "sso",
        "storage-lens.s3",
    )
)
"""Services that a member account can administer."""

TRUSTED = DELEGABLE | frozenset(
    f"{name}.amazonaws.com"
    for name in (
        "agentless.inspector2",
        "aws-artifact-account-sync",
        "controltower",
        "ds",
        "ec2",
        "license-management.marketplace",
        "license-manager.member-account",
        "malware-protection.guardduty",
        "management.chatbot",
        "ram",
        "servicequotas",
        "stacksets.cloudformation",
        "tagpolicies.tag",
        "wellarchitected",
    )
)
"""Services to which the organization can give trusted access."""

ADMINISTRATORS = {
    "access-analyzer.amazonaws.com": 1,
    "cloudtrail.amazonaws.com": 3,
    "config-multiaccountsetup.amazonaws.com": 3,
    "sso.amazonaws.com": 1,
}
"""How many accounts may administer a service at once, where its user guide says so; of the others nothing is known here
(GuardDuty and Security Hub see to it themselves, in each Region)."""
