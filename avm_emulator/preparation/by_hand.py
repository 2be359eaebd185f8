"""What people do before the application is there (docs/deploy.md), by public AWS calls.

No API of the machine makes these: a role to work with, the organization, an account for the application, Identity
Center with its people. Groups, users and that account are those of the shipped emulator.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from moto.utilities.utils import get_partition

from avm_emulator.identity_center import enable_identity_center
from avm_emulator.identity_center.console import assign_root_mfa
from avm_emulator.preparation.accounts import NewAccount, create_accounts

if TYPE_CHECKING:
    from avm_emulator.context import Emulator

GROUPS = ("platform-admins", "payments-developers", "web-developers", "security-auditors", "billing-readers")
USERS = ("jane.doe@example.com", "john.roe@example.com", "max.muster@example.com")
OPERATOR_ROLE = "avm-operator"
APPLICATION_ACCOUNT = "avm-tooling"
APPLICATION_EMAIL = "aws+avm-tooling@example.com"
APPLICATION_OU = "Infrastructure"


def create_operator_role(emulator: Emulator) -> None:
    """Make the role that an operator works in, in the management account."""
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


def create_application_account(emulator: Emulator) -> None:
    """Make the account that the application is deployed into."""
    wanted = NewAccount(APPLICATION_ACCOUNT, APPLICATION_EMAIL, APPLICATION_OU)
    emulator.application_account_id = create_accounts(emulator, [wanted])[APPLICATION_ACCOUNT]


def fill_identity_center(emulator: Emulator) -> None:
    """Do what has to be clicked, and let it know the people."""
    enable_identity_center(emulator)
    assign_root_mfa(emulator)
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
