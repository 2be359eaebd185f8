"""vending-roles: the account has the two roles in which the machine works there, and nobody else can take them.

``avm-enforce`` makes things true, ``avm-observe`` looks. What they may do is the union of what the controls declare.
Plane: broker, by way of the bootstrap role.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from avm.aws.iam import Role, Roles
from avm.domain.finding import Change, Finding
from avm.domain.trust import BOOTSTRAP_ROLE, VENDING_PATH, Document, Trusted, is_same, role_arn

CONTROL = "vending-roles"
ENFORCE = "avm-enforce"
OBSERVE = "avm-observe"

POLICY_READS = ("iam:GetRolePolicy", "iam:ListAttachedRolePolicies", "iam:ListRolePolicies")
"""What this control reads of the machine's own roles beside ``iam:GetRole``."""


@dataclass(frozen=True)
class VendingRole:
    """One of the two roles, as it should be."""

    name: str
    description: str
    trust: Document
    policy: Document
    """The inline policy, which has the role's name; the role has no other."""


def vending_roles(partition: str, account_id: str, trusted: Trusted) -> tuple[VendingRole, ...]:
    """Return the roles as they should be in the account."""
    own = [role_arn(partition, account_id, name, VENDING_PATH) for name in (ENFORCE, OBSERVE)]
    bootstrap = role_arn(partition, account_id, BOOTSTRAP_ROLE)
    looks = _policy((("iam:GetRole",), [*own, bootstrap]), (POLICY_READS, own))
    # what it can do at least shows that IAM knows its policy
    makes = _policy((("iam:GetRole",), [bootstrap]))
    enforcing, observing = trusted.functions("enforce"), trusted.functions("observe")
    return (
        VendingRole(ENFORCE, "The account vending machine makes its controls true", enforcing, makes),
        VendingRole(OBSERVE, "The account vending machine looks at its controls", observing, looks),
    )


def _policy(*grants: tuple[Sequence[str], Sequence[str]]) -> Document:
    """Return the policy of a role; ``grants``: actions, and what they are granted on."""
    statements = [{"Effect": "Allow", "Action": list(named), "Resource": list(on)} for named, on in grants]
    return {"Version": "2012-10-17", "Statement": statements}


def observe(iam: Roles, wanted: tuple[VendingRole, ...]) -> Finding:
    """Look whether the roles are as they should be; evidence: role -> which call shows what."""
    faults = {role.name: list(_faults(iam.role(role.name), role)) for role in wanted}
    violated = {name: found for name, found in faults.items() if found}
    return Finding(CONTROL, "violated" if violated else "compliant", violated)


def enforce(iam: Roles, wanted: tuple[VendingRole, ...]) -> list[Change]:
    """Make the roles what they should be; return what was changed, nothing where nothing had to be."""
    return [Change(CONTROL, operation, role.name) for role in wanted for operation in _enforce(iam, role)]


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
