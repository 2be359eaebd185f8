"""vending-roles: the account has the roles in which the machine works there, and nobody else can take them.

``avm-enforce`` makes things true, ``avm-observe`` looks. What they may do is the union of what the controls of the
account's type declare: what only the log archive needs is not granted in every account. In ``avm-events`` EventBridge
sends the machine what happens. The security account has ``avm-security`` beside them, in which the machine administers
the security services, and a role for AWS Config. Plane: broker, by way of the bootstrap role.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from avm.aws.iam import Role, Roles
from avm.controls.administration import ADMINISTRATION, FINDINGS
from avm.controls.control import Control, DriftEvent, Grant, Reach, Target
from avm.controls.policies import enforce_policy, observe_policy
from avm.controls.registry import all_controls
from avm.domain.finding import Change, Finding, PlannedChange
from avm.domain.foundation import AGGREGATOR_ROLE, SECURITY_TYPE
from avm.domain.trust import EVENTS_ROLE, VENDING_PATH, Document, is_same

ENFORCE = "avm-enforce"
OBSERVE = "avm-observe"
SECURITY = "avm-security"


@dataclass(frozen=True)
class VendingRole:
    """One of the roles, as it should be."""

    name: str
    description: str
    trust: Document
    policy: Document
    """The inline policy, which has the role's name; the role has no other."""


_AGGREGATOR = VendingRole(
    AGGREGATOR_ROLE,
    "AWS Config asks AWS Organizations for the accounts to collect from",
    {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Principal": {"Service": "config.amazonaws.com"}, "Action": "sts:AssumeRole"}
        ],
    },
    {
        "Version": "2012-10-17",
        "Statement": [
            # what AWSConfigRoleForOrganizations, the policy that AWS keeps for it, allows; they take no resource
            {
                "Effect": "Allow",
                "Action": [
                    "organizations:DescribeOrganization",
                    "organizations:ListAWSServiceAccessForOrganization",
                    "organizations:ListAccounts",
                    "organizations:ListDelegatedAdministrators",
                ],
                "Resource": "*",
            }
        ],
    },
)


class VendingRoles(Control):
    """The roles."""

    name = "vending-roles"
    promise = "The machine's roles are in the account, may do what its controls need, and trust nobody else."
    plane = "broker"
    duty = "create_vending_roles"
    observe_grants = (
        Grant(
            ("iam:GetRole", "iam:GetRolePolicy", "iam:ListAttachedRolePolicies", "iam:ListRolePolicies"),
            tuple(
                f"arn:{{partition}}:iam::{{account}}:role{VENDING_PATH}{name}"
                for name in (ENFORCE, OBSERVE, EVENTS_ROLE, SECURITY, AGGREGATOR_ROLE)
            ),
            plane="member",
            observing_only=True,  # they are mended as the bootstrap role
        ),
    )
    enforce_grants = (
        Grant(
            (
                "iam:CreateRole",
                "iam:DeleteRolePermissionsBoundary",
                "iam:DeleteRolePolicy",
                "iam:DetachRolePolicy",
                "iam:PutRolePolicy",
                "iam:UpdateAssumeRolePolicy",
            )
        ),
    )
    drift_events = tuple(
        DriftEvent("iam.amazonaws.com", name)
        for name in (
            "AttachRolePolicy",
            "CreateRole",
            "DeleteRole",
            "DeleteRolePolicy",
            "DetachRolePolicy",
            "PutRolePermissionsBoundary",
            "PutRolePolicy",
            "UpdateAssumeRolePolicy",
        )
    )

    def observe(self, target: Target, reach: Reach) -> Finding:
        """Look at the roles as ``avm-observe``; evidence of a violation: role -> which call shows what."""
        iam = Roles(reach.member().client("iam"))
        faults = {role.name: list(_faults(iam.role(role.name), role)) for role in vending_roles(target)}
        violated = {name: found for name, found in faults.items() if found}
        if violated:
            return self.finding(target, "violated", **violated)
        return self.finding(target, "compliant", GetRole=sorted(faults))

    def enforce(self, target: Target, reach: Reach) -> list[Change]:
        """Make the roles what they should be, by the bootstrap role."""
        iam = Roles(reach.bootstrap().client("iam"))
        return [
            self.change(operation, role.name) for role in vending_roles(target) for operation in _enforce(iam, role)
        ]

    def planned(self, target: Target, reach: Reach) -> list[PlannedChange]:  # noqa: ARG002  every control is called alike
        """Make each role with its policy."""
        calls = ("iam:CreateRole", "iam:PutRolePolicy")
        return [PlannedChange(call, f"role {role.name}") for role in vending_roles(target) for call in calls]


def vending_roles(target: Target) -> tuple[VendingRole, ...]:
    """Return the roles as they should be in the account."""
    controls = [control for name, control in all_controls().items() if name in target.account_type.controls]
    place = {"partition": target.foundation.partition, "account_id": target.account.id}
    security = VendingRole(
        SECURITY,
        "The account vending machine administers GuardDuty and Security Hub, and enrols accounts there",
        target.trusted.functions("security"),
        enforce_policy(all_controls().values(), "security", (*ADMINISTRATION, *FINDINGS), **place),
    )
    return (
        VendingRole(
            ENFORCE,
            "The account vending machine makes its controls true",
            target.trusted.functions("enforce"),
            enforce_policy(controls, "member", **place),
        ),
        VendingRole(
            OBSERVE,
            "The account vending machine looks at its controls",
            target.trusted.functions("observe"),
            observe_policy(controls, "member", **place),
        ),
        _events_role(target),
        *((security, _AGGREGATOR) if target.account_type.name == SECURITY_TYPE else ()),
    )


def _events_role(target: Target) -> VendingRole:
    """Return the role of rules that send to the application's bus: by an organization-wide permission only a role may.

    EventBridge user guide, "Sending and receiving events between AWS accounts in Amazon EventBridge".
    """
    trust = {
        "Effect": "Allow",
        "Principal": {"Service": "events.amazonaws.com"},
        "Action": "sts:AssumeRole",
        "Condition": {"StringEquals": {"aws:SourceAccount": target.account.id}},
    }
    bus_arn = target.trusted.bus_arn(target.foundation.home_region)
    allowed = {"Effect": "Allow", "Action": "events:PutEvents", "Resource": bus_arn}
    return VendingRole(
        EVENTS_ROLE,
        "EventBridge sends the account vending machine what may have to be mended",
        {"Version": "2012-10-17", "Statement": [trust]},
        {"Version": "2012-10-17", "Statement": [allowed]},
    )


def _faults(found: Role | None, wanted: VendingRole) -> Iterator[str]:
    if found is None:
        yield "GetRole: it is not there"
        return
    if f":role{VENDING_PATH}{wanted.name}" not in found.arn:
        yield f"GetRole: it is {found.arn}"
    if not is_same(found.trust, wanted.trust):
        yield f"GetRole: its trust is {dict(found.trust)}"
    if not is_same(found.policies, {wanted.name: wanted.policy}):
        yield f"ListRolePolicies, GetRolePolicy: its policies are {dict(found.policies)}"
    if found.attached:
        yield f"ListAttachedRolePolicies: it has {', '.join(found.attached)}"
    if found.boundary:
        yield f"GetRole: its permissions boundary is {found.boundary}"


def _enforce(iam: Roles, wanted: VendingRole) -> Iterator[str]:
    found = iam.role(wanted.name)
    if found is None:
        iam.create(wanted.name, VENDING_PATH, wanted.description, wanted.trust)
        yield "CreateRole"
    elif not is_same(found.trust, wanted.trust):
        iam.set_trust(wanted.name, wanted.trust)
        yield "UpdateAssumeRolePolicy"
    policies = found.policies if found else {}
    if wanted.name not in policies or not is_same(policies[wanted.name], wanted.policy):
        iam.put_policy(wanted.name, wanted.name, wanted.policy)
        yield "PutRolePolicy"
    for name in set(policies) - {wanted.name}:
        iam.delete_policy(wanted.name, name)
        yield "DeleteRolePolicy"
    for arn in found.attached if found else ():
        iam.detach_policy(wanted.name, arn)
        yield "DetachRolePolicy"
    if found and found.boundary:
        iam.delete_boundary(wanted.name)
        yield "DeleteRolePermissionsBoundary"
