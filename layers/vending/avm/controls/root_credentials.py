"""root-credentials: nobody can sign in as the account's root user. Plane: organization.

With central root access new accounts are born without root credentials and cannot recover a password (aws-semantics 6);
one that has been there before may have some. What its people may still need is not taken without somebody's yes.
"""

from __future__ import annotations

from avm.controls.control import Control, DriftEvent, Grant, Reach, Target
from avm.domain.finding import Change, Finding, PlannedChange

_ROOT_USERS = "arn:{partition}:iam::*:root"


class RootCredentials(Control):
    """Password, access keys, MFA devices and certificates of the root user."""

    name = "root-credentials"
    promise = "The account's root user has no password, access keys, MFA devices or certificates."
    plane = "organization"
    duty = "harden_account"
    observe_grants = (Grant(("sts:AssumeRoot",), (_ROOT_USERS,)),)
    enforce_grants = (Grant(("sts:AssumeRoot",), (_ROOT_USERS,)),)
    drift_events = tuple(DriftEvent("iam.amazonaws.com", name) for name in ("CreateAccessKey", "CreateLoginProfile"))
    mode = "propose"

    def planned(self, target: Target, reach: Reach) -> list[PlannedChange]:  # noqa: ARG002  every control is asked alike
        """Return nothing: a new account's root user has nothing (aws-semantics 6)."""
        return []

    def observe(self, target: Target, reach: Reach) -> Finding:
        """Look in a session of the root user that may only look; evidence: what there is."""
        found = reach.root_credentials.found(target.account.id)
        if found:
            return self.finding(target, "violated", **found)
        return self.finding(target, "compliant", AssumeRoot="the root user has nothing to sign in with")

    def enforce(self, target: Target, reach: Reach) -> list[Change]:
        """Delete all of it, in a session of the root user that may only do that."""
        if not reach.root_credentials.found(target.account.id):
            return []
        return [
            self.change(operation, target.account.id) for operation in reach.root_credentials.delete(target.account.id)
        ]
