"""Partial answers: AWS says 200, and names what it did not do (aws-semantics, pitfall 11)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from avm.domain.errors import ServiceUnavailable, UnexpectedAwsError


def check_failed_entries(answer: Mapping[str, Any]) -> None:
    """Raise UnexpectedAwsError where EventBridge did not take an entry (botocore: FailedEntries)."""
    failed = [f"{each['TargetId']}: {each['ErrorCode']}: {each['ErrorMessage']}" for each in answer["FailedEntries"]]
    if failed:
        message = f"FailedEntries: {'; '.join(failed)}"
        raise UnexpectedAwsError(message)


def refuse_unprocessed(operation: str, answer: Mapping[str, Any], reason: str) -> None:
    """Raise ServiceUnavailable where accounts were not processed: AWS does not say whether it will pass, so try again.

    ``reason``: the member that says why, which services name differently.
    """
    left_out = [f"{each['AccountId']}: {each[reason]}" for each in answer.get("UnprocessedAccounts", ())]
    if left_out:
        message = f"{operation}: UnprocessedAccounts: {'; '.join(left_out)}"
        raise ServiceUnavailable(message)
