"""Partial answers: HTTP 200, and every item of the call is among those that were not processed.

AWS may process some of the items and not others; here it is none of them. What a call with one item gets is the same.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

Parameters = Mapping[str, Any]
Items = list[dict[str, Any]]

UNPROCESSED = "unprocessed"
"""The ``code`` of such an outcome."""
_MESSAGE = "An internal error occurred. Try again later."


def _failed_batch(parameters: Parameters) -> dict[str, Any]:
    failed = [
        {"Id": entry["Id"], "SenderFault": False, "Code": "InternalError", "Message": _MESSAGE}
        for entry in parameters.get("Entries") or parameters["PublishBatchRequestEntries"]
    ]
    return {"Successful": [], "Failed": failed}


def _put_events(parameters: Parameters) -> dict[str, Any]:
    entries = [{"ErrorCode": "InternalFailure", "ErrorMessage": _MESSAGE} for _ in parameters["Entries"]]
    return {"FailedEntryCount": len(entries), "Entries": entries}


def _failed_targets(ids: Callable[[Parameters], list[str]]) -> Callable[[Parameters], dict[str, Any]]:
    def answer(parameters: Parameters) -> dict[str, Any]:
        failed = [
            {"TargetId": target, "ErrorCode": "ConcurrentModificationException", "ErrorMessage": _MESSAGE}
            for target in ids(parameters)
        ]
        return {"FailedEntryCount": len(failed), "FailedEntries": failed}

    return answer


def _unprocessed_accounts(member: str, ids: Callable[[Parameters], list[str]]) -> Callable[[Parameters], Any]:
    return lambda parameters: {
        "UnprocessedAccounts": [{"AccountId": account, member: _MESSAGE} for account in ids(parameters)]
    }


def _ids(name: str) -> Callable[[Parameters], list[str]]:
    return lambda parameters: list(parameters[name])


def _members(name: str, member: str) -> Callable[[Parameters], list[str]]:
    return lambda parameters: [item[member] for item in parameters[name]]


def _import_findings(parameters: Parameters) -> dict[str, Any]:
    failed = [
        {"Id": finding["Id"], "ErrorCode": "InternalException", "ErrorMessage": _MESSAGE}
        for finding in parameters["Findings"]
    ]
    return {"FailedCount": len(failed), "SuccessCount": 0, "FailedFindings": failed}


def _update_findings(parameters: Parameters) -> dict[str, Any]:
    unprocessed = [
        {"FindingIdentifier": identifier, "ErrorCode": "InternalException", "ErrorMessage": _MESSAGE}
        for identifier in parameters["FindingIdentifiers"]
    ]
    return {"ProcessedFindings": [], "UnprocessedFindings": unprocessed}


def _enable_inspector(parameters: Parameters) -> dict[str, Any]:
    failed = [
        {"accountId": account, "errorCode": "INTERNAL_ERROR", "errorMessage": _MESSAGE}
        for account in parameters.get("accountIds", [])
    ]
    return {"accounts": [], "failedAccounts": failed}


def _create_flow_logs(parameters: Parameters) -> dict[str, Any]:
    unsuccessful = [
        {"ResourceId": resource, "Error": {"Code": "InternalError", "Message": _MESSAGE}}
        for resource in parameters["ResourceIds"]
    ]
    return {"FlowLogIds": [], "Unsuccessful": unsuccessful}


PARTIAL: Mapping[tuple[str, str], Callable[[Parameters], dict[str, Any]]] = {
    ("dynamodb", "BatchGetItem"): lambda asked: {"Responses": {}, "UnprocessedKeys": asked["RequestItems"]},
    ("dynamodb", "BatchWriteItem"): lambda asked: {"UnprocessedItems": asked["RequestItems"]},
    ("ec2", "CreateFlowLogs"): _create_flow_logs,
    ("events", "PutEvents"): _put_events,
    ("events", "PutTargets"): _failed_targets(_members("Targets", "Id")),
    ("events", "RemoveTargets"): _failed_targets(_ids("Ids")),
    ("guardduty", "CreateMembers"): _unprocessed_accounts("Result", _members("AccountDetails", "AccountId")),
    ("guardduty", "DeleteMembers"): _unprocessed_accounts("Result", _ids("AccountIds")),
    ("guardduty", "GetMemberDetectors"): lambda asked: {
        "MemberDataSourceConfigurations": [],
        **_unprocessed_accounts("Result", _ids("AccountIds"))(asked),
    },
    ("guardduty", "GetMembers"): lambda asked: {
        "Members": [],
        **_unprocessed_accounts("Result", _ids("AccountIds"))(asked),
    },
    ("guardduty", "UpdateMemberDetectors"): _unprocessed_accounts("Result", _ids("AccountIds")),
    ("inspector2", "Enable"): _enable_inspector,
    ("securityhub", "BatchImportFindings"): _import_findings,
    ("securityhub", "BatchUpdateFindings"): _update_findings,
    ("securityhub", "CreateMembers"): _unprocessed_accounts(
        "ProcessingResult", _members("AccountDetails", "AccountId")
    ),
    ("securityhub", "DeleteMembers"): _unprocessed_accounts("ProcessingResult", _ids("AccountIds")),
    ("securityhub", "GetMembers"): lambda asked: {
        "Members": [],
        **_unprocessed_accounts("ProcessingResult", _ids("AccountIds"))(asked),
    },
    ("sns", "PublishBatch"): _failed_batch,
    ("sqs", "ChangeMessageVisibilityBatch"): _failed_batch,
    ("sqs", "DeleteMessageBatch"): _failed_batch,
    ("sqs", "SendMessageBatch"): _failed_batch,
}
"""By service and operation: the answer, from the parameters (both in the form of boto3's)."""
