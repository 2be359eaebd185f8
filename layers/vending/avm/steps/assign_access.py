"""AssignAccess: who gets which permission set; one assignment at a time, each followed to its end.

Identity Center updates one role of an account at a time (aws-semantics 2), so an account's assignments are serial. The
account is still quarantined: nobody can do anything with the access yet.
"""

from __future__ import annotations

from typing import Literal

from avm.aws.identity_center import AccountAssignment
from avm.domain.account_request import RequestRecord
from avm.domain.errors import AssignmentFailed
from avm.steps.gateways import Gateways
from avm.steps.step import AccountInput, StepOutput


class Input(AccountInput):
    """The ids, and the assignment operation that an earlier round has started."""

    operation_id: str | None = None


class Output(StepOutput):
    """Whether all are there; if not, the operation to look at in the next round."""

    status: Literal["DONE", "PENDING"]
    operation_id: str | None = None


def run(step: Input, gateways: Gateways) -> Output:
    """Look at the running operation, then start the next assignment that is missing.

    Raises AssignmentFailed, PrincipalNotFound, FoundationBehind.
    """
    center = gateways.identity_center
    if step.operation_id:
        operation = center.assignment_operation(step.operation_id)
        if operation.status == "IN_PROGRESS":
            return Output(status="PENDING", operation_id=step.operation_id)
        if operation.status == "FAILED":
            message = f"CreateAccountAssignment {operation.request_id} failed: {operation.failure_reason}"
            raise AssignmentFailed(message)
    missing = missing_assignments(gateways, gateways.table.request(step.request_id), step.account_id)
    if not missing:
        return Output(status="DONE")
    started = center.create_assignment(step.account_id, missing[0])
    return Output(status="PENDING", operation_id=started.request_id)


def missing_assignments(gateways: Gateways, record: RequestRecord, account_id: str) -> list[AccountAssignment]:
    """Return the assignments that type and request promise and Identity Center does not show, in a fixed order."""
    center = gateways.identity_center
    wanted = [*gateways.catalog.account_type(record.request.type).assignments, *record.request.access]
    missing: list[AccountAssignment] = []
    for entry in wanted:
        arn = center.permission_set_arn(entry.permission_set)
        if entry.group is not None:
            assignment = AccountAssignment("GROUP", center.group_id(entry.group), arn)
        else:
            assignment = AccountAssignment("USER", center.user_id(str(entry.user)), arn)
        if assignment not in missing and assignment not in center.assignments(account_id, arn):
            missing.append(assignment)
    return missing
