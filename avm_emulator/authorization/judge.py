"""Decides what anybody may do, by all policies that apply: those of his own, the resource's, and the organization's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from avm.domain.policy import Decision, Policies, Policy, Request, denied, evaluate
from avm_emulator.authorization.guardrails import Guardrails
from avm_emulator.authorization.identities import Caller, Identities
from avm_emulator.authorization.sessions import Sessions
from avm_emulator.calls import iso8601
from avm_emulator.organizations.state import organization_of

if TYPE_CHECKING:
    from avm_emulator.boundary import Principal
    from avm_emulator.context import Emulator

Context = Mapping[str, str | Sequence[str]]


@dataclass(frozen=True)
class Origin:
    """Where a request comes from, and when."""

    region: str
    time: float
    """AWS epoch seconds."""
    source_ip: str = "127.0.0.1"
    user_agent: str = ""


@dataclass(frozen=True)
class Asker:
    """Who asks for something, with what policies can know of him and of the moment."""

    caller: Caller
    account: str
    context: Context


class Judge:
    """The one that decides in an emulator."""

    def __init__(self, emulator: Emulator) -> None:
        """Begin without sessions."""
        self.sessions = Sessions()
        self.guardrails = Guardrails()
        self._management = emulator.management_account_id
        self._identities = Identities(self.sessions)

    def asker(self, principal: Principal, access_key: str, origin: Origin) -> Asker:
        """Return who asks. What speaks HTTP on loopback would speak TLS to AWS."""
        caller = self._identities.of(principal, access_key, origin.region)
        context: dict[str, str | Sequence[str]] = {
            "aws:CurrentTime": iso8601(origin.time),
            "aws:EpochTime": str(int(origin.time)),
            "aws:RequestedRegion": origin.region,
            "aws:SecureTransport": "true",
            "aws:SourceIp": origin.source_ip,
            "aws:UserAgent": origin.user_agent,
            "aws:ViaAWSService": "false",
            "aws:userid": caller.user_id,
            **organization_keys(principal.account),
            **self.sessions.of(access_key).keys,
        }
        return Asker(caller, principal.account, context)

    def decide(self, asker: Asker, request: Request, resource_policy: Policy | None) -> Decision:
        """Return the decision about a request of the asker's; its context is added to what is known of him."""
        return evaluate(
            request,
            Policies(
                identity=asker.caller.identity,
                boundary=asker.caller.boundary,
                session=asker.caller.session,
                resource=resource_policy,
                scps=self.guardrails.of(asker.account, "SERVICE_CONTROL_POLICY"),
                rcps=self.guardrails.of(request.owner, "RESOURCE_CONTROL_POLICY"),
                management_account=self._management,
            ),
        )


def request_of(asker: Asker, action: str, resource: str, owner: str, context: Context) -> Request:
    """Return what somebody asks for; ``owner``: the account of the resource."""
    keys = {**asker.context, **context, "aws:ResourceAccount": owner}
    if (organization := organization_of(owner)) is not None:
        keys["aws:ResourceOrgID"] = str(organization.entity.id)
    return Request(asker.caller.principal, action, (resource,), owner, keys)


def refusal(request: Request, decision: Decision) -> str:
    """Return AWS's words; the reason is told within an account and an organization only."""
    account, owner = request.principal.account, request.owner
    organization = organization_of(account)
    is_known = owner == account or (organization is not None and organization is organization_of(owner))
    return denied(request, decision, with_reason=is_known)


def organization_keys(account: str) -> dict[str, str]:
    """Return the condition key that names the organization of an account, if it is in one."""
    organization = organization_of(account)
    return {} if organization is None else {"aws:PrincipalOrgID": str(organization.entity.id)}
