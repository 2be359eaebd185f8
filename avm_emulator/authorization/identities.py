"""Who calls, and the policies that he has: read from moto's IAM, of which other calls make changes meanwhile."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from moto.iam.models import iam_backends
from moto.utilities.utils import get_partition

from avm.domain.policy import Policy, PolicyKind, Principal, policy
from avm_emulator.authorization.sessions import Sessions

if TYPE_CHECKING:
    from moto.iam.models import IAMBackend

    from avm_emulator.boundary import Principal as Signer


@dataclass(frozen=True)
class Caller:
    """A principal with his own policies."""

    principal: Principal
    identity: tuple[Policy, ...] = ()
    boundary: Policy | None = None
    session: tuple[Policy, ...] | None = None
    user_id: str = ""
    """What ``aws:userid`` shows."""


def backend_of(account: str, region: str) -> IAMBackend:
    """Return moto's IAM of an account, in the partition of a Region."""
    return iam_backends[account][get_partition(region)]


class Identities:
    """Finds callers."""

    def __init__(self, sessions: Sessions) -> None:
        """``sessions``: what sessions were made with."""
        self._sessions = sessions

    def of(self, signer: Signer, access_key: str, region: str) -> Caller:
        """Return who makes a call. A role or user that is gone has no policies: nothing is allowed to him."""
        backend = backend_of(signer.account, region)
        session = self._sessions.of(access_key)
        limits = None
        if session.is_limited:
            inline = (policy(session.policy, PolicyKind.SESSION, "session policy"),) if session.policy else ()
            limits = (*inline, *(_managed(backend, arn, PolicyKind.SESSION) for arn in session.policy_arns))
        if signer.role_arn is not None:
            return _in_role(backend, signer.role_arn, str(signer.session_name), session.tags, limits)
        if signer.name == "root":
            task = session.task_policy_arn
            denying = (_managed(backend, task, PolicyKind.SESSION),) if task else ()
            root = Principal.root(signer.account, get_partition(region))
            return Caller(root, denying, session=limits, user_id=signer.account)
        user = next((each for each in list(backend.users.values()) if each.arn == signer.arn), None)
        caller = _caller(backend, Principal.user(signer.arn), user, limits, str(getattr(user, "id", "")))
        groups = [group for group in list(backend.groups.values()) if user in group.users]
        of_groups = tuple(each for group in groups for each in _policies(group))
        return replace(caller, identity=(*caller.identity, *of_groups))


def caller_in_role(role_arn: str, session_name: str, region: str) -> Caller:
    """Return a session of a role that a service has assumed, with the role's policies and no others."""
    return _in_role(backend_of(role_arn.split(":")[4], region), role_arn, session_name, {}, None)


def _in_role(
    backend: IAMBackend,
    role_arn: str,
    session_name: str,
    tags: Mapping[str, str],
    limits: tuple[Policy, ...] | None,
) -> Caller:
    role = next((each for each in list(backend.roles.values()) if each.arn == role_arn), None)
    principal = Principal.session(role_arn, session_name, {**_tags(role), **tags})
    return _caller(backend, principal, role, limits, f"{getattr(role, 'id', '')}:{session_name}")


def _caller(
    backend: IAMBackend, principal: Principal, identity: Any, session: tuple[Policy, ...] | None, user_id: str
) -> Caller:
    if identity is None:
        return Caller(principal, session=session, user_id=user_id)
    arn = getattr(identity, "permissions_boundary_arn", None)
    boundary = _managed(backend, arn, PolicyKind.BOUNDARY) if arn else None
    return Caller(principal, tuple(_policies(identity)), boundary, session, user_id)


def _policies(identity: Any) -> Iterator[Policy]:
    """Yield inline and managed policies of a role, user or group."""
    for name, text in list(identity.policies.items()):
        yield policy(text, PolicyKind.IDENTITY, name)
    for managed in list(identity.managed_policies.values()):
        yield policy(_text(managed), PolicyKind.IDENTITY, managed.arn)


def _managed(backend: IAMBackend, arn: str, kind: PolicyKind) -> Policy:
    return policy(_text(backend.get_policy(arn)), kind, arn)


def _text(managed: Any) -> str:
    return str(next(version.document for version in managed.versions if version.is_default))


def _tags(role: Any) -> dict[str, str]:
    """Return a role's tags; moto keeps them as a list, and as a dictionary once they were changed."""
    tags = getattr(role, "tags", None) or {}
    pairs = tags.values() if isinstance(tags, dict) else tags
    return {str(tag["Key"]): str(tag["Value"]) for tag in pairs}
