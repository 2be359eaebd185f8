"""What a policy document must look like before the service takes it."""

from __future__ import annotations

import json
import re
from typing import Any

from avm_emulator.errors import AwsError
from avm_emulator.organizations.errors import constraint_violation

MAX_CHARACTERS = {"SERVICE_CONTROL_POLICY": 10_240, "RESOURCE_CONTROL_POLICY": 5_120}
"""White space counts, since the API keeps it; all other types: 10,000 (aws-semantics 1.5)."""
OTHER_MAX_CHARACTERS = 10_000

_STATEMENT_KEYS = {
    "Sid", "Effect", "Action", "NotAction", "Resource", "NotResource", "Condition", "Principal",
}  # fmt: skip
_SID = re.compile(r"[A-Za-z0-9]*")


def check_document(policy_type: str, content: str) -> None:
    """Refuse a document that the service refuses.

    Raise ConstraintViolationException (POLICY_CONTENT_LIMIT_EXCEEDED) or MalformedPolicyDocumentException.
    """
    if len(content) > MAX_CHARACTERS.get(policy_type, OTHER_MAX_CHARACTERS):
        raise constraint_violation(
            "POLICY_CONTENT_LIMIT_EXCEEDED", "You have exceeded the maximum policy size for the policy type."
        )
    try:
        document = json.loads(content)
    except ValueError as error:
        raise _malformed(f"it is not JSON: {error}") from error
    if not isinstance(document, dict):
        raise _malformed("it is not an object")
    if policy_type in MAX_CHARACTERS:
        _check_authorization_policy(policy_type, document)


def _check_authorization_policy(policy_type: str, document: dict[str, Any]) -> None:
    """Check an SCP or RCP: IAM's language, an SCP without principals, an RCP that denies everybody."""
    if unknown := document.keys() - {"Version", "Id", "Statement"}:
        raise _malformed(f"{', '.join(sorted(unknown))} is no element of a policy")
    if document.get("Version") != "2012-10-17":
        raise _malformed("Version must be 2012-10-17")
    statements = document.get("Statement")
    if isinstance(statements, dict):
        statements = [statements]
    if not isinstance(statements, list) or not statements:
        raise _malformed("Statement must be an object or a list with at least one")
    for statement in statements:
        _check_statement(policy_type, statement)


def _check_statement(policy_type: str, statement: Any) -> None:
    if not isinstance(statement, dict):
        raise _malformed("a statement must be an object")
    if unknown := statement.keys() - _STATEMENT_KEYS:
        raise _malformed(f"{', '.join(sorted(unknown))} is no element of a statement")
    if statement.get("Effect") not in ("Allow", "Deny"):
        raise _malformed("Effect must be Allow or Deny")
    if ("Action" in statement) == ("NotAction" in statement):
        raise _malformed("a statement needs either Action or NotAction")
    if ("Resource" in statement) == ("NotResource" in statement):
        raise _malformed("a statement needs either Resource or NotResource")
    if not _SID.fullmatch(str(statement.get("Sid", ""))):
        raise _malformed("Sid may hold letters and digits only")
    if policy_type == "RESOURCE_CONTROL_POLICY":
        _check_resource_control_statement(statement)
    elif "Principal" in statement:
        raise _malformed("a service control policy has no Principal")


def _check_resource_control_statement(statement: dict[str, Any]) -> None:
    if statement["Effect"] != "Deny" or statement.get("Principal") != "*":
        raise _malformed('a resource control policy denies, for Principal "*"')
    if "NotAction" in statement or "*" in _as_list(statement["Action"]):
        raise _malformed("a resource control policy names the services of its actions")


def _as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _malformed(problem: str) -> AwsError:
    return AwsError(
        "MalformedPolicyDocumentException",
        f"The provided policy document does not meet the requirements of the specified policy type: {problem}.",
    )
