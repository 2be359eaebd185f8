"""May an AWS service act on a resource? What the resource's own policy says, by the one policy evaluator."""

from __future__ import annotations

from collections.abc import Mapping

from avm.domain.policy import Policies, PolicyMalformed, Principal, Request, evaluate
from avm_emulator.authorization.resource_policies import policy_of


def admits(service: str, action: str, arn: str, keys: Mapping[str, str]) -> bool:
    """Return whether the policy of the resource ``arn`` lets a service (``config.amazonaws.com``) do ``action``.

    ``keys``: condition keys that say for whom the service acts. Services speak TLS to each other.
    """
    try:
        policies = Policies(resource=policy_of(action, arn))
    except PolicyMalformed:
        return False
    context = {"aws:SecureTransport": "true", **keys}
    return evaluate(Request(Principal.service(service), action, (arn,), "", context), policies).allowed
