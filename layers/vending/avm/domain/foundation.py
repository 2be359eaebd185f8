"""What the organization has for all its accounts: the foundation that controls rest on."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict

LOG_ARCHIVE_TYPE = "log-archive"
SECURITY_TYPE = "security"
SHARED_SERVICES_TYPE = "shared-services"
TOOLING_TYPE = "tooling"
"""Of the account that the machine itself runs in: it is adopted when all others stand."""
FOUNDATIONAL_TYPES = (LOG_ARCHIVE_TYPE, SECURITY_TYPE, SHARED_SERVICES_TYPE)
"""Account types whose one account is part of the foundation, in the order in which they are vended."""

TRAIL_NAME = "avm-organization-trail"
ANALYZER_NAME = "avm-organization"
"""Of IAM Access Analyzer, in each governed Region of the security account."""
AGGREGATOR_NAME = "avm-organization"
AGGREGATOR_ROLE = "avm-config-aggregator"
"""In which AWS Config asks AWS Organizations, as the security account, for the accounts."""

FoundationPart = Literal["log-archive", "security-account", "trail"]


class Foundation(BaseModel):
    """The foundation of one organization as AWS shows it; what is not there is None."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    partition: str
    organization_id: str
    home_region: str
    management_account_id: str
    log_archive_account_id: str | None = None
    """Account tagged ``avm:type`` = ``log-archive``."""
    security_account_id: str | None = None
    """Account tagged ``avm:type`` = ``security``: delegated administrator of the security services."""
    trail_arn: str | None = None
    """The organization's trail, which belongs to the management account."""
    bucket_suffix: str = ""
    """What the catalog ends the names of the log archive's buckets with."""

    @property
    def trail_bucket(self) -> str:
        """Return the name of the log archive's bucket for CloudTrail."""
        return self._bucket("cloudtrail")

    @property
    def config_bucket(self) -> str:
        """Return the name of the log archive's bucket for AWS Config."""
        return self._bucket("config")

    @property
    def flow_logs_bucket(self) -> str:
        """Return the name of the log archive's bucket for VPC flow logs."""
        return self._bucket("flow-logs")

    @property
    def reports_bucket(self) -> str:
        """Return the name of the log archive's bucket for reports."""
        return self._bucket("reports")

    def missing(self, parts: tuple[FoundationPart, ...]) -> tuple[FoundationPart, ...]:
        """Return which of ``parts`` are not there."""
        there = {
            "log-archive": self.log_archive_account_id,
            "security-account": self.security_account_id,
            "trail": self.trail_arn,
        }
        return tuple(part for part in parts if there[part] is None)

    def _bucket(self, kind: str) -> str:
        name = f"avm-{kind}-{self.log_archive_account_id}-{self.home_region}"
        return f"{name}-{self.bucket_suffix}" if self.bucket_suffix else name


def foundation_request_id(account_type: str) -> str:
    """Return the id of the request by which the foundation asks for its account of a type: one for ever."""
    return f"foundation-{account_type}"
