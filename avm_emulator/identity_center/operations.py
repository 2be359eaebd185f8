"""Asynchronous requests of Identity Center: started one for each account and fifteen in all, and how they end."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable
from typing import Any

from avm_emulator.errors import AwsError
from avm_emulator.identity_center.pages import page
from avm_emulator.identity_center.state import IdentityCenter, Operation

MAX_OUTSTANDING = 15
"""Requests that may be on their way at once. Documented for CreateAccountAssignment; that all share it is assumed."""


def begin(
    center: IdentityCenter,
    kind: str,
    shape: dict[str, Any],
    accounts: Iterable[str],
    work: Callable[[], str | None],
) -> Operation:
    """Start an asynchronous operation; ``work`` does it after its latency and returns why it failed, or None.

    Args:
        center: where it is asked for.
        kind: the API's name, which is also that of its latency.
        shape: what its status shows beside the common members.
        accounts: where it may change a role. AWS changes one role of an account at a time (user guide, quotas).
        work: what it does in the end.

    Raises:
        AwsError: ThrottlingException when too many are on their way, ConflictException when one of the accounts is busy
            (both in the words that callers of AWS report).
    """
    outstanding = [operation for operation in center.operations.values() if operation.status == "IN_PROGRESS"]
    if len(outstanding) >= MAX_OUTSTANDING:
        raise AwsError("ThrottlingException", "There are too many requests processing. Please try again later.")
    targets = frozenset(accounts)
    if any(operation.accounts & targets for operation in outstanding):
        raise AwsError("ConflictException", "There is a conflicting operation in process.")
    clock = center.emulator.clock
    operation = Operation(kind, str(uuid.uuid4()), clock.now(), shape, targets)
    center.operations[operation.request_id] = operation

    def complete() -> None:
        with center.lock:
            if center.operations.get(operation.request_id) is operation:  # not reset meanwhile
                operation.failure_reason = operation.planned_failure or work()
                operation.status = "FAILED" if operation.failure_reason else "SUCCEEDED"

    latency = center.emulator.latencies.of(f"sso-admin:{kind}", len(center.operations))
    clock.call_later(latency, complete, name=f"sso-admin:{kind} {operation.request_id}")
    return operation


def find_operation(center: IdentityCenter, kind: str, request_id: str) -> Operation:
    """Return an operation of a kind; raise ResourceNotFoundException."""
    operation = center.operations.get(request_id)
    if operation is None or operation.kind != kind:
        raise AwsError("ResourceNotFoundException", f"Could not find a {kind} request with id {request_id}.")
    return operation


def list_operations(
    center: IdentityCenter, kind: str, next_token: str | None, max_results: int | None, wanted: dict[str, str] | None
) -> tuple[list[dict[str, Any]], str | None]:
    """Return a page of the operations of a kind, oldest first; ``wanted`` filters by Status."""
    operations = [operation for operation in center.operations.values() if operation.kind == kind]
    status = (wanted or {}).get("Status")
    found, token = page(operations, next_token, max_results, keep=lambda o: status in (None, o.status))
    return [operation.summary() for operation in found], token
