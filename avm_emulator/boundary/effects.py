"""Which operations change something: ``mutating`` in the record of calls.

The rule is the verb: operations that begin with a reading verb read, all others change something. The exceptions are
few and named here.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_READING_VERBS = (
    "BatchGet",
    "Check",
    "Describe",
    "Estimate",
    "Filter",
    "Get",
    "Head",
    "List",
    "Lookup",
    "Preview",
    "Query",
    "Scan",
    "Search",
    "Select",
    "Simulate",
    "Validate",
)

_READS: Mapping[str, frozenset[str]] = {
    "dynamodb": frozenset({"TransactGetItems"}),
    "events": frozenset({"TestEventPattern"}),
    # Use of a key changes neither the key nor anything that it protects.
    "kms": frozenset(
        {
            "Decrypt",
            "DeriveSharedSecret",
            "Encrypt",
            "GenerateDataKey",
            "GenerateDataKeyPair",
            "GenerateDataKeyPairWithoutPlaintext",
            "GenerateDataKeyWithoutPlaintext",
            "GenerateMac",
            "GenerateRandom",
            "ReEncrypt",
            "Sign",
            "Verify",
            "VerifyMac",
        }
    ),
    # AssumeRole counts as a read (interfaces.md); nothing in STS changes what an account holds.
    "sts": frozenset(
        {
            "AssumeRole",
            "AssumeRoleWithSAML",
            "AssumeRoleWithWebIdentity",
            "AssumeRoot",
            "DecodeAuthorizationMessage",
        }
    ),
}


def is_mutating(service: str, operation: str, parameters: Mapping[str, Any]) -> bool:
    """Say whether an operation (API name) of a service (boto3 name) changes something.

    ReceiveMessage does (it hides messages and counts receives), Invoke and StartExecution do (what they run may);
    an EC2 dry run does not.
    """
    if operation.startswith(_READING_VERBS) or operation in _READS.get(service, ()):
        return False
    return not (service == "ec2" and parameters.get("DryRun") is True)
