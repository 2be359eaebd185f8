"""The body of a decision about a request (interfaces.md)."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, StringConstraints, ValidationError

from avm.contracts.body import refused
from avm.domain.account_request import ApprovalDecision


class Decision(BaseModel):
    """What is decided, and why."""

    model_config = ConfigDict(extra="forbid", strict=True)

    decision: ApprovalDecision
    comment: Annotated[str, StringConstraints(max_length=1024)] = ""


def decision_of(body: object) -> tuple[ApprovalDecision, str]:
    """Return decision and comment; raises InvalidRequest with all problems at once."""
    try:
        decision = Decision.model_validate(body)
    except ValidationError as error:
        hint = 'send {"decision": "approve" or "reject", "comment": "..."}'
        raise refused(error, hint) from error
    return decision.decision, decision.comment
