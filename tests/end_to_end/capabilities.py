"""What a function may do, each capability as one call that shows whether it can."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from botocore import xform_name

from avm.aws.broker import USES

EXTERNAL = {"ExternalId": "avm-emulator"}


@dataclass(frozen=True)
class Capability:
    """One thing that a function may do."""

    name: str
    service: str
    method: str
    action: str
    mark: str
    """Part of the resource, as the template writes it."""
    parameters: Callable[[Mapping[str, str]], dict[str, Any]]
    session: str = ""
    """Name of the session, where the grant depends on it."""


def _role(name: str, arn: str, mark: str, session: str = "mallory", **options: str) -> Capability:
    def parameters(names: Mapping[str, str]) -> dict[str, Any]:
        return {"RoleArn": arn.format(**names), "RoleSessionName": session.format(**names), **options}

    return Capability(name, "sts", "assume_role", "sts:AssumeRole", mark, parameters, session if options else "")


def _of_table(name: str, operation: str, mark: str = '"Table"', **more: Any) -> Capability:
    return Capability(
        name,
        "dynamodb",
        xform_name(operation),
        f"dynamodb:{operation}",
        mark,
        lambda names: {"TableName": names["table"], **more},
    )


def _of_queue(name: str, queue: str, operation: str, **more: Any) -> Capability:
    mark = f'"{queue}"'
    return Capability(
        name, "sqs", xform_name(operation), f"sqs:{operation}", mark, lambda names: {"QueueUrl": names[queue], **more}
    )


def _of_vends(name: str, operation: str, mark: str, **parameters: str) -> Capability:
    def filled(names: Mapping[str, str]) -> dict[str, Any]:
        return {key: value.format(**names) for key, value in parameters.items()}

    return Capability(name, "stepfunctions", xform_name(operation), f"states:{operation}", mark, filled)


_KEY = {"pk": {"S": "mallory"}, "sk": {"S": "mallory"}}
BROKER = ("arn:aws:iam::{management}:role/avm/avm-broker", "role/avm/avm-broker")
ABOUT_ALL_ACCOUNTS = {
    *("read", "create-account", "read-trails"),
    *("read-foundation", "enable-features", "create-units", "write-guardrails", "write-trails"),
    "read-designations",
}
SESSIONS = {use.name: f"avm-{use.name}" + ("" if use.name in ABOUT_ALL_ACCOUNTS else "-{account}") for use in USES}
"""Use of the broker -> the name of its sessions."""
_MEMBER = "arn:aws:iam::{account}:role/"
_EXECUTION = "arn:aws:states:eu-west-1:{application}:execution:avm-vend-account:mallory"
_ASSIGNMENT = ("InstanceArn", "PermissionSetArn", "TargetId", "PrincipalId")


def _assignment(names: Mapping[str, str]) -> dict[str, Any]:
    return {**{each: names[each] for each in _ASSIGNMENT}, "TargetType": "AWS_ACCOUNT", "PrincipalType": "USER"}


CAPABILITIES = (
    *(_role(f"takes the broker to {use}", *BROKER, session, **EXTERNAL) for use, session in SESSIONS.items()),
    _role("takes the broker for nothing in particular", *BROKER, **EXTERNAL),
    _role("takes the broker without the external id", *BROKER, "avm-read"),
    _role("takes the bootstrap role", _MEMBER + "OrganizationAccountAccessRole", "OrganizationAccountAccessRole"),
    _role("takes avm-enforce", _MEMBER + "avm/avm-enforce", "role/avm/avm-enforce", **EXTERNAL),
    _role("takes avm-observe", _MEMBER + "avm/avm-observe", "role/avm/avm-observe", **EXTERNAL),
    _of_table("reads an item", "GetItem", Key=_KEY),
    _of_table("writes an item", "PutItem", Item=_KEY),
    _of_table("changes an item", "UpdateItem", Key=_KEY),
    _of_table("deletes an item", "DeleteItem", Key=_KEY),
    _of_table("reads the whole table", "Scan"),
    *(
        _of_table(
            f"searches by the index {index}",
            "Query",
            f"index/{index}",
            IndexName=index,
            KeyConditionExpression="#k = :v",
            ExpressionAttributeNames={"#k": key},
            ExpressionAttributeValues={":v": {"S": "mallory"}},
        )
        for index, key in (("by-time", "kind"), ("open", "open"))
    ),
    _of_queue("posts a request by the queue", "RequestQueue", "SendMessage", MessageBody="no JSON"),
    _of_queue("takes from the request queue", "RequestQueue", "ReceiveMessage"),
    _of_queue("puts a message aside", "RequestDeadLetterQueue", "SendMessage", MessageBody="no JSON"),
    _of_queue("takes from the dead letters", "RequestDeadLetterQueue", "ReceiveMessage"),
    Capability(
        "publishes an event",
        "events",
        "put_events",
        "events:PutEvents",
        '"Bus"',
        lambda _: {"Entries": [{"EventBusName": "avm", "Source": "avm", "DetailType": "Mallory", "Detail": "{}"}]},
    ),
    _of_vends("starts a vend", "StartExecution", "VendAccount", stateMachineArn="{state_machine}", input="no"),
    _of_vends("lists the vends", "ListExecutions", "VendAccount", stateMachineArn="{state_machine}"),
    _of_vends("looks at a vend", "DescribeExecution", "execution:${VendAccount", executionArn=_EXECUTION),
    _of_vends("reads a vend's history", "GetExecutionHistory", "execution:", executionArn=_EXECUTION),
    _of_vends("stops a vend", "StopExecution", "execution:", executionArn=_EXECUTION),
    _of_vends("answers for a vend", "SendTaskSuccess", '"*"', taskToken="t" * 64, output="1"),
    Capability(
        "gives access",
        "sso-admin",
        "create_account_assignment",
        "sso:CreateAccountAssignment",
        "permissionSet",
        _assignment,
    ),
    Capability(
        "calls another function",
        "lambda",
        "invoke",
        "lambda:InvokeFunction",
        "",
        lambda names: {"FunctionName": names["another"]},
    ),
    Capability(
        "works in AWS Organizations by itself",
        "organizations",
        "list_roots",
        "organizations:ListRoots",
        "",
        lambda _: {},
    ),
)
