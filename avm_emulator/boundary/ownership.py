"""Whether a call addresses the application's own stack: ``own`` in the record of calls.

The deployer puts ARNs and names of the stack's resources into ``emulator.own_resources``. A call is own when one of its
parameters is such an ARN, or such a name (given, or the end of an ARN) in a call to that service in that account. Own,
too, is what is done with a report in the log archive: like those in the stack's bucket it is a record that the
application keeps, and nothing that it manages.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from avm_emulator.context import Emulator

# Service in an ARN -> boto3 names of the services that take its names, where that is another or more than one.
_SERVICES: Mapping[str, tuple[str, ...]] = {
    "dynamodb": ("dynamodb", "dynamodbstreams"),
    "states": ("stepfunctions",),
}

# Services whose calls may hold a name that came without an ARN. Not IAM or Organizations: there, avm may be anything.
_NAMED = (
    "apigateway",
    "cloudwatch",
    "dynamodb",
    "dynamodbstreams",
    "events",
    "kms",
    "lambda",
    "logs",
    "s3",
    "scheduler",
    "secretsmanager",
    "sns",
    "sqs",
    "ssm",
    "stepfunctions",
)

# They name a task by its token only; the only state machines of the application's account are its own.
_TASK_TOKEN_OPERATIONS = frozenset({"SendTaskSuccess", "SendTaskFailure", "SendTaskHeartbeat"})

_ARN = re.compile(r"arn:[^:]+:(?P<service>[^:]+):[^:]*:(?P<account>[^:]*):(?P<resource>.+)")
_REPORTS = re.compile(r"avm-reports-[0-9]{12}-[a-z0-9-]+")
"""The log archive's bucket for reports (``Foundation.reports_bucket``)."""
_DEPTH = 5
"""TransactItems -> item -> Put -> TableName is the deepest name of a resource in a request."""


class OwnResources:
    """Answers whether a call is on the application's own resources."""

    def __init__(self, emulator: Emulator) -> None:
        """Read ``emulator.own_resources`` whenever it has grown."""
        self._emulator = emulator
        self._size = -1
        self._arns: frozenset[str] = frozenset()
        self._names: frozenset[tuple[str, str, str]] = frozenset()

    def addressed(self, service: str, operation: str, account: str, parameters: Mapping[str, Any]) -> bool:
        """Say whether a call addresses an own resource.

        Args:
            service: boto3 client name.
            operation: API name.
            account: the caller's account, in which names are looked up.
            parameters: parsed parameters, by botocore's model.
        """
        if len(self._emulator.own_resources) != self._size:
            self._index()
        if not self._arns:
            return False
        if service == "s3" and "Key" in parameters and _REPORTS.fullmatch(str(parameters.get("Bucket"))):
            return True
        if operation in _TASK_TOKEN_OPERATIONS:
            return any((named, owner) == ("stepfunctions", account) for named, owner, _ in self._names)
        return any(self._is_own(value, service, account) for value in _strings(parameters, _DEPTH))

    def _is_own(self, value: str, service: str, account: str) -> bool:
        if value.startswith("arn:"):
            arn = value.replace(":execution:", ":stateMachine:", 1)
            # A version, an alias, an execution, an index, a stream or a key within a bucket belongs to its resource.
            return any(arn == own or (arn.startswith(own) and arn[len(own)] in ":/") for own in self._arns)
        if service == "sqs":
            value = _last(value)  # of a queue's URL
        return (service, account, value) in self._names or (service, "", value) in self._names

    def _index(self) -> None:
        known = set(self._emulator.own_resources)
        self._size = len(known)
        self._arns = frozenset(name.removesuffix(":*") for name in known if name.startswith("arn:"))
        parsed = [match for arn in self._arns if (match := _ARN.fullmatch(arn))]
        accounts = {self._emulator.management_account_id, *(match["account"] for match in parsed if match["account"])}
        names = {
            (service, match["account"], name)
            for match in parsed
            for service in _SERVICES.get(match["service"], (match["service"],))
            for name in _names_in(match["resource"])
        }
        plain = {_last(name) if name.startswith("http") else name for name in known - self._arns}
        names.update((service, account, name) for service in _NAMED for account in accounts for name in plain)
        self._names = frozenset(names)


def _last(path: str) -> str:
    return path.rpartition("/")[2]


def _names_in(resource: str) -> Iterator[str]:
    """Yield the names that a resource of an ARN is called by: ``table/a`` -> a, ``role/avm/b`` -> avm/b and b."""
    yield resource
    match = re.fullmatch(r"(?P<kind>[^:/]+)[:/](?P<name>.+)", resource)
    if match:
        yield match["name"]
        yield _last(match["name"])
        if match["kind"] == "parameter":
            yield f"/{match['name']}"


def _strings(value: Any, depth: int) -> Iterator[str]:
    """Yield the strings in parameters, with the keys of maps (``RequestItems`` is keyed by table name)."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping) and depth:
        yield from value
        for member in value.values():
            yield from _strings(member, depth - 1)
    elif isinstance(value, list) and depth:
        for member in value:
            yield from _strings(member, depth - 1)
