"""Where a call is made: what ARNs need beside the call's own parameters."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


def _unknown(_: str, __: str) -> None:
    return None


@dataclass(frozen=True)
class Place:
    """Partition, Region and account of a call, and its organization."""

    account: str
    """The caller's."""
    region: str
    partition: str = "aws"
    organization: str = "o-unknown"
    management_account: str = ""
    look_up: Callable[[str, str], str | None] = _unknown
    """ARN of what is known by another name: ``role``, ``user``, ``policy`` by name (their ARNs hold paths), ``alias``
    (the key behind it), ``organizations-policy`` by id (its ARN holds its type). None: take the plain name."""
    user: str = ""
    """ARN of the user or root user who calls; nothing where it is a session in a role. IAM takes him for the one who is
    meant where a call about a user names none."""
