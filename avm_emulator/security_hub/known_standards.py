"""The standards that Security Hub CSPM offers, and which of them it switches on by itself."""

from __future__ import annotations

from dataclasses import dataclass

from moto.utilities.utils import get_partition


@dataclass(frozen=True)
class Standard:
    """A standard; its ARN names a Region, but for the oldest one."""

    path: str
    name: str
    description: str
    enabled_by_default: bool = False
    regional: bool = True

    def arn(self, region: str) -> str:
        """Return its ARN as it is called in a Region."""
        start = f"arn:{get_partition(region)}:securityhub:"
        return f"{start}{region}::standards/{self.path}" if self.regional else f"{start}::ruleset/{self.path}"


_CIS = "cis-aws-foundations-benchmark/v"
STANDARDS = (
    Standard(
        "aws-foundational-security-best-practices/v/1.0.0",
        "AWS Foundational Security Best Practices v1.0.0",
        "Deviations of accounts and resources from the security practices that AWS recommends.",
        enabled_by_default=True,
    ),
    Standard(
        f"{_CIS}/1.2.0",
        "CIS AWS Foundations Benchmark v1.2.0",
        "Security configuration of AWS accounts, second edition.",
        enabled_by_default=True,
        regional=False,
    ),
    Standard(f"{_CIS}/1.4.0", "CIS AWS Foundations Benchmark v1.4.0", "Security configuration of AWS accounts."),
    Standard(f"{_CIS}/3.0.0", "CIS AWS Foundations Benchmark v3.0.0", "Security configuration of AWS accounts."),
    Standard("nist-800-53/v/5.0.0", "NIST Special Publication 800-53 Revision 5", "Controls for information systems."),
    Standard("pci-dss/v/3.2.1", "PCI DSS v3.2.1", "Payment Card Industry Data Security Standard."),
    Standard("aws-resource-tagging-standard/v/1.0.0", "AWS Resource Tagging Standard v1.0.0", "Tags on resources."),
)
"""Source: user guide of Security Hub CSPM, standards reference; default ones: botocore, EnableSecurityHub."""

DEFAULT = tuple(standard for standard in STANDARDS if standard.enabled_by_default)
