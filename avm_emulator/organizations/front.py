"""The API of AWS Organizations: every operation, who may call it, and what does it."""

from __future__ import annotations

from enum import Enum
from typing import Any

from moto.organizations.models import organizations_backends

from avm_emulator.errors import AwsError
from avm_emulator.organizations import accounts, creation, delegation, features, lifecycle, policies, tags, units
from avm_emulator.organizations.errors import access_denied, invalid_input, not_in_use
from avm_emulator.organizations.state import Organization, organization_of
from avm_emulator.service_front import OperationFunction, ServiceFront, serve


class Callers(Enum):
    """Who may call an operation (botocore: the documentation of each; aws-semantics 1.6)."""

    MANAGEMENT = "the management account only"
    DELEGATED = "the management account and delegated administrators"
    MEMBER = "every account of the organization"


CALLERS: dict[OperationFunction, Callers] = {
    **dict.fromkeys(
        (
            accounts.close_account,
            accounts.move_account,
            accounts.remove_account_from_organization,
            creation.create_account,
            delegation.deregister_delegated_administrator,
            delegation.disable_aws_service_access,
            delegation.enable_aws_service_access,
            delegation.put_resource_policy,
            delegation.delete_resource_policy,
            delegation.register_delegated_administrator,
            features.accept_handshake,
            features.cancel_handshake,
            features.enable_all_features,
            lifecycle.delete_organization,
            units.create_organizational_unit,
            units.delete_organizational_unit,
            units.update_organizational_unit,
        ),
        Callers.MANAGEMENT,
    ),
    **dict.fromkeys(
        (
            accounts.describe_account,
            accounts.list_accounts,
            accounts.list_accounts_for_parent,
            creation.describe_create_account_status,
            creation.list_create_account_status,
            delegation.describe_resource_policy,
            delegation.list_aws_service_access_for_organization,
            delegation.list_delegated_administrators,
            delegation.list_delegated_services_for_account,
            features.list_handshakes_for_organization,
            lifecycle.disable_policy_type,
            lifecycle.enable_policy_type,
            policies.attach_policy,
            policies.create_policy,
            policies.delete_policy,
            policies.describe_policy,
            policies.detach_policy,
            policies.list_policies,
            policies.list_policies_for_target,
            policies.list_targets_for_policy,
            policies.update_policy,
            tags.list_tags_for_resource,
            tags.tag_resource,
            tags.untag_resource,
            units.describe_organizational_unit,
            units.list_children,
            units.list_organizational_units_for_parent,
            units.list_parents,
            units.list_roots,
        ),
        Callers.DELEGATED,
    ),
    # The first founds an organization, the last ends a membership: neither is for the management account of one.
    lifecycle.create_organization: Callers.MEMBER,
    features.describe_handshake: Callers.MEMBER,
    lifecycle.describe_organization: Callers.MEMBER,
    accounts.leave_organization: Callers.MEMBER,
}
"""All operations, and who may call them."""


class OrganizationsFront(ServiceFront):
    """Answers the calls. moto's answers each account from a state of its own, whoever asks for what."""

    def __init__(self) -> None:
        """Answer as moto's service ``organizations``."""
        super().__init__(service_name="organizations")
        self.automated_parameter_parsing = True  # by botocore's model, into self.params

    def run(self, function: OperationFunction, arguments: dict[str, Any]) -> dict[str, Any] | None:
        """Call an operation of the caller's organization, one for all Regions, one call at a time."""
        with Organization.lock:
            if function is lifecycle.create_organization:
                return function(self._future_organization(), **arguments)
            organization = organization_of(self.current_account)
            if organization is None:
                raise not_in_use()
            if not _may_call(self.current_account, organization, CALLERS[function]):
                raise access_denied()
            if function is accounts.leave_organization:
                arguments = {"caller": self.current_account}
            return function(organization, **arguments)

    def missing(self, names: list[str]) -> AwsError:
        """Return the service's own error for required members that are not given."""
        return invalid_input("INPUT_REQUIRED", f"You must include a value for {', '.join(names)}.")

    def _future_organization(self) -> Organization:
        if organization_of(self.current_account) is not None:
            raise AwsError(
                "AlreadyInOrganizationException", "The provided account is already a member of an organization."
            )
        return organizations_backends[self.current_account]["aws"]


def _may_call(account_id: str, organization: Organization, callers: Callers) -> bool:
    if account_id == organization.account_id or callers is Callers.MEMBER:
        return True
    return callers is Callers.DELEGATED and organization.is_delegated_administrator(account_id)


serve(OrganizationsFront, "organizations", CALLERS)
