"""no-iam-users: nobody has a password or a key of IAM in the account. Plane: member.

People come by Identity Center, programs in roles: what does not end by itself is what gets stolen. A user that is there
may carry a workload, so a drift waits for somebody's yes.
"""

from __future__ import annotations

from avm.aws.iam_users import IamUsers
from avm.controls.control import Control, DriftEvent, Grant, Reach, Target
from avm.domain.finding import Change, Finding, PlannedChange

_USERS = "arn:{partition}:iam::{account}:user/*"
_GROUPS = "arn:{partition}:iam::{account}:group/*"


class NoIamUsers(Control):
    """The account's users."""

    name = "no-iam-users"
    promise = "The account has no IAM users, and so no access keys of any."
    plane = "member"
    duty = "harden_account"
    observe_grants = (Grant(("iam:ListUsers",)), Grant(("iam:ListAccessKeys",), (_USERS,)))
    enforce_grants = (
        Grant(
            (
                "iam:DeactivateMFADevice",
                "iam:DeleteAccessKey",
                "iam:DeleteLoginProfile",
                "iam:DeleteSSHPublicKey",
                "iam:DeleteSigningCertificate",
                "iam:DeleteUser",
                "iam:DeleteUserPolicy",
                "iam:DetachUserPolicy",
                "iam:GetLoginProfile",
                "iam:ListAttachedUserPolicies",
                "iam:ListGroupsForUser",
                "iam:ListMFADevices",
                "iam:ListSSHPublicKeys",
                "iam:ListSigningCertificates",
                "iam:ListUserPolicies",
            ),
            (_USERS,),
        ),
        Grant(("iam:RemoveUserFromGroup",), (_GROUPS,)),
    )
    drift_events = tuple(DriftEvent("iam.amazonaws.com", name) for name in ("CreateAccessKey", "CreateUser"))
    mode = "propose"

    def planned(self, target: Target, reach: Reach) -> list[PlannedChange]:  # noqa: ARG002  every control is asked alike
        """Return nothing: a new account has no users."""
        return []

    def observe(self, target: Target, reach: Reach) -> Finding:
        """Look at the users; evidence: each with its keys and their state."""
        users = _users(reach)
        shown = {name: [f"{key.id} {key.status}" for key in users.keys(name)] for name in users.names()}
        return self.finding(target, "violated" if shown else "compliant", ListUsers=shown or "there are none")

    def enforce(self, target: Target, reach: Reach) -> list[Change]:  # noqa: ARG002  every control is called alike
        """Delete every user, with all that hangs on it: there is no way back."""
        users = _users(reach)
        return [self.change(operation, name) for name in users.names() for operation in users.remove(name)]


def _users(reach: Reach) -> IamUsers:
    return IamUsers(reach.member().client("iam"))
