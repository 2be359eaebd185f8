"""Decides requests as AWS does.

Source: IAM User Guide, "Policy evaluation logic": an explicit deny anywhere decides; then every level of RCPs and SCPs
must allow; then, in one account, the resource's policy or the principal's own, and across accounts both.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from avm.domain.policy.control_policies import rcps_bind, scps_bind
from avm.domain.policy.decision import Decision
from avm.domain.policy.documents import Policy
from avm.domain.policy.kinds import PolicyKind
from avm.domain.policy.principals import Grip, PrincipalKind
from avm.domain.policy.request import Request
from avm.domain.policy.statements import Statement
from avm.domain.policy.variables import Context

Levels = tuple[tuple[Policy, ...], ...]
"""Policies of an account's path in the organization, from the root down to the account itself."""

_NEEDS_NO_PERMISSION = {"sts:getcalleridentity"}
"""Not even an explicit deny matters (STS API reference, GetCallerIdentity)."""


@dataclass(frozen=True)
class Policies:
    """All policies that apply to one request."""

    identity: tuple[Policy, ...] = ()
    boundary: Policy | None = None
    session: tuple[Policy, ...] | None = None
    """Session policies; None where the session was made without, which is not the same as an empty one."""
    resource: Policy | None = None
    """The resource's own policy; of a role that is to be assumed, its trust policy."""
    scps: Levels = ()
    """SCPs of the principal's account; empty where SCPs are not in use."""
    rcps: Levels = ()
    """RCPs of the resource's account, with RCPFullAWSAccess; empty where RCPs are not in use."""
    management_account: str | None = None


def evaluate(request: Request, policies: Policies) -> Decision:
    """Return the decision about a request; with several resources, all must be allowed.

    Raises ValueError for a request on nothing: what takes no resource is asked for on ``*``.
    """
    if not request.resources:
        raise ValueError(f"{request.action} is asked for on no resource")
    context = request.keys()
    decision = Decision(allowed=True, resource="*")
    for resource in request.resources:
        decision = _Case(request, policies, resource, context).decide()
        if not decision.allowed:
            break
    return decision


class _Case:
    """One request on one resource."""

    def __init__(self, request: Request, policies: Policies, resource: str, context: Context) -> None:
        self._request = request
        self._policies = policies
        self._resource = resource
        self._context = context
        self._action = request.action.lower()
        principal = request.principal
        management = policies.management_account
        self._scps = policies.scps if scps_bind(request, management) else ()
        self._rcps = policies.rcps if rcps_bind(request, resource, management) else ()
        self._has_identity = bool(principal.account)
        self._same_account = self._has_identity and principal.account == request.owner

    def decide(self) -> Decision:
        if self._action in _NEEDS_NO_PERMISSION:
            return Decision(allowed=True, resource=self._resource)
        for policy in self._all():
            for statement in self._matching(policy, denies=True):
                return self._decision(allowed=False, policy=policy, statement=statement)
        for kind, levels in ((PolicyKind.RCP, self._rcps), (PolicyKind.SCP, self._scps)):
            if not all(self._allows(level) for level in levels):
                return self._implicit(kind)
        return self._permitted()

    def _all(self) -> Iterator[Policy]:
        """Yield every policy that applies; of several explicit denies, the first is told."""
        policies = self._policies
        for level in (*self._scps, *self._rcps):
            yield from level
        if self._has_identity:
            yield from policies.identity
            yield from filter(None, (policies.boundary,))
            yield from policies.session or ()
        yield from filter(None, (policies.resource,))

    def _permitted(self) -> Decision:
        """Return what the policies of resource and principal say, now that nothing denies."""
        grip, granted = self._granted()
        if granted is None and self._asks_resource:
            return self._implicit(self._resource_kind)
        if granted is not None and not self._has_identity:
            return granted
        if granted is not None and self._same_account and grip > Grip.ACCOUNT:
            return granted if grip is Grip.DIRECT else self._limited(granted)
        return self._limited(self._own())

    def _own(self) -> Decision:
        """Return what the principal's own policies allow; root users need none."""
        if self._request.principal.kind is PrincipalKind.ROOT:
            return Decision(allowed=True, resource=self._resource)
        for policy in self._policies.identity:
            for statement in self._matching(policy, denies=False):
                return self._decision(allowed=True, policy=policy, statement=statement)
        return self._implicit(PolicyKind.IDENTITY)

    def _limited(self, own: Decision) -> Decision:
        """Return ``own`` where boundary and session policies allow it, too."""
        policies = self._policies
        if not own.allowed:
            return own
        if policies.boundary is not None and not self._allows((policies.boundary,)):
            return self._implicit(PolicyKind.BOUNDARY)
        if policies.session is not None and not self._allows(policies.session):
            return self._implicit(PolicyKind.SESSION)
        return own

    def _granted(self) -> tuple[Grip, Decision | None]:
        """Return what the resource's policy allows, by its firmest statement."""
        policy = self._policies.resource
        best, granted = Grip.NONE, None
        if policy is not None:
            for statement in self._matching(policy, denies=False):
                grip = statement.grip(self._request.principal, bounded=False)
                if grip > best:
                    best, granted = grip, self._decision(allowed=True, policy=policy, statement=statement)
        return best, granted

    @property
    def _resource_kind(self) -> PolicyKind:
        return PolicyKind.TRUST if self._is_role_assumed else PolicyKind.RESOURCE

    @property
    def _is_role_assumed(self) -> bool:
        return self._action.startswith("sts:") and ":role/" in self._resource

    @property
    def _asks_resource(self) -> bool:
        """Whether the resource's policy must allow, whatever the principal's own say.

        It must across accounts, and "IAM role trust policies and KMS key policies must explicitly allow".
        """
        is_key = self._action.startswith("kms:") and ":key/" in self._resource
        return not self._same_account or self._is_role_assumed or is_key

    def _allows(self, policies: Iterable[Policy]) -> bool:
        return any(True for policy in policies for _ in self._matching(policy, denies=False))

    def _matching(self, policy: Policy, *, denies: bool) -> Iterator[Statement]:
        principal, bounded = self._request.principal, self._policies.boundary is not None
        for statement in policy.about(self._action):
            if statement.denies is denies and statement.grip(principal, bounded=bounded) and self._applies(statement):
                yield statement

    def _applies(self, statement: Statement) -> bool:
        return statement.applies(self._resource, self._context)

    def _decision(self, *, allowed: bool, policy: Policy, statement: Statement) -> Decision:
        return Decision(allowed, self._resource, policy.kind, policy.name, statement.sid)

    def _implicit(self, kind: PolicyKind) -> Decision:
        return Decision(allowed=False, resource=self._resource, kind=kind)
