"""Findings: what an account says of itself by the default product, and what people say of findings."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from moto.utilities.utils import get_partition

from avm_emulator.boundary.moto_app import not_implemented
from avm_emulator.calls import iso8601
from avm_emulator.security_hub.state import SecurityHub, invalid_input, page

if TYPE_CHECKING:
    from avm_emulator.boundary import Call

AT_ONCE = 100
"""Findings in one call (botocore: shapes BatchImportFindingsRequestFindingList, AwsSecurityFindingIdentifierList)."""
OF_PEOPLE = ("Note", "UserDefinedFields", "VerificationState", "Workflow")
"""What BatchImportFindings does not change of a finding that is there (botocore)."""
_UPDATABLE = (*OF_PEOPLE, "Confidence", "Criticality", "RelatedFindings", "Severity", "Types")
_FILTERS: Mapping[str, tuple[str, ...]] = {
    "AwsAccountId": ("AwsAccountId",),
    "ComplianceStatus": ("Compliance", "Status"),
    "GeneratorId": ("GeneratorId",),
    "Id": ("Id",),
    "ProductArn": ("ProductArn",),
    "RecordState": ("RecordState",),
    "SeverityLabel": ("Severity", "Label"),
    "Title": ("Title",),
    "WorkflowStatus": ("Workflow", "Status"),
}
_COMPARISONS: Mapping[str, Callable[[str, str], bool]] = {
    "EQUALS": str.__eq__,
    "PREFIX": str.startswith,
}


def batch_import_findings(
    security_hub: SecurityHub, call: Call, *, findings: Sequence[dict[str, Any]]
) -> dict[str, Any]:
    """Take findings of the calling account about itself, by its default product: all others need a partner's."""
    kept = security_hub.hub(call.account, call.region).findings
    _refuse_too_many(findings)
    failed = []
    for finding in findings:
        if reason := _unfit(call, finding):
            failed.append({"Id": finding["Id"], "ErrorCode": "InvalidInput", "ErrorMessage": reason})
            continue
        before = kept.get(finding["Id"])
        if before is not None and _time(finding) < _time(before):
            continue  # what is older changes nothing (assumed)
        people = {name: before[name] for name in OF_PEOPLE if name in before} if before else {}
        default = {"Workflow": {"Status": "NEW"}, "RecordState": "ACTIVE", "Region": call.region}
        kept[finding["Id"]] = {**default, **finding, **people}
    return {"FailedCount": len(failed), "SuccessCount": len(findings) - len(failed), "FailedFindings": failed}


def batch_update_findings(
    security_hub: SecurityHub, call: Call, *, finding_identifiers: Sequence[dict[str, str]], **updates: Any
) -> dict[str, Any]:
    """Change what people say of findings, at once; an administrator of its members' findings, too."""
    security_hub.hub(call.account, call.region)
    _refuse_too_many(finding_identifiers)
    seen = {(each["Id"], each["ProductArn"]): each for each in _seen(security_hub, call)}
    changes = {name: updates[key] for name in _UPDATABLE if (key := _key(name)) in updates}
    processed, unprocessed = [], []
    for identifier in finding_identifiers:
        finding = seen.get((identifier["Id"], identifier["ProductArn"]))
        if finding is None:
            message = "Finding Not Found"
            unprocessed.append(
                {"FindingIdentifier": identifier, "ErrorCode": "FindingNotFound", "ErrorMessage": message}
            )
            continue
        finding.update(changes)
        if "Note" in changes:
            finding["Note"] = {**changes["Note"], "UpdatedAt": _now(security_hub)}
        processed.append(identifier)
    return {"ProcessedFindings": processed, "UnprocessedFindings": unprocessed}


def get_findings(
    security_hub: SecurityHub,
    call: Call,
    *,
    filters: Mapping[str, Sequence[dict[str, str]]] | None = None,
    sort_criteria: Sequence[dict[str, str]] = (),
    next_token: str | None = None,
    max_results: int | None = None,
) -> dict[str, Any]:
    """Return the findings of the account and, to an administrator, of its members; the newest first."""
    security_hub.hub(call.account, call.region)
    if unknown := [name for name in filters or {} if name not in _FILTERS]:
        raise not_implemented(call.service, call.operation, f"the filter {unknown[0]}")
    if sort_criteria:
        raise not_implemented(call.service, call.operation, "SortCriteria")
    wanted = [
        finding
        for finding in _seen(security_hub, call)
        if all(_passes(call, finding, name, rules) for name, rules in (filters or {}).items())
    ]
    found, token = page(sorted(wanted, key=_time, reverse=True), next_token, max_results, 100)
    return {"Findings": found, "NextToken": token}


def _seen(security_hub: SecurityHub, call: Call) -> list[dict[str, Any]]:
    """Return the findings that the caller sees, each as it is kept."""
    accounts = [call.account]
    if security_hub.administrators.administered(call) is not None:
        members = security_hub.members(call.account, call.region).values()
        accounts += [member.account_id for member in members if member.status == "Enabled"]
    return [
        finding
        for account_id in accounts
        if security_hub.is_enabled(account_id, call.region)
        for finding in security_hub.hub(account_id, call.region).findings.values()
    ]


def _unfit(call: Call, finding: Mapping[str, Any]) -> str | None:
    """Return why a finding is not taken; the sentences are of this project."""
    product = (
        f"arn:{get_partition(call.region)}:securityhub:{call.region}:{call.account}:product/{call.account}/default"
    )
    if finding["ProductArn"] != product:
        return f"ProductArn is not the account's default product {product}"
    if finding["AwsAccountId"] != call.account:
        return f"AwsAccountId is not the calling account {call.account}"
    if not finding["Resources"]:
        return "Resources is empty"
    return None


def _passes(call: Call, finding: Mapping[str, Any], name: str, rules: Sequence[Mapping[str, str]]) -> bool:
    value: Any = finding
    for part in _FILTERS[name]:
        value = (value or {}).get(part)
    for rule in rules:
        compare = _COMPARISONS.get(rule["Comparison"])
        if compare is None:
            raise not_implemented(call.service, call.operation, f"the comparison {rule['Comparison']}")
        if value is not None and compare(str(value), rule["Value"]):
            return True
    return False


def _time(finding: Mapping[str, Any]) -> datetime:
    return datetime.fromisoformat(finding["UpdatedAt"])


def _now(security_hub: SecurityHub) -> str:
    return iso8601(security_hub.emulator.clock.now())


def _key(name: str) -> str:
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name).lstrip("_")


def _refuse_too_many(findings: Sequence[object]) -> None:
    if not 1 <= len(findings) <= AT_ONCE:
        raise invalid_input(f"{len(findings)} findings in one call; 1 to {AT_ONCE} can be named.")
