"""The roles that the machine works in, and who is trusted with them (design, section 8)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

BOOTSTRAP_ROLE = "OrganizationAccountAccessRole"
"""What CreateAccount puts into every account: administrator, trusting the whole management account at first."""

VENDING_PATH = "/avm/"
"""The path of the machine's roles; SCPs let nobody but the bootstrap role make any there (avm-protect-baseline)."""

EVENTS_ROLE = "avm-events"
"""In which EventBridge sends what happens in an account to the machine."""

BUS = "avm"
"""The application's event bus."""

Document = Mapping[str, Any]


@dataclass(frozen=True)
class Trusted:
    """Whom roles in member accounts trust."""

    function_roles: str
    """How the ARNs of the application's function roles begin; the path goes on with the roles that a function takes,
    and with ``reports`` where it keeps reports."""
    external_id: str
    organization_id: str
    broker_role_arn: str

    def bus_arn(self, region: str) -> str:
        """Return the ARN of the application's event bus, which is in the home Region."""
        partition, account_id = self.function_roles.split(":")[1], self.function_roles.split(":")[4]
        return f"arn:{partition}:events:{region}:{account_id}:event-bus/{BUS}"

    @property
    def application_root(self) -> str:
        """The application's account, as a principal."""
        partition, account_id = self.function_roles.split(":")[1], self.function_roles.split(":")[4]
        return f"arn:{partition}:iam::{account_id}:root"

    def who_reports(self) -> dict[str, Mapping[str, str]]:
        """Return the conditions that only the functions fulfil that keep reports: their path says so."""
        return {
            "StringEquals": {"aws:PrincipalOrgID": self.organization_id},
            "ArnLike": {"aws:PrincipalArn": f"{self.function_roles}*reports/*"},
        }

    def functions(self, role: str) -> Document:
        """Return the trust policy that admits the functions that take ``role`` (``observe``, ``enforce``)."""
        conditions = {
            "StringEquals": {"aws:PrincipalOrgID": self.organization_id, "sts:ExternalId": self.external_id},
            "ArnLike": {"aws:PrincipalArn": f"{self.function_roles}*{role}/*"},
        }
        return _trust(self.application_root, Condition=conditions)

    def broker(self) -> Document:
        """Return the trust policy that admits the broker alone."""
        return _trust(self.broker_role_arn)


def role_arn(partition: str, account_id: str, name: str, path: str = "/") -> str:
    """Return the ARN of a role."""
    return f"arn:{partition}:iam::{account_id}:role{path}{name}"


def is_same(one: Document, other: Document) -> bool:
    """Return whether two policy documents say the same: the order of lists means nothing, one text is a list of one."""
    return bool(_canonical(one) == _canonical(other))


def _trust(principal_arn: str, **more: Any) -> Document:
    statement = {"Effect": "Allow", "Principal": {"AWS": principal_arn}, "Action": "sts:AssumeRole", **more}
    return {"Version": "2012-10-17", "Statement": [statement]}


def _canonical(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _canonical(member) for key, member in value.items()}
    if not isinstance(value, list):
        return value
    members = sorted((_canonical(member) for member in value), key=lambda member: json.dumps(member, sort_keys=True))
    return members[0] if len(members) == 1 else members
