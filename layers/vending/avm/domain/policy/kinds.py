"""Kinds of policies."""

from __future__ import annotations

from enum import StrEnum


class PolicyKind(StrEnum):
    """What a policy is attached to; the values are AWS's words in its messages."""

    IDENTITY = "identity-based policy"
    BOUNDARY = "permissions boundary"
    SESSION = "session policy"
    SCP = "service control policy"
    RCP = "resource control policy"
    RESOURCE = "resource-based policy"
    TRUST = "role trust policy"
