"""A request to AWS as policies see it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from avm.domain.policy.principals import Principal
from avm.domain.policy.variables import Context


@dataclass(frozen=True)
class Request:
    """Who wants to do what to which resources."""

    principal: Principal
    action: str
    """IAM's name of it: ``s3:ListBucket``; its case means nothing."""
    resources: tuple[str, ...] = ("*",)
    """ARNs that the request is authorised on, each of them; ``*`` where the action takes none."""
    resource_account: str | None = None
    """Account that owns the resources; the principal's own when None."""
    context: Mapping[str, str | Sequence[str]] = field(default_factory=dict)
    """Condition keys, in any case. What IAM knows of the principal itself need not be given, but can be."""

    @property
    def owner(self) -> str:
        """Return the account that owns the resources."""
        return self.principal.account if self.resource_account is None else self.resource_account

    def keys(self) -> Context:
        """Return all condition keys, in lower case; several values as a tuple."""
        given = {key.lower(): value if isinstance(value, str) else tuple(value) for key, value in self.context.items()}
        return {**self.principal.own_keys, **given}
