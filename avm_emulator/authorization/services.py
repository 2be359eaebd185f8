"""May an AWS service do this, by itself or in a role? What is delivered and invoked in process asks here.

A service by itself is let in by the resource's own policy, or a role's trust policy; in a role, the role's policies
decide as they do for anybody in it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from avm.domain.policy import Policies, PolicyMalformed, Principal, Request, evaluate
from avm_emulator.authorization.guardrails import levels_of
from avm_emulator.authorization.identities import caller_in_role
from avm_emulator.authorization.judge import organization_keys
from avm_emulator.authorization.resource_policies import owner_of, policy_of
from avm_emulator.context import MANAGEMENT_ACCOUNT_ID
from avm_emulator.organizations.state import organization_of

_SECURE = {"aws:SecureTransport": "true"}
"""AWS services speak TLS to one another."""


def service_may(service: str, action: str, resource: str, context: Mapping[str, str] | None = None) -> bool:
    """Say whether a service (``events.amazonaws.com``) may do something to a resource, or assume a role.

    ``context``: condition keys that say for what it does (aws:SourceArn, aws:SourceAccount).
    """
    principal = Principal.service(service)
    return _allowed(Request(principal, action, (resource,), owner_of(resource, ""), context or {}), Policies())


def admits(service: str, action: str, resource: str, keys: Mapping[str, str]) -> bool:
    """Say whether a service may do something to a resource now, when it tries; a policy that is none lets nobody in."""
    try:
        return service_may(service, action, resource, keys)
    except PolicyMalformed:
        return False


def account_may(account: str, action: str, resource: str, context: Mapping[str, str]) -> bool:
    """Say whether the resource's policy lets another account, as such, do something."""
    keys = {**context, **organization_keys(account)}
    principal = Principal.root(account, resource.split(":")[1])
    return _allowed(Request(principal, action, (resource,), owner_of(resource, account), keys), Policies())


def role_may(role_arn: str, session: str, region: str, request: tuple[str, str], context: Mapping[str, str]) -> bool:
    """Say whether a service that has assumed a role may do something in it; ``request``: action and resource."""
    account, (action, resource) = role_arn.split(":")[4], request
    caller = caller_in_role(role_arn, session, region)
    keys = {**context, **organization_keys(account), "aws:RequestedRegion": resource.split(":")[3] or region}
    policies = Policies(
        identity=caller.identity, boundary=caller.boundary, scps=levels_of(account, "SERVICE_CONTROL_POLICY")
    )
    return _allowed(Request(caller.principal, action, (resource,), owner_of(resource, account), keys), policies)


def _allowed(request: Request, policies: Policies) -> bool:
    asked = replace(request, context={**_SECURE, **_source_organization(request), **request.context})
    guarded = replace(
        policies,
        resource=policy_of(request.action, request.resources[0]),
        rcps=levels_of(request.owner, "RESOURCE_CONTROL_POLICY"),
        management_account=MANAGEMENT_ACCOUNT_ID,
    )
    return evaluate(asked, guarded).allowed


def _source_organization(request: Request) -> dict[str, str]:
    """Return the condition key that names the organization of the account for which a service acts, if it is in one."""
    source = request.context.get("aws:SourceAccount")
    organization = organization_of(str(source)) if source else None
    return {} if organization is None else {"aws:SourceOrgID": str(organization.entity.id)}
