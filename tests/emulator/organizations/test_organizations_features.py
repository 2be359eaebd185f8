"""An organization with consolidated billing only: what it lacks, and how it gets all features."""

from __future__ import annotations

from typing import Any

import pytest

from avm_emulator.context import Emulator
from tests.emulator.organizations.conftest import ALLOW_ALL, Refused, World

CONSTRAINT = ("ConstraintViolationException", "ORGANIZATION_NOT_IN_ALL_FEATURES_MODE")
UNAVAILABLE = "PolicyTypeNotAvailableForOrganizationException"
MODE = "HandshakeConstraintViolationException"


@pytest.fixture
def billing(empty: Emulator) -> World:
    client = empty.clients.client("organizations")
    client.create_organization(FeatureSet="CONSOLIDATED_BILLING")
    return World(empty, client, client.list_roots()["Roots"][0]["Id"])


def begin(world: World) -> dict[str, Any]:
    return dict(world.client.enable_all_features()["Handshake"])


def test_without_all_features_there_are_no_policies_no_trusted_services_and_no_closures(
    billing: World, refused: Refused
) -> None:
    client, account_id = billing.client, billing.account()
    assert client.describe_organization()["Organization"]["FeatureSet"] == "CONSOLIDATED_BILLING"
    principal = {"ServicePrincipal": "sso.amazonaws.com"}
    assert refused(client.enable_aws_service_access, **principal) == CONSTRAINT
    assert refused(client.register_delegated_administrator, AccountId=account_id, **principal) == CONSTRAINT
    assert refused(client.close_account, AccountId=account_id) == CONSTRAINT
    assert refused(client.put_resource_policy, Content="{}") == CONSTRAINT
    kind = "SERVICE_CONTROL_POLICY"
    assert refused(client.enable_policy_type, RootId=billing.root_id, PolicyType=kind)[0] == UNAVAILABLE
    policy = {"Name": "x", "Description": "", "Type": kind, "Content": ALLOW_ALL}
    assert refused(client.create_policy, **policy)[0] == UNAVAILABLE


def test_all_features_come_when_the_management_account_has_confirmed(billing: World, refused: Refused) -> None:
    account_id = billing.account()
    iam = billing.as_member(account_id, "iam")
    assert [role["RoleName"] for role in iam.list_roles()["Roles"]] == ["OrganizationAccountAccessRole"]
    handshake = begin(billing)
    assert (handshake["Action"], handshake["State"]) == ("ENABLE_ALL_FEATURES", "OPEN")
    assert billing.client.describe_organization()["Organization"]["FeatureSet"] == "CONSOLIDATED_BILLING"
    assert refused(begin, world=billing) == (MODE, "ORGANIZATION_IS_ALREADY_PENDING_ALL_FEATURES_MIGRATION")
    accepted = billing.client.accept_handshake(HandshakeId=handshake["Id"])["Handshake"]
    assert accepted["State"] == "ACCEPTED"
    assert billing.client.describe_organization()["Organization"]["FeatureSet"] == "ALL"
    assert billing.client.list_roots()["Roots"][0]["PolicyTypes"] == []
    billing.client.enable_policy_type(RootId=billing.root_id, PolicyType="SERVICE_CONTROL_POLICY")
    assert "AWSServiceRoleForOrganizations" in {role["RoleName"] for role in iam.list_roles()["Roles"]}
    again = refused(billing.client.accept_handshake, HandshakeId=handshake["Id"])
    assert again[0] == "HandshakeAlreadyInStateException"
    assert refused(begin, world=billing) == (MODE, "ORGANIZATION_ALREADY_HAS_ALL_FEATURES")


def test_the_process_can_be_cancelled_and_ends_by_itself_after_ninety_days(billing: World, refused: Refused) -> None:
    client = billing.client
    first = begin(billing)
    assert client.cancel_handshake(HandshakeId=first["Id"])["Handshake"]["State"] == "CANCELED"
    assert refused(client.cancel_handshake, HandshakeId=first["Id"])[0] == "InvalidHandshakeTransitionException"
    second = begin(billing)
    billing.pass_time(90 * 86400)
    assert client.describe_handshake(HandshakeId=second["Id"])["Handshake"]["State"] == "EXPIRED"
    assert refused(client.accept_handshake, HandshakeId=second["Id"])[0] == "InvalidHandshakeTransitionException"
    assert refused(client.describe_handshake, HandshakeId="h-nothing000")[0] == "HandshakeNotFoundException"
    listed = client.list_handshakes_for_organization(Filter={"ActionType": "ENABLE_ALL_FEATURES"})["Handshakes"]
    assert [each["State"] for each in listed] == ["CANCELED", "EXPIRED"]
    assert client.list_handshakes_for_organization(Filter={"ActionType": "INVITE"})["Handshakes"] == []
