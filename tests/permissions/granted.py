"""What roles may do, as it is deployed: each action on each resource, by role."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from avm.aws.broker import USES
from avm.domain.policy import PolicyKind
from avm.domain.policy.statements import Statement
from avm.domain.trust import VENDING_PATH
from tests.faults.world import PROOF, World
from tests.permissions.observed import Need

BROKER = "avm-broker"
_OF_A_STACK = re.compile(r"/(avm-(?:[a-z]+-)*)[A-Z]\w*-[A-Za-z0-9]{12}$")
"""How CloudFormation names a role that has no name of its own: stack, logical id, and what is left to chance."""
_CHANCE = re.compile(r"-[A-Za-z0-9]{12}$")
"""What CloudFormation appends to names."""


@dataclass(frozen=True)
class Grant:
    """One action on one resource that a role (or the broker's session for one use) may do."""

    principal: str
    """``ApiFunction``, ``VendAccountStateMachine``, ``avm-broker``, ``avm-broker: read``, ``avm-observe``."""
    role_arn: str
    use: str | None
    policy: str
    """Name of the policy; ARN of a managed one."""
    action: str
    resource: str
    conditions: Mapping[str, Any] = field(hash=False, compare=False)

    def allows(self, need: Need) -> bool:
        """Say whether the need is one of this role's that the grant fulfils."""
        if need.role_arn != self.role_arn or (self.use is not None and need.use != self.use):
            return False
        data = {"Effect": "Allow", "Action": self.action, "Resource": self.resource, "Condition": self.conditions}
        statement = Statement(data, PolicyKind.IDENTITY, 0, variables=True)
        return statement.is_about(need.action.lower()) and statement.applies(need.resource, need.request.keys())


class Roles:
    """Reads roles in any account."""

    def __init__(self, world: World) -> None:
        """``world``: deployed."""
        self._world = world

    def own(self) -> list[str]:
        """Return the ARNs of the roles that the three stacks have made."""
        emulator = self._world.emulator
        accounts = {emulator.management_account_id, emulator.application_account_id}
        pages = [page for each in accounts for page in self.iam(each).get_paginator("list_roles").paginate()]
        arns = [role["Arn"] for page in pages for role in page["Roles"]]
        return sorted(arn for arn in arns if f":role{VENDING_PATH}" in arn or _OF_A_STACK.search(arn))

    def iam(self, account_id: str) -> Any:
        """Return IAM of an account, as its administrator."""
        emulator = self._world.emulator
        if account_id == emulator.management_account_id:
            return emulator.clients.client("iam")
        broker = f"arn:aws:iam::{emulator.management_account_id}:role{VENDING_PATH}{BROKER}"
        is_application = account_id == emulator.application_account_id
        return emulator.clients.client(
            "iam",
            role_arn=f"arn:aws:iam::{account_id}:role/OrganizationAccountAccessRole",
            session_name=PROOF if is_application else f"avm-bootstrap-{account_id}",
            source_role_arn=None if is_application else broker,
        )

    def inline(self, role_arn: str) -> dict[str, dict[str, Any]]:
        """Return the inline policies of a role by name."""
        iam, name = self.iam(role_arn.split(":")[4]), role_arn.rpartition("/")[2]
        names = iam.list_role_policies(RoleName=name)["PolicyNames"]
        return {policy: iam.get_role_policy(RoleName=name, PolicyName=policy)["PolicyDocument"] for policy in names}

    def managed(self, role_arn: str) -> dict[str, dict[str, Any]]:
        """Return the managed policies of a role by ARN."""
        iam, name = self.iam(role_arn.split(":")[4]), role_arn.rpartition("/")[2]
        found = {}
        for attached in iam.list_attached_role_policies(RoleName=name)["AttachedPolicies"]:
            arn = attached["PolicyArn"]
            version = iam.get_policy(PolicyArn=arn)["Policy"]["DefaultVersionId"]
            document = iam.get_policy_version(PolicyArn=arn, VersionId=version)["PolicyVersion"]["Document"]
            found[arn] = json.loads(document) if isinstance(document, str) else document
        return found

    def grants(self, role_arn: str) -> Iterator[Grant]:
        """Yield what a role may do; of the broker also what its session for each use may do."""
        principal = principal_of(role_arn)
        for name, document in {**self.inline(role_arn), **self.managed(role_arn)}.items():
            yield from _grants(principal, role_arn, None, name, document)
        if principal != BROKER:
            return
        management = role_arn.split(":")[4]
        for use in USES:
            document = json.loads(use.policy(partition="aws", management=management, account="*"))
            yield from _grants(f"{BROKER}: {use.name}", role_arn, use.name, "session policy", document)


def principal_of(role_arn: str) -> str:
    """Return the short name of a role: of a function's, the function's logical id."""
    name = role_arn.rpartition("/")[2]
    stack = _OF_A_STACK.search(f"/{name}")
    return _CHANCE.sub("", name).removeprefix(stack[1]).removesuffix("Role") if stack else name


def _grants(
    principal: str, role_arn: str, use: str | None, policy: str, document: Mapping[str, Any]
) -> Iterator[Grant]:
    for statement in _list(document["Statement"]):
        for action in _list(statement["Action"]):
            for resource in _list(statement["Resource"]):
                conditions = statement.get("Condition", {})
                yield Grant(principal, role_arn, use, policy, action, resource, conditions)


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
