"""What AWS tells whom it refuses.

Source: IAM User Guide, "Troubleshoot access denied error messages". The reason is told within one account and one
organization only (Amazon S3 User Guide, "Troubleshoot access denied (403 Forbidden) errors").
"""

from __future__ import annotations

from avm.domain.policy.decision import Decision
from avm.domain.policy.kinds import PolicyKind
from avm.domain.policy.request import Request


def denied(request: Request, decision: Decision, *, with_reason: bool = True) -> str:
    """Return the message of the AccessDenied error that a decision becomes.

    ``with_reason``: whether principal and resource belong to one account or one organization.
    """
    who = f"User: {request.principal.arn} is not authorized to perform: {request.action}"
    if decision.resource != "*" and decision.kind is not PolicyKind.TRUST:
        who += f" on resource: {decision.resource}"
    return f"{who} {_reason(request, decision)}" if with_reason and decision.kind else who


def _reason(request: Request, decision: Decision) -> str:
    kind = decision.kind
    if not decision.explicit:
        return f"because no {kind} allows the {request.action} action"
    if kind is PolicyKind.TRUST:
        return f"with an explicit deny in the {kind}"
    return f"with an explicit deny in {'an' if kind is PolicyKind.IDENTITY else 'a'} {kind}"
