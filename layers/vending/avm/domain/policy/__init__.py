"""The policy evaluator: may this principal make this request, and which policy says so?

The one evaluator of the project: the catalog refuses guardrails that lock out the vend with it, the emulator decides
every call with it, and the proofs of the SCPs compare it with a simulator from outside. Pure: documents in, decision
out. ``policy`` reads a document, ``evaluate`` decides, ``denied`` words AWS's refusal.
"""

from avm.domain.policy.decision import Decision
from avm.domain.policy.documents import Policy, policy
from avm.domain.policy.evaluation import Policies, evaluate
from avm.domain.policy.kinds import PolicyKind
from avm.domain.policy.malformed import PolicyMalformed
from avm.domain.policy.messages import denied
from avm.domain.policy.principals import Principal, PrincipalKind
from avm.domain.policy.request import Request

__all__ = [
    "Decision",
    "Policies",
    "Policy",
    "PolicyKind",
    "PolicyMalformed",
    "Principal",
    "PrincipalKind",
    "Request",
    "denied",
    "evaluate",
    "policy",
]
