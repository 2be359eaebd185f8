"""Trusted access, delegated administrators, and the policy of the organization that delegates."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from moto.organizations.models import FakeDelegatedAdministrator
from moto.organizations.utils import make_random_policy_id

from avm_emulator.errors import AwsError
from avm_emulator.organizations.errors import constraint_violation, invalid_input
from avm_emulator.organizations.pages import page
from avm_emulator.organizations.service_principals import ADMINISTRATORS, DELEGABLE, TRUSTED
from avm_emulator.organizations.state import Account, Organization
from avm_emulator.organizations.validation import check_tags


class Administrator(FakeDelegatedAdministrator):
    """A member account that administers services; moto's stamps it with the machine's time."""

    def __init__(self, account: Account, since: float) -> None:
        """``since``: AWS epoch seconds."""
        self.account = account
        self.since = since
        self.services: dict[str, Any] = {}


def enable_aws_service_access(organization: Organization, *, service_principal: str) -> None:
    """Trust a service; twice is once."""
    _check_principal(service_principal, TRUSTED)
    organization.require_all_features()
    if all(service["ServicePrincipal"] != service_principal for service in organization.services):
        now = organization.emulator.clock.now()
        organization.services.append({"ServicePrincipal": service_principal, "DateEnabled": now})


def disable_aws_service_access(organization: Organization, *, service_principal: str) -> None:
    """Trust a service no more; one that was not trusted does not matter."""
    _check_principal(service_principal, TRUSTED)
    organization.services[:] = [s for s in organization.services if s["ServicePrincipal"] != service_principal]


def list_aws_service_access_for_organization(
    organization: Organization, *, next_token: str | None = None, max_results: int | None = None
) -> dict[str, Any]:
    """Return the trusted services."""
    found, token = page(organization.services, next_token, max_results)
    return {"EnabledServicePrincipals": found, "NextToken": token}


def register_delegated_administrator(organization: Organization, *, account_id: str, service_principal: str) -> None:
    """Make a member the administrator of a service; moto refuses all but six services."""
    _check_principal(service_principal, DELEGABLE)
    organization.require_all_features()
    account = organization.account(account_id)
    if account.id == organization.account_id:
        raise constraint_violation(
            "CANNOT_REGISTER_MASTER_AS_DELEGATED_ADMINISTRATOR",
            "You cannot register the management account as a delegated administrator.",
        )
    if account.state not in ("ACTIVE", "PENDING_ACTIVATION"):
        raise constraint_violation(
            "CANNOT_REGISTER_SUSPENDED_ACCOUNT_AS_DELEGATED_ADMINISTRATOR",
            "You cannot register a suspended account as a delegated administrator.",
        )
    if all(service["ServicePrincipal"] != service_principal for service in organization.services):
        raise constraint_violation(
            "SERVICE_ACCESS_NOT_ENABLED",
            "You attempted to register a delegated administrator before you enabled service access. Call the "
            "EnableAWSServiceAccess API first.",
        )
    if organization.is_delegated_administrator(account.id, service_principal):
        raise AwsError(
            "AccountAlreadyRegisteredException",
            "The specified account is already a delegated administrator for this AWS service.",
        )
    _check_number(organization, service_principal)
    admin = next((admin for admin in organization.admins if admin.account.id == account.id), None)
    now = organization.emulator.clock.now()
    if admin is None:
        admin = Administrator(account, now)
        organization.admins.append(admin)
    admin.services[service_principal] = {"ServicePrincipal": service_principal, "DelegationEnabledDate": now}


def deregister_delegated_administrator(organization: Organization, *, account_id: str, service_principal: str) -> None:
    """Take a service from its administrator."""
    account = organization.account(account_id)
    admin = _administrator(organization, account)
    if service_principal not in admin.services:
        raise _not_registered()
    del admin.services[service_principal]
    if not admin.services:
        organization.admins.remove(admin)


def list_delegated_administrators(
    organization: Organization,
    *,
    service_principal: str | None = None,
    next_token: str | None = None,
    max_results: int | None = None,
) -> dict[str, Any]:
    """Return the delegated administrators, of one service if one is given."""
    if service_principal is not None:
        _check_principal(service_principal, DELEGABLE)
    found, token = page(
        organization.admins,
        next_token,
        max_results,
        keep=lambda admin: service_principal is None or service_principal in admin.services,
    )
    return {"DelegatedAdministrators": [_describe(admin) for admin in found], "NextToken": token}


def list_delegated_services_for_account(
    organization: Organization, *, account_id: str, next_token: str | None = None, max_results: int | None = None
) -> dict[str, Any]:
    """Return the services that a member administers."""
    admin = _administrator(organization, organization.account(account_id))
    found, token = page(list(admin.services.values()), next_token, max_results)
    return {"DelegatedServices": found, "NextToken": token}


def put_resource_policy(
    organization: Organization, *, content: str, tags: Sequence[dict[str, str]] = ()
) -> dict[str, Any]:
    """Write the policy by which the organization delegates (missing in moto)."""
    organization.require_all_features()
    try:
        json.loads(content)
    except ValueError as error:
        raise invalid_input("INVALID_RESOURCE_POLICY_JSON", f"The resource policy is not JSON: {error}.") from error
    policy_id = "rp-" + make_random_policy_id()[2:]
    entity = organization.entity
    created = {
        "Id": policy_id,
        "Arn": f"arn:aws:organizations::{organization.account_id}:resourcepolicy/{entity.id}/{policy_id}",
        "Tags": check_tags(tags),
    }
    organization.resource_policy = {**(organization.resource_policy or created), "Content": content}
    return describe_resource_policy(organization)


def describe_resource_policy(organization: Organization) -> dict[str, Any]:
    """Return the policy by which the organization delegates; raise ResourcePolicyNotFoundException."""
    policy = organization.resource_policy
    if policy is None:
        raise AwsError("ResourcePolicyNotFoundException", "We can't find a resource policy request.")
    summary = {"Id": policy["Id"], "Arn": policy["Arn"]}
    return {"ResourcePolicy": {"ResourcePolicySummary": summary, "Content": policy["Content"]}}


def delete_resource_policy(organization: Organization) -> None:
    """Delete the policy by which the organization delegates; raise ResourcePolicyNotFoundException."""
    describe_resource_policy(organization)
    organization.resource_policy = None


def _check_number(organization: Organization, service_principal: str) -> None:
    """Raise ConstraintViolationException where a service takes no further administrator."""
    most = ADMINISTRATORS.get(service_principal)
    held = sum(service_principal in admin.services for admin in organization.admins)
    if most is None or held < most:
        return
    if most == 1:
        raise constraint_violation(
            "DELEGATED_ADMINISTRATOR_EXISTS_FOR_THIS_SERVICE",
            "You attempted to register an AWS account as a delegated administrator for an AWS service that already has "
            "a delegated administrator.",
        )
    raise constraint_violation(
        "MAX_DELEGATED_ADMINISTRATORS_FOR_SERVICE_LIMIT_EXCEEDED",
        "You attempted to register more delegated administrators than allowed for the service principal.",
    )


def _administrator(organization: Organization, account: Account) -> FakeDelegatedAdministrator:
    admin = next((admin for admin in organization.admins if admin.account.id == account.id), None)
    if admin is None:
        raise _not_registered()
    return admin


def _not_registered() -> AwsError:
    return AwsError(
        "AccountNotRegisteredException",
        "The specified account is not a delegated administrator for this AWS service.",
    )


def _describe(admin: Any) -> dict[str, Any]:
    account = admin.account
    return {
        "Id": account.id,
        "Arn": account.arn,
        "Email": account.email,
        "Name": account.name,
        "Status": account.status,
        "State": account.state,
        "JoinedMethod": account.joined_method,
        "JoinedTimestamp": account.joined_at,
        "DelegationEnabledDate": admin.since,
    }


def _check_principal(service_principal: str, known: frozenset[str]) -> None:
    if service_principal not in known:
        raise invalid_input("UNRECOGNIZED_SERVICE_PRINCIPAL", "You specified an unrecognized service principal.")
