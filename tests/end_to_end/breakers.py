"""For each control one public call of AWS after which it is untrue.

Whoever makes it has the rights; that guardrails keep others from it has its tests in ``tests/policy``.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from tests.end_to_end.conftest import Machine

ANYBODY = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}],
}
ANYTHING = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]}


@dataclass(frozen=True)
class Place:
    """A ready account, and who can break something in it."""

    machine: Machine
    account_id: str

    def inside(self, service: str, region: str | None = None) -> Any:
        """Return a client of the account's bootstrap role, which nothing binds."""
        role = f"arn:aws:iam::{self.account_id}:role/OrganizationAccountAccessRole"
        return self.machine.emulator.clients.client(service, region, role_arn=role)

    @property
    def organizations(self) -> Any:
        """AWS Organizations, in the management account."""
        return self.machine.client("organizations")

    def unit(self, name: str) -> str:
        """Return the id of an OU under the root."""
        root = self.organizations.list_roots()["Roots"][0]["Id"]
        units = self.organizations.list_organizational_units_for_parent(ParentId=root)["OrganizationalUnits"]
        return next(str(unit["Id"]) for unit in units if unit["Name"] == name)

    def scp(self, prefix: str) -> str:
        """Return the id of the SCP whose name starts so."""
        policies = self.organizations.list_policies(Filter="SERVICE_CONTROL_POLICY")["Policies"]
        return next(str(policy["Id"]) for policy in policies if policy["Name"].startswith(prefix))


def remove_an_assignment(place: Place) -> None:
    """Take away what the account's type gives."""
    center = place.machine.client("sso-admin")
    instance = center.list_instances()["Instances"][0]["InstanceArn"]
    sets = center.list_permission_sets_provisioned_to_account(InstanceArn=instance, AccountId=place.account_id)
    arn = sets["PermissionSets"][0]
    assignments = center.list_account_assignments(
        InstanceArn=instance, AccountId=place.account_id, PermissionSetArn=arn
    )
    held = assignments["AccountAssignments"][0]
    center.delete_account_assignment(
        InstanceArn=instance,
        TargetId=place.account_id,
        TargetType="AWS_ACCOUNT",
        PermissionSetArn=arn,
        PrincipalType=held["PrincipalType"],
        PrincipalId=held["PrincipalId"],
    )
    place.machine.settle_now()


def attach_a_strange_guardrail(place: Place) -> None:
    """Put an SCP of the catalog on the account that its type does not give it."""
    place.organizations.attach_policy(PolicyId=place.scp("avm-deny-leave"), TargetId=place.account_id)


def change_a_tag(place: Place) -> None:
    """Say that somebody else owns the account."""
    place.organizations.tag_resource(ResourceId=place.account_id, Tags=[{"Key": "owner", "Value": "x@example.com"}])


def open_the_bootstrap_role(place: Place) -> None:
    """Let anybody take the bootstrap role."""
    place.inside("iam").update_assume_role_policy(
        RoleName="OrganizationAccountAccessRole", PolicyDocument=json.dumps(ANYBODY)
    )


def take_a_guardrail_from_the_ou(place: Place) -> None:
    """Detach an SCP from the OU of the account."""
    place.organizations.detach_policy(PolicyId=place.scp("avm-deny-leave"), TargetId=place.unit("Dev"))


def give_the_ou_its_guardrail_back(place: Place) -> None:
    """Attach it again: the foundation does that, no vend and no repair."""
    place.organizations.attach_policy(PolicyId=place.scp("avm-deny-leave"), TargetId=place.unit("Dev"))


def move_the_account(place: Place) -> None:
    """Move the account to another OU."""
    place.organizations.move_account(
        AccountId=place.account_id, SourceParentId=place.unit("Dev"), DestinationParentId=place.unit("Test")
    )


def widen_a_vending_role(place: Place) -> None:
    """Give a role of the machine more rights."""
    place.inside("iam").put_role_policy(RoleName="avm-enforce", PolicyName="more", PolicyDocument=json.dumps(ANYTHING))


BREAKERS: Mapping[str, Callable[[Place], None]] = {
    "access-assignments": remove_an_assignment,
    "account-guardrails": attach_a_strange_guardrail,
    "account-tags": change_a_tag,
    "bootstrap-restricted": open_the_bootstrap_role,
    "ou-guardrails": take_a_guardrail_from_the_ou,
    "placement": move_the_account,
    "vending-roles": widen_a_vending_role,
}
"""Control -> what makes it untrue. A control without one fails the walk."""

MENDED_BY_FOUNDATION: Mapping[str, Callable[[Place], None]] = {"ou-guardrails": give_the_ou_its_guardrail_back}
"""Controls that a repair only tells of, and what the foundation would do."""
