"""The tree: root, organizational units, parents and children."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from avm_emulator.errors import AwsError
from avm_emulator.organizations.errors import constraint_violation, invalid_input
from avm_emulator.organizations.pages import page
from avm_emulator.organizations.policies import attach_default_policies, detach_all
from avm_emulator.organizations.state import ACCOUNT_ID, Account, Organization, Root, Unit
from avm_emulator.organizations.validation import check_name, check_tags

MAX_DEPTH = 5
MAX_UNITS = 2_000
"""OU depth and number of OUs (aws-semantics 1.2)."""


def list_roots(
    organization: Organization, *, next_token: str | None = None, max_results: int | None = None
) -> dict[str, Any]:
    """Return the root, with the policy types that are enabled in it."""
    found, token = page([organization.root], next_token, max_results)
    return {"Roots": [root.describe() for root in found], "NextToken": token}


def create_organizational_unit(
    organization: Organization, *, parent_id: str, name: str, tags: Sequence[dict[str, str]] = ()
) -> dict[str, Any]:
    """Create an OU; moto takes any parent, any depth and the same name twice."""
    check_name(name)
    checked_tags = check_tags(tags)
    parent = organization.parent(parent_id)
    _check_unique(organization, parent, name)
    # o-…/r-…/ and one part for each OU above
    if len(organization.path(parent).split("/")) - 3 >= MAX_DEPTH:
        raise constraint_violation("OU_DEPTH_LIMIT_EXCEEDED", "You have exceeded the OU depth limit.")
    if sum(1 for _ in organization.units()) >= MAX_UNITS:
        raise constraint_violation("OU_NUMBER_LIMIT_EXCEEDED", "You have exceeded the number of OUs.")
    unit = Unit(organization.entity, Name=name, ParentId=parent.id)
    unit.tags = checked_tags
    organization.ou.append(unit)
    attach_default_policies(organization, unit)
    return {"OrganizationalUnit": describe(organization, unit)}


def update_organizational_unit(
    organization: Organization, *, organizational_unit_id: str, name: str | None = None
) -> dict[str, Any]:
    """Rename an OU; moto refuses a name that another OU has anywhere."""
    unit = organization.unit(organizational_unit_id)
    if name is not None and name != unit.name:
        check_name(name)
        _check_unique(organization, organization.parent(str(unit.parent_id)), name)
        unit.name = name
    return {"OrganizationalUnit": describe(organization, unit)}


def delete_organizational_unit(organization: Organization, *, organizational_unit_id: str) -> None:
    """Delete an OU; moto deletes one that still has children."""
    unit = organization.unit(organizational_unit_id)
    children: list[Account | Unit] = [*organization.units(), *organization.members()]
    if any(child.parent_id == unit.id for child in children):
        raise AwsError("OrganizationalUnitNotEmptyException", "The specified OU is not empty.")
    detach_all(unit)
    organization.ou.remove(unit)


def describe_organizational_unit(organization: Organization, *, organizational_unit_id: str) -> dict[str, Any]:
    """Return one OU; raise OrganizationalUnitNotFoundException."""
    return {"OrganizationalUnit": describe(organization, organization.unit(organizational_unit_id))}


def list_organizational_units_for_parent(
    organization: Organization, *, parent_id: str, next_token: str | None = None, max_results: int | None = None
) -> dict[str, Any]:
    """Return the OUs directly under a root or OU."""
    parent = organization.parent(parent_id)
    found, token = page(
        list(organization.units()), next_token, max_results, keep=lambda unit: unit.parent_id == parent.id
    )
    return {"OrganizationalUnits": [describe(organization, unit) for unit in found], "NextToken": token}


def list_parents(
    organization: Organization, *, child_id: str, next_token: str | None = None, max_results: int | None = None
) -> dict[str, Any]:
    """Return the one parent of an account or OU; raise ChildNotFoundException (moto: another code)."""
    try:
        child = organization.account(child_id) if ACCOUNT_ID.fullmatch(child_id) else organization.unit(child_id)
    except AwsError as error:
        if error.code == "InvalidInputException":
            raise
        raise AwsError(
            "ChildNotFoundException",
            "We can't find an organizational unit (OU) or AWS account with the ChildId that you specified.",
        ) from error
    parent = organization.parent(str(child.parent_id))
    found, token = page([{"Id": parent.id, "Type": parent.type}], next_token, max_results)
    return {"Parents": found, "NextToken": token}


def list_children(
    organization: Organization,
    *,
    parent_id: str,
    child_type: str,
    next_token: str | None = None,
    max_results: int | None = None,
) -> dict[str, Any]:
    """Return the accounts or the OUs directly under a root or OU."""
    parent = organization.parent(parent_id)
    if child_type not in ("ACCOUNT", "ORGANIZATIONAL_UNIT"):
        raise invalid_input("INVALID_ENUM", "You specified an invalid value.")
    nodes: list[Account | Unit] = [*organization.members()] if child_type == "ACCOUNT" else [*organization.units()]
    found, token = page(nodes, next_token, max_results, keep=lambda node: node.parent_id == parent.id)
    return {"Children": [{"Id": node.id, "Type": child_type} for node in found], "NextToken": token}


def describe(organization: Organization, unit: Unit) -> dict[str, Any]:
    """Return the shape ``OrganizationalUnit``; moto's knows no Path."""
    return {"Id": unit.id, "Arn": unit.arn, "Name": unit.name, "Path": organization.path(unit)}


def _check_unique(organization: Organization, parent: Root | Unit, name: str) -> None:
    if any(unit.name == name and unit.parent_id == parent.id for unit in organization.units()):
        raise AwsError("DuplicateOrganizationalUnitException", "An OU with the same name already exists.")
