"""The API of IAM Identity Center: what moto lacks or does wrongly; the rest of moto's operations stay."""

from __future__ import annotations

from typing import Any

from moto.ssoadmin.responses import SSOAdminResponse

from avm_emulator.errors import AwsError
from avm_emulator.identity_center import assignments, instances, permission_sets
from avm_emulator.identity_center.state import IdentityCenter, center_of
from avm_emulator.service_front import OperationFunction, ServiceFront, serve

OPERATIONS: tuple[OperationFunction, ...] = (
    assignments.create_account_assignment,
    assignments.delete_account_assignment,
    assignments.describe_account_assignment_creation_status,
    assignments.describe_account_assignment_deletion_status,
    assignments.list_account_assignment_creation_status,
    assignments.list_account_assignment_deletion_status,
    assignments.list_account_assignments_for_principal,
    instances.describe_instance,
    instances.list_instances,
    permission_sets.create_permission_set,
    permission_sets.delete_permission_set,
    permission_sets.delete_permissions_boundary_from_permission_set,
    permission_sets.describe_permission_set_provisioning_status,
    permission_sets.get_permissions_boundary_for_permission_set,
    permission_sets.list_accounts_for_provisioned_permission_set,
    permission_sets.list_permission_set_provisioning_status,
    permission_sets.list_permission_sets_provisioned_to_account,
    permission_sets.list_tags_for_resource,
    permission_sets.provision_permission_set,
    permission_sets.put_permissions_boundary_to_permission_set,
    permission_sets.tag_resource,
    permission_sets.untag_resource,
    permission_sets.update_permission_set,
)
_CHANGES_ACCESS = frozenset(
    {
        assignments.create_account_assignment,
        assignments.delete_account_assignment,
        permission_sets.provision_permission_set,
    }
)


class IdentityCenterFront(ServiceFront, SSOAdminResponse):
    """Answers the calls. moto's answers each account and Region from an instance of its own."""

    def __init__(self) -> None:
        """Answer as moto's service ``sso-admin``."""
        SSOAdminResponse.__init__(self)
        self.automated_parameter_parsing = True  # by botocore's model, into self.params

    @property
    def ssoadmin_backend(self) -> IdentityCenter:
        """Return the Identity Center that the caller sees; refuse an instance that is not there."""
        center = center_of(self.current_account, self.region)
        arn = self.params.get("InstanceArn")
        if arn is not None and all(instance.arn != arn for instance in center.instances):
            # AWS does not tell whether an instance of others exists: the model of DescribeInstance has no other error.
            raise AwsError("AccessDeniedException", f"You do not have access to the instance {arn} in {self.region}.")
        return center

    def run(self, function: OperationFunction, arguments: dict[str, Any]) -> dict[str, Any] | None:
        """Call an operation of the instance."""
        center = self.ssoadmin_backend
        arguments.pop("instance_arn", None)
        if (
            function in _CHANGES_ACCESS
            and arguments.get("target_id") == center.account_id
            and self.current_account != center.account_id
        ):
            # Delegated administrators do not give access to the management account (aws-semantics 2).
            raise AwsError("AccessDeniedException", "Only the management account gives access to itself.")
        if function is assignments.list_account_assignments_for_principal and self.current_account != center.account_id:
            # botocore: "This action must be called from the management account".
            raise AwsError("AccessDeniedException", "Only the management account lists the assignments of a principal.")
        with IdentityCenter.lock:
            return function(center, **arguments)


serve(IdentityCenterFront, "sso-admin", OPERATIONS)
