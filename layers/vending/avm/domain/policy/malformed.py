"""The one error of policy documents."""

from __future__ import annotations


class PolicyMalformed(ValueError):
    """A policy document that IAM would not take, or that says something whose meaning is not known here.

    IAM answers ``MalformedPolicyDocument``. It is never read as "does not match": a Deny that silently matches nothing
    is a hole, an Allow that does is a lock-out.
    """

    def __init__(self, policy: str, place: str, reason: str) -> None:
        """Say which ``policy`` (its name), where in it (``Statement[0].Condition.Bool``) and what is wrong."""
        super().__init__(f"policy {policy!r}, {place}: {reason}")
        self.policy = policy
        self.place = place
        self.reason = reason
