"""Prepares the emulator's organization from the catalog, by public AWS calls.

What stands here is what an operator has before the first account is vended: what no API of the machine makes (the
organization, a role to work with, the application's account, people in Identity Center), and the foundation, brought on
by its own controls. Groups, users and that account are those of the shipped emulator.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

from moto.utilities.utils import get_partition

from avm.catalog import load_catalog
from avm_emulator.identity_center import enable_identity_center
from avm_emulator.seed_accounts import NewAccount, create_accounts
from avm_emulator.seed_foundation import bring_on_foundation

if TYPE_CHECKING:
    from avm_emulator.context import Emulator

CATALOG = Path(__file__).parents[1] / "layers" / "catalog" / "catalog"
GROUPS = ("platform-admins", "payments-developers", "web-developers", "security-auditors", "billing-readers")
USERS = ("jane.doe@example.com", "john.roe@example.com", "max.muster@example.com")
OPERATOR_ROLE = "avm-operator"
APPLICATION_ACCOUNT = "avm-tooling"
APPLICATION_EMAIL = "aws+avm-tooling@example.com"
APPLICATION_OU = "Infrastructure"


def seed(emulator: Emulator, *, one_account: bool = False, foundation: bool = True) -> None:
    """Prepare the management account and, unless it shall be bare, its organization and Identity Center.

    Unless ``one_account``, an account of its own is made for the application. Without ``foundation`` the rest is left
    to an apply.

    Raises:
        CatalogInvalid: the catalog has problems; it names them all.
    """
    _create_operator_role(emulator)
    if emulator.bare:
        return
    catalog = load_catalog(CATALOG)
    emulator.clients.client("organizations").create_organization(FeatureSet="ALL")
    _fill_identity_center(emulator)
    bring_on_foundation(emulator, catalog, "organizational-units")
    if not one_account:
        _create_application_account(emulator)
    if foundation:
        bring_on_foundation(emulator, catalog)


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


def _create_application_account(emulator: Emulator) -> None:
    """Make the account that the application is deployed into."""
    wanted = NewAccount(APPLICATION_ACCOUNT, APPLICATION_EMAIL, APPLICATION_OU)
    emulator.application_account_id = create_accounts(emulator, [wanted])[APPLICATION_ACCOUNT]


def _fill_identity_center(emulator: Emulator) -> None:
    """Enable it, and let it know the people."""
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
