"""Prepares the emulator's organization from the catalog, by public AWS calls.

What stands here is what an operator has before the first account is vended: the organization with its OUs and SCPs, the
permission sets, groups and users of Identity Center, a role to work with, the log archive and the security account, and
the account that the application is deployed into. Names come from the catalog; groups, users and that account are those
of the shipped emulator.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from moto.utilities.utils import get_partition

from avm.catalog import load_catalog
from avm.domain.catalog import Catalog
from avm.domain.foundation import LOG_ARCHIVE_TYPE, SECURITY_TYPE
from avm.domain.permission_set import PermissionSet
from avm_emulator.identity_center import enable_identity_center
from avm_emulator.seed_accounts import NewAccount, create_accounts
from avm_emulator.seed_foundation import seed_foundation

if TYPE_CHECKING:
    from avm_emulator.context import Emulator

CATALOG = Path(__file__).parents[1] / "layers" / "catalog" / "catalog"
GROUPS = ("platform-admins", "payments-developers", "web-developers", "security-auditors", "billing-readers")
USERS = ("jane.doe@example.com", "john.roe@example.com", "max.muster@example.com")
OPERATOR_ROLE = "avm-operator"
APPLICATION_ACCOUNT = "avm-tooling"
APPLICATION_EMAIL = "aws+avm-tooling@example.com"
APPLICATION_OU = "Infrastructure"
IDENTITY_CENTER = "sso.amazonaws.com"
POLICY_TYPES = ("SERVICE_CONTROL_POLICY", "RESOURCE_CONTROL_POLICY")
FOUNDATIONAL_TYPES = (LOG_ARCHIVE_TYPE, SECURITY_TYPE)
"""Account types of which there is an account each, named like its type."""
TYPE_TAG = "avm:type"
"""The tag by which the application finds them."""


def seed(emulator: Emulator, *, one_account: bool = False) -> None:
    """Prepare the management account and, unless it shall be bare, its organization and Identity Center.

    Unless ``one_account``, an account of its own is made for the application, which administers Identity Center.

    Raises:
        CatalogInvalid: the catalog has problems; it names them all.
    """
    _create_operator_role(emulator)
    if emulator.bare:
        return
    catalog = load_catalog(CATALOG)
    _create_organization(emulator, catalog)
    _fill_identity_center(emulator, catalog)
    account_ids = _create_accounts(emulator, catalog, one_account=one_account)
    seed_foundation(emulator, catalog, account_ids)


def _create_operator_role(emulator: Emulator) -> None:
    iam = emulator.clients.client("iam")
    partition = get_partition(emulator.region)
    trust = {
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:{partition}:iam::{emulator.management_account_id}:root"},
        "Action": "sts:AssumeRole",
    }
    iam.create_role(
        RoleName=OPERATOR_ROLE,
        AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [trust]}),
        Description="Works with the account vending machine and its organization.",
    )
    iam.attach_role_policy(RoleName=OPERATOR_ROLE, PolicyArn=f"arn:{partition}:iam::aws:policy/AdministratorAccess")


def _create_organization(emulator: Emulator, catalog: Catalog) -> None:
    organizations = emulator.clients.client("organizations")
    organizations.create_organization(FeatureSet="ALL")
    root = organizations.list_roots()["Roots"][0]
    enabled = {policy_type["Type"] for policy_type in root["PolicyTypes"]}
    for policy_type in POLICY_TYPES:
        if policy_type not in enabled:
            organizations.enable_policy_type(RootId=root["Id"], PolicyType=policy_type)
    unit_ids = _create_units(organizations, catalog, root["Id"])
    for scp in catalog.scps.values():
        policy = organizations.create_policy(
            Name=scp.aws_name, Description=scp.purpose, Content=scp.content, Type="SERVICE_CONTROL_POLICY"
        )
        policy_id = policy["Policy"]["PolicySummary"]["Id"]
        for name, unit in catalog.organization.ous.items():
            if scp.name in unit.scps:
                organizations.attach_policy(PolicyId=policy_id, TargetId=unit_ids[name])


def _create_units(organizations: Any, catalog: Catalog, root_id: str) -> dict[str, str]:
    """Create the OUs, each after the one above it, and return their ids by name."""
    ids: dict[str, str] = {}

    def create(name: str) -> str:
        if name not in ids:
            parent = catalog.organization.ous[name].parent
            parent_id = create(parent) if parent else root_id
            unit = organizations.create_organizational_unit(ParentId=parent_id, Name=name)
            ids[name] = unit["OrganizationalUnit"]["Id"]
        return ids[name]

    for name in catalog.organization.ous:
        create(name)
    return ids


def _create_accounts(emulator: Emulator, catalog: Catalog, *, one_account: bool) -> dict[str, str]:
    """Create the accounts that stand before the first vend, and return their ids by name."""
    wanted = [
        NewAccount(kind, f"aws+{kind}@example.com", catalog.account_types[kind].ou, ((TYPE_TAG, kind),))
        for kind in FOUNDATIONAL_TYPES
    ]
    if not one_account:
        wanted.append(NewAccount(APPLICATION_ACCOUNT, APPLICATION_EMAIL, APPLICATION_OU))
    ids = create_accounts(emulator, wanted)
    emulator.security_account_id = ids[SECURITY_TYPE]
    if not one_account:
        emulator.application_account_id = ids[APPLICATION_ACCOUNT]
        emulator.clients.client("organizations").register_delegated_administrator(
            AccountId=emulator.application_account_id, ServicePrincipal=IDENTITY_CENTER
        )
    return ids


def _fill_identity_center(emulator: Emulator, catalog: Catalog) -> None:
    enable_identity_center(emulator)
    sso_admin = emulator.clients.client("sso-admin")
    identity_store = emulator.clients.client("identitystore")
    instance = sso_admin.list_instances()["Instances"][0]
    for group in GROUPS:
        identity_store.create_group(IdentityStoreId=instance["IdentityStoreId"], DisplayName=group)
    for user in USERS:
        given, family = user.partition("@")[0].title().split(".")
        identity_store.create_user(
            IdentityStoreId=instance["IdentityStoreId"],
            UserName=user,
            DisplayName=f"{given} {family}",
            Name={"GivenName": given, "FamilyName": family},
            Emails=[{"Value": user, "Type": "work", "Primary": True}],
        )
    for permission_set in catalog.permission_sets.values():
        _create_permission_set(sso_admin, instance["InstanceArn"], permission_set, get_partition(emulator.region))


def _create_permission_set(sso_admin: Any, instance_arn: str, permission_set: PermissionSet, partition: str) -> None:
    created = sso_admin.create_permission_set(
        InstanceArn=instance_arn,
        Name=permission_set.name,
        Description=permission_set.description,
        SessionDuration=permission_set.session_duration,
    )
    target = {"InstanceArn": instance_arn, "PermissionSetArn": created["PermissionSet"]["PermissionSetArn"]}
    for arn in permission_set.managed_policy_arns(partition):
        sso_admin.attach_managed_policy_to_permission_set(**target, ManagedPolicyArn=arn)
    if permission_set.inline_policy is not None:
        sso_admin.put_inline_policy_to_permission_set(**target, InlinePolicy=permission_set.inline_policy.content())
