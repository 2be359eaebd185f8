"""What comes of a request: allowed or not, and which policy says so."""

from __future__ import annotations

from dataclasses import dataclass

from avm.domain.policy.kinds import PolicyKind


@dataclass(frozen=True, slots=True)
class Decision:
    """The answer to a request on one resource; of several resources, the first that is denied."""

    allowed: bool
    resource: str
    kind: PolicyKind | None = None
    """Kind of the policy that decided; of an implicit deny, the kind that does not allow. None where none had to:
    root users in their own account, and what needs no permission."""
    policy: str | None = None
    """Name of the policy whose statement decided; None for an implicit deny."""
    sid: str | None = None
    """``Sid`` of that statement, or ``statement N`` where it has none."""

    @property
    def explicit(self) -> bool:
        """Whether a statement decided; an implicit deny is the lack of one."""
        return self.sid is not None
