"""Account assignments: asked for, and there some seconds later. moto's are there at once, whatever they name."""

from __future__ import annotations

from typing import Any

from moto.ssoadmin.models import AccountAssignment

from avm_emulator.errors import AwsError
from avm_emulator.identity_center import access, roles
from avm_emulator.identity_center.operations import begin, find_operation, list_operations
from avm_emulator.identity_center.pages import page
from avm_emulator.identity_center.state import IdentityCenter, PermissionSet


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
    operation = begin(
        center, "CreateAccountAssignment", assignment.to_json(), [target_id], lambda: _create(center, assignment)
    )
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
    operation = begin(
        center, "DeleteAccountAssignment", assignment.to_json(), [target_id], lambda: _delete(center, assignment)
    )
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


def list_account_assignments_for_principal(
    center: IdentityCenter,
    *,
    principal_id: str,
    principal_type: str,
    max_results: int | None = None,
    next_token: str | None = None,
    filter: dict[str, str] | None = None,  # noqa: A002  the name of the parameter in AWS
) -> dict[str, Any]:
    """Return what a principal has access to, a user by his groups, too (moto: by himself only).

    Each assignment says whose it is; raise ResourceNotFoundException for a principal that there is not.
    """
    if not access.principal_exists(center, principal_type, principal_id):
        raise AwsError("ResourceNotFoundException", f"Could not find {principal_type} with id {principal_id}.")
    account_id = (filter or {}).get("AccountId")
    found, token = page(
        access.assignments_of(center, principal_type, principal_id),
        next_token,
        max_results,
        keep=lambda assignment: account_id in (None, assignment.target_id),
    )
    return {
        "AccountAssignments": [
            {
                "AccountId": assignment.target_id,
                "PermissionSetArn": assignment.permission_set_arn,
                "PrincipalId": assignment.principal_id,
                "PrincipalType": assignment.principal_type,
            }
            for assignment in found
        ],
        "NextToken": token,
    }


def provision(center: IdentityCenter, permission_set: PermissionSet, account_id: str) -> str | None:
    """Bring a permission set into an account; return why that failed, or None."""
    if account_id not in access.accounts_in_use(center):
        return _not_active(account_id)
    key = (account_id, permission_set.permission_set_arn)
    existing = center.provisioned.get(key)
    try:
        center.provisioned[key] = roles.provision(
            center.instances[0], permission_set, account_id, existing.role_name if existing else None
        )
    except roles.ProvisioningError as error:
        return str(error)
    return None


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
    if not access.principal_exists(center, assignment.principal_type, assignment.principal_id):
        return f"{assignment.principal_type} {assignment.principal_id} not found in the identity store"
    if assignment.target_id not in access.accounts_in_use(center):
        return _not_active(assignment.target_id)
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


def _not_active(account_id: str) -> str:
    return f"Account {account_id} is not an active account of the organization"


def _find(center: IdentityCenter, wanted: AccountAssignment) -> AccountAssignment | None:
    return next((found for found in center.account_assignments if found.to_json() == wanted.to_json()), None)
