"""Account assignments: asked for, and there some seconds later. moto's are there at once, whatever they name."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

from moto.identitystore.models import identitystore_backends
from moto.ssoadmin.models import AccountAssignment

from avm_emulator.errors import AwsError
from avm_emulator.identity_center import roles
from avm_emulator.identity_center.pages import page
from avm_emulator.identity_center.state import IdentityCenter, Operation, PermissionSet
from avm_emulator.organizations import organization_of

MAX_OUTSTANDING = 15
"""Assignments that may be on their way at once (aws-semantics 2: limits)."""


def create_account_assignment(
    center: IdentityCenter,
    *,
    target_id: str,
    target_type: str,
    permission_set_arn: str,
    principal_type: str,
    principal_id: str,
) -> dict[str, Any]:
    """Start an assignment. There is no client token, and one that exists is not refused (aws-semantics 2)."""
    assignment = _assignment(
        center,
        target_id=target_id,
        target_type=target_type,
        permission_set_arn=permission_set_arn,
        principal_type=principal_type,
        principal_id=principal_id,
    )
    operation = _start(center, "CreateAccountAssignment", assignment, lambda: _create(center, assignment))
    return {"AccountAssignmentCreationStatus": operation.describe()}


def delete_account_assignment(
    center: IdentityCenter,
    *,
    target_id: str,
    target_type: str,
    permission_set_arn: str,
    principal_type: str,
    principal_id: str,
) -> dict[str, Any]:
    """Start the end of an assignment; raise ResourceNotFoundException for one that there is not."""
    assignment = _assignment(
        center,
        target_id=target_id,
        target_type=target_type,
        permission_set_arn=permission_set_arn,
        principal_type=principal_type,
        principal_id=principal_id,
    )
    if _find(center, assignment) is None:
        raise AwsError("ResourceNotFoundException", "Could not find the account assignment.")
    operation = _start(center, "DeleteAccountAssignment", assignment, lambda: _delete(center, assignment))
    return {"AccountAssignmentDeletionStatus": operation.describe()}


def describe_account_assignment_creation_status(
    center: IdentityCenter, *, account_assignment_creation_request_id: str
) -> dict[str, Any]:
    """Return how an assignment stands; raise ResourceNotFoundException."""
    operation = find_operation(center, "CreateAccountAssignment", account_assignment_creation_request_id)
    return {"AccountAssignmentCreationStatus": operation.describe()}


def describe_account_assignment_deletion_status(
    center: IdentityCenter, *, account_assignment_deletion_request_id: str
) -> dict[str, Any]:
    """Return how the end of an assignment stands; raise ResourceNotFoundException."""
    operation = find_operation(center, "DeleteAccountAssignment", account_assignment_deletion_request_id)
    return {"AccountAssignmentDeletionStatus": operation.describe()}


def list_account_assignment_creation_status(
    center: IdentityCenter,
    *,
    max_results: int | None = None,
    next_token: str | None = None,
    filter: dict[str, str] | None = None,  # noqa: A002  the name of the parameter in AWS
) -> dict[str, Any]:
    """Return how all assignments stand (missing in moto)."""
    found, token = list_operations(center, "CreateAccountAssignment", next_token, max_results, filter)
    return {"AccountAssignmentsCreationStatus": found, "NextToken": token}


def list_account_assignment_deletion_status(
    center: IdentityCenter,
    *,
    max_results: int | None = None,
    next_token: str | None = None,
    filter: dict[str, str] | None = None,  # noqa: A002  the name of the parameter in AWS
) -> dict[str, Any]:
    """Return how the ends of all assignments stand (missing in moto)."""
    found, token = list_operations(center, "DeleteAccountAssignment", next_token, max_results, filter)
    return {"AccountAssignmentsDeletionStatus": found, "NextToken": token}


def begin(center: IdentityCenter, kind: str, shape: dict[str, Any], work: Callable[[], str | None]) -> Operation:
    """Start an asynchronous operation; ``work`` does it after its latency and returns why it failed, or None."""
    clock = center.emulator.clock
    operation = Operation(kind, str(uuid.uuid4()), clock.now(), shape)
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


def provision(center: IdentityCenter, permission_set: PermissionSet, account_id: str) -> str | None:
    """Bring a permission set into an account; return why that failed, or None."""
    key = (account_id, permission_set.permission_set_arn)
    existing = center.provisioned.get(key)
    try:
        center.provisioned[key] = roles.provision(
            center.instances[0], permission_set, account_id, existing.role_name if existing else None
        )
    except roles.ProvisioningError as error:
        return str(error)
    return None


def _start(
    center: IdentityCenter, kind: str, assignment: AccountAssignment, work: Callable[[], str | None]
) -> Operation:
    outstanding = [o for o in center.operations.values() if o.kind == kind and o.status == "IN_PROGRESS"]
    if len(outstanding) >= MAX_OUTSTANDING:
        raise AwsError("ThrottlingException", "There are too many requests processing. Please try again later.")
    return begin(center, kind, assignment.to_json(), work)


def _assignment(
    center: IdentityCenter,
    *,
    target_id: str,
    target_type: str,
    permission_set_arn: str,
    principal_type: str,
    principal_id: str,
) -> AccountAssignment:
    if target_type != "AWS_ACCOUNT" or principal_type not in ("USER", "GROUP"):
        raise AwsError("ValidationException", "TargetType must be AWS_ACCOUNT, PrincipalType must be USER or GROUP.")
    instance = center.instances[0]
    return AccountAssignment(instance.arn, target_id, target_type, permission_set_arn, principal_type, principal_id)


def _create(center: IdentityCenter, assignment: AccountAssignment) -> str | None:
    permission_set = center.find_permission_set(assignment.permission_set_arn)
    if permission_set is None:
        return f"Could not find PermissionSet with id {assignment.permission_set_arn.rpartition('/')[2]}"
    if not _principal_exists(center, assignment):
        return f"{assignment.principal_type} {assignment.principal_id} not found in the identity store"
    if not _account_is_usable(center, assignment.target_id):
        return f"Account {assignment.target_id} is not an active account of the organization"
    # The set is provisioned where it is not yet; a changed one needs ProvisionPermissionSet (botocore).
    if (assignment.target_id, permission_set.permission_set_arn) not in center.provisioned:
        failure = provision(center, permission_set, assignment.target_id)
        if failure is not None:
            return failure
    if _find(center, assignment) is None:
        center.account_assignments.append(assignment)
    return None


def _delete(center: IdentityCenter, assignment: AccountAssignment) -> str | None:
    existing = _find(center, assignment)
    if existing is not None:
        center.account_assignments.remove(existing)
    key = (assignment.target_id, assignment.permission_set_arn)
    others = any((other.target_id, other.permission_set_arn) == key for other in center.account_assignments)
    if key in center.provisioned and not others:
        roles.remove(assignment.target_id, center.provisioned.pop(key).role_name)
    return None


def _find(center: IdentityCenter, wanted: AccountAssignment) -> AccountAssignment | None:
    return next((found for found in center.account_assignments if found.to_json() == wanted.to_json()), None)


def _principal_exists(center: IdentityCenter, assignment: AccountAssignment) -> bool:
    instance = center.instances[0]
    stores = identitystore_backends[instance.owner][instance.region].identity_stores
    if instance.identity_store_id not in stores:
        return False
    store = stores[instance.identity_store_id]
    return assignment.principal_id in (store.users if assignment.principal_type == "USER" else store.groups)


def _account_is_usable(center: IdentityCenter, account_id: str) -> bool:
    organization = organization_of(center.account_id)
    return organization is not None and any(
        account.id == account_id and account.state in ("ACTIVE", "PENDING_ACTIVATION")
        for account in organization.members()
    )
