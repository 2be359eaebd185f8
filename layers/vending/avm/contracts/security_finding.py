"""A control that is untrue as a finding of Security Hub (AWS Security Finding Format)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from avm.domain.open_finding import OpenFinding

_SCHEMA = "2018-10-08"
"""The one that there is (botocore, AwsSecurityFinding)."""
_TITLE, _DESCRIPTION, _PRODUCT_FIELD = 256, 1024, 2048
"""Characters that each may have (Security Hub user guide, "AWS Security Finding Format")."""


@dataclass(frozen=True)
class FindingPlace:
    """Whose findings they are, and in which Region."""

    partition: str
    region: str
    account_id: str

    @property
    def product_arn(self) -> str:
        """Return the default product of the account, which any account with Security Hub has."""
        account_id = self.account_id
        return f"arn:{self.partition}:securityhub:{self.region}:{account_id}:product/{account_id}/default"


def finding_of(opened: OpenFinding, place: FindingPlace, *, at: str, is_compliant: bool) -> dict[str, Any]:
    """Return the finding as BatchImportFindings takes it; ``at``: when it was looked at."""
    return _finding(
        opened,
        place,
        at=at,
        is_compliant=is_compliant,
        owner=f"Account {opened.account_id}",
        remedy=f"avm drift {opened.account_id}; avm repair {opened.account_id} {opened.control}",
        account_id=opened.account_id,
    )


def foundation_finding_of(
    opened: OpenFinding, place: FindingPlace, management_account_id: str, *, at: str, is_compliant: bool
) -> dict[str, Any]:
    """Return the finding about a control of the foundation: it is shown at the management account."""
    return _finding(
        opened,
        place,
        at=at,
        is_compliant=is_compliant,
        owner="Foundation",
        remedy="avm foundation status; avm foundation apply",
        account_id=management_account_id,
    )


def _finding(
    opened: OpenFinding,
    place: FindingPlace,
    *,
    at: str,
    is_compliant: bool,
    owner: str,
    remedy: str,
    account_id: str,
) -> dict[str, Any]:
    """Return a finding; ``owner``: whose control it is, ``account_id``: the account that it is shown at."""
    where = ", ".join(f"{scope}: {row['status']}" for scope, row in opened.found.items())
    cause = opened.cause or {}
    fields = {
        "avm/control": opened.control,
        "avm/account": account_id,
        "avm/found": where,
        "avm/event": str(cause.get("event", "")),
        "avm/actor": str(cause.get("actor", "")),
    }
    return {
        "SchemaVersion": _SCHEMA,
        "Id": opened.finding_id,
        "ProductArn": place.product_arn,
        "GeneratorId": f"avm/{opened.control}",
        "AwsAccountId": place.account_id,
        "Types": ["Software and Configuration Checks/AWS Security Best Practices"],
        "CreatedAt": opened.since,
        "UpdatedAt": at,
        "Severity": {"Label": "INFORMATIONAL" if is_compliant else "MEDIUM"},
        "Title": f"{owner}: {opened.control} is not as promised"[:_TITLE],
        "Description": f"The account vending machine has found {opened.control} untrue ({where})."[:_DESCRIPTION],
        "Remediation": {"Recommendation": {"Text": remedy}},
        "ProductFields": {name: value[:_PRODUCT_FIELD] for name, value in fields.items() if value},
        "Resources": [
            {
                "Type": "AwsAccount",
                "Id": f"AWS::::Account:{account_id}",
                "Partition": place.partition,
                "Region": place.region,
            }
        ],
        "Compliance": {"Status": "PASSED" if is_compliant else "FAILED"},
        "RecordState": "ACTIVE",
    }
