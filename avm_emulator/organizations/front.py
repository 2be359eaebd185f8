"""The API of AWS Organizations: every operation, who may call it, and what does it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Any

from botocore import xform_name
from moto.core.responses import ActionResult, BaseResponse
from moto.core.utils import camelcase_to_underscores
from moto.organizations.models import organizations_backends

from avm_emulator.errors import AwsError
from avm_emulator.organizations import accounts, creation, delegation, lifecycle, policies, tags, units
from avm_emulator.organizations.errors import access_denied, invalid_input, not_in_use
from avm_emulator.organizations.state import Organization, organization_of, service_model


class Callers(Enum):
    """Who may call an operation (botocore: the documentation of each; aws-semantics 1.6)."""

    MANAGEMENT = "the management account only"
    DELEGATED = "the management account and delegated administrators"
    MEMBER = "every account of the organization"


@dataclass(frozen=True)
class Operation:
    """What does an operation, and who may call it."""

    run: Callable[..., dict[str, Any] | None]
    callers: Callers


def _table(callers: Callers, *functions: Callable[..., dict[str, Any] | None]) -> dict[str, Operation]:
    return {function.__name__: Operation(function, callers) for function in functions}


OPERATIONS: dict[str, Operation] = {
    **_table(
        Callers.MANAGEMENT,
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
        lifecycle.delete_organization,
        units.create_organizational_unit,
        units.delete_organizational_unit,
        units.update_organizational_unit,
    ),
    **_table(
        Callers.DELEGATED,
        accounts.describe_account,
        accounts.list_accounts,
        accounts.list_accounts_for_parent,
        creation.describe_create_account_status,
        creation.list_create_account_status,
        delegation.describe_resource_policy,
        delegation.list_aws_service_access_for_organization,
        delegation.list_delegated_administrators,
        delegation.list_delegated_services_for_account,
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
    **_table(Callers.MEMBER, lifecycle.describe_organization),
}
"""All operations but the two in which the caller himself changes sides, by the names of their functions."""


class OrganizationsFront(BaseResponse):
    """Answers the calls. moto's answers each account from a state of its own, whoever asks for what."""

    def __init__(self) -> None:
        """Answer as moto's service ``organizations``."""
        super().__init__(service_name="organizations")
        self.automated_parameter_parsing = True  # by botocore's model, into self.params

    def create_organization(self) -> ActionResult:
        """Answer CreateOrganization, the one call of an account that has no organization."""
        with Organization.lock:
            if organization_of(self.current_account) is not None:
                raise AwsError(
                    "AlreadyInOrganizationException", "The provided account is already a member of an organization."
                )
            backend = organizations_backends[self.current_account][self.partition]
            return ActionResult(lifecycle.create_organization(backend, **self._arguments("CreateOrganization")))

    def leave_organization(self) -> ActionResult:
        """Answer LeaveOrganization, the one call that only members make (missing in moto)."""
        with Organization.lock:
            accounts.leave_organization(self._organization(Callers.MEMBER), self.current_account)
            return ActionResult({})

    def _answer(self, operation: Operation) -> ActionResult:
        with Organization.lock:
            organization = self._organization(operation.callers)
            return ActionResult(operation.run(organization, **self._arguments(self._get_action())) or {})

    def _organization(self, callers: Callers) -> Organization:
        """Return the caller's organization, one for all Regions; refuse a caller who may not make the call."""
        organization = organization_of(self.current_account)
        if organization is None:
            raise not_in_use()
        if self.current_account != organization.account_id and not (
            callers is Callers.MEMBER
            or (callers is Callers.DELEGATED and organization.is_delegated_administrator(self.current_account))
        ):
            raise access_denied()
        return organization

    def _arguments(self, operation: str) -> dict[str, Any]:
        """Return the members of the input that the model knows, named as in Python."""
        shape = service_model().operation_model(operation).input_shape
        if shape is None:
            return {}
        given = {name: value for name, value in self.params.items() if name in shape.members}
        if missing := [name for name in shape.required_members if name not in given]:
            raise invalid_input("INPUT_REQUIRED", f"You must include a value for {', '.join(missing)}.")
        return {xform_name(name): value for name, value in given.items()}


def _method(operation: Operation) -> Callable[[OrganizationsFront], ActionResult]:
    def answer(self: OrganizationsFront) -> ActionResult:
        return self._answer(operation)

    return answer


for _name in service_model().operation_names:
    # moto finds the method of an operation by this spelling of its name.
    _spelling = camelcase_to_underscores(_name)
    if _spelling in OPERATIONS:
        setattr(OrganizationsFront, _spelling, _method(OPERATIONS[_spelling]))
