"""access-assignments: exactly those have access to the account who should. Plane: Identity Center.

Identity Center updates one role of an account at a time (aws-semantics 2), so one assignment is changed in a round, and
the next round follows it to its end.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial

from avm.aws.identity_center import AccountAssignment
from avm.controls.control import Check, Control, DriftEvent, Grant, Reach, Target
from avm.domain.account_request import Access
from avm.domain.errors import AssignmentFailed
from avm.domain.finding import Change, Finding, PlannedChange

Assignments = dict[AccountAssignment, str]
"""Assignment -> what people call it."""


class AccessAssignments(Control):
    """Who has which permission set in the account."""

    name = "access-assignments"
    promise = "Groups and users hold exactly the permission sets that type and request give them."
    plane = "identity-center"
    duty = "assign_access"
    observe_grants = (
        Grant(
            (
                "identitystore:GetGroupId",
                "identitystore:GetUserId",
                "sso:DescribePermissionSet",
                "sso:ListAccountAssignments",
                "sso:ListInstances",
                "sso:ListPermissionSets",
                "sso:ListPermissionSetsProvisionedToAccount",
            )
        ),
    )
    enforce_grants = (
        Grant(
            (
                "sso:CreateAccountAssignment",
                "sso:DeleteAccountAssignment",
                "sso:DescribeAccountAssignmentCreationStatus",
                "sso:DescribeAccountAssignmentDeletionStatus",
            )
        ),
    )
    drift_events = tuple(
        DriftEvent("sso.amazonaws.com", name) for name in ("CreateAccountAssignment", "DeleteAccountAssignment")
    )

    def observe(self, target: Target, reach: Reach) -> Finding:
        """Look at an operation that is under way, then at all assignments of the account.

        Raises AssignmentFailed, PrincipalNotFound, FoundationBehind.
        """
        if target.operation_id is not None:
            operation = reach.identity_center.operation(target.operation_id)
            if operation.status == "FAILED":
                message = f"{operation.call} {operation.request_id} failed: {operation.failure_reason}"
                raise AssignmentFailed(message)
            if operation.status == "IN_PROGRESS":
                return self.finding(target, "pending", **{operation.call: operation.request_id})
        missing, strange, found = _compared(target, reach)
        return self.finding(
            target,
            "violated" if missing or strange else "compliant",
            ListAccountAssignments=sorted(found),
            missing=sorted(missing.values()),
            strange=sorted(strange.values()),
        )

    def enforce(self, target: Target, reach: Reach) -> list[Change]:
        """Begin the next change that is needed: first those who should have access get it."""
        missing, strange, _ = _compared(target, reach)
        if missing:
            assignment, words = next(iter(missing.items()))
            started = reach.identity_center.create_assignment(target.account.id, assignment)
        elif strange:
            assignment, words = next(iter(strange.items()))
            started = reach.identity_center.delete_assignment(target.account.id, assignment)
        else:
            return []
        return [self.change(started.call, words, started.id)]

    def planned(self, target: Target, reach: Reach) -> list[PlannedChange]:  # noqa: ARG002  every control is called alike
        """Give what type and request give, once, however often they say so."""
        given = dict.fromkeys(_in_words(entry) for entry in _entries(target))
        return [PlannedChange("sso:CreateAccountAssignment", words) for words in given]

    def checks(self, target: Target, reach: Reach) -> list[Check]:
        """Look for each permission set, group and user: FoundationBehind or PrincipalNotFound without it."""
        center = reach.identity_center
        sets = dict.fromkeys(entry.permission_set for entry in _entries(target))
        groups = dict.fromkeys(entry.group for entry in _entries(target) if entry.group)
        users = dict.fromkeys(str(entry.user) for entry in _entries(target) if not entry.group)
        return [
            *(partial(center.permission_set_arn, name) for name in sets),
            *(partial(center.group_id, name) for name in groups),
            *(partial(center.user_id, name) for name in users),
        ]


def _compared(target: Target, reach: Reach) -> tuple[Assignments, Assignments, list[str]]:
    """Return what is missing, what should not be there, and all that is there."""
    center = reach.identity_center
    wanted = _wanted(target, reach)
    sets = center.provisioned_permission_sets(target.account.id) | {one.permission_set_arn for one in wanted}
    found = {one for arn in sorted(sets) for one in center.assignments(target.account.id, arn)}
    words = {one: wanted.get(one) or _in_ids(one) for one in found}
    missing = {one: name for one, name in wanted.items() if one not in found}
    strange = {one: name for one, name in words.items() if one not in wanted}
    return missing, strange, list(words.values())


def _wanted(target: Target, reach: Reach) -> Assignments:
    """Return the assignments that type and request promise, each once, in their order."""
    center = reach.identity_center
    wanted: Assignments = {}
    for entry in _entries(target):
        arn = center.permission_set_arn(entry.permission_set)
        if entry.group is not None:
            assignment = AccountAssignment("GROUP", center.group_id(entry.group), arn)
        else:
            assignment = AccountAssignment("USER", center.user_id(str(entry.user)), arn)
        wanted.setdefault(assignment, _in_words(entry))
    return wanted


def _entries(target: Target) -> Iterable[Access]:
    return (*target.account_type.assignments, *target.request.access)


def _in_words(entry: Access) -> str:
    return f"{entry.group or entry.user}: {entry.permission_set}"


def _in_ids(assignment: AccountAssignment) -> str:
    """Return an assignment that nobody asked for as Identity Center names it."""
    return f"{assignment.principal_type.lower()} {assignment.principal_id}: {assignment.permission_set_arn}"
