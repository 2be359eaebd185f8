"""The tree of organizational units, and the organization itself."""

from __future__ import annotations

import pytest

from avm_emulator.context import Emulator
from tests.emulator.organizations.conftest import Refused, World


def test_an_organization_has_one_root_with_service_control_policies_enabled(world: World) -> None:
    (root,) = world.client.list_roots()["Roots"]
    assert root["PolicyTypes"] == [{"Type": "SERVICE_CONTROL_POLICY", "Status": "ENABLED"}]


def test_with_consolidated_billing_no_policy_type_can_be_enabled(empty: Emulator, refused: Refused) -> None:
    client = empty.clients.client("organizations")
    client.create_organization(FeatureSet="CONSOLIDATED_BILLING")
    (root,) = client.list_roots()["Roots"]
    assert root["PolicyTypes"] == []
    enabling = refused(client.enable_policy_type, RootId=root["Id"], PolicyType="SERVICE_CONTROL_POLICY")
    assert enabling[0] == "PolicyTypeNotAvailableForOrganizationException"


def test_nobody_founds_a_second_organization(world: World, refused: Refused) -> None:
    assert refused(world.client.create_organization)[0] == "AlreadyInOrganizationException"
    member = world.as_member(world.account())
    assert refused(member.create_organization)[0] == "AlreadyInOrganizationException"


def test_an_organization_with_members_cannot_be_deleted(world: World, refused: Refused) -> None:
    world.account()
    assert refused(world.client.delete_organization)[0] == "OrganizationNotEmptyException"


def test_after_its_deletion_there_is_no_organization(world: World, refused: Refused) -> None:
    in_progress = world.start()
    world.client.delete_organization()
    assert refused(world.client.describe_organization)[0] == "AWSOrganizationsNotInUseException"
    world.pass_time()
    world.client.create_organization()
    unknown = refused(world.client.describe_create_account_status, CreateAccountRequestId=in_progress["Id"])
    assert unknown[0] == "CreateAccountStatusNotFoundException"
    assert [account["Name"] for account in world.client.list_accounts()["Accounts"]] == ["management"]


def test_an_ou_knows_its_path(world: World) -> None:
    outer = world.unit("Outer")
    inner = world.client.create_organizational_unit(ParentId=outer, Name="Inner")["OrganizationalUnit"]
    organization_id = world.client.describe_organization()["Organization"]["Id"]
    assert inner["Path"] == f"{organization_id}/{world.root_id}/{outer}/{inner['Id']}/"
    described = world.client.describe_organizational_unit(OrganizationalUnitId=inner["Id"])["OrganizationalUnit"]
    assert described == inner


def test_two_ous_of_one_parent_have_different_names_and_others_need_not(world: World, refused: Refused) -> None:
    dev = world.unit("Dev")
    arguments = {"ParentId": world.root_id, "Name": "Dev"}
    creating = refused(world.client.create_organizational_unit, **arguments)
    assert creating[0] == "DuplicateOrganizationalUnitException"
    inner = world.unit("Dev", dev)
    test = world.unit("Test")
    renaming = refused(world.client.update_organizational_unit, OrganizationalUnitId=test, Name="Dev")
    assert renaming[0] == "DuplicateOrganizationalUnitException"
    world.client.update_organizational_unit(OrganizationalUnitId=inner, Name="Test")
    children = world.client.list_organizational_units_for_parent(ParentId=world.root_id)["OrganizationalUnits"]
    assert [unit["Name"] for unit in children] == ["Dev", "Test"]


def test_an_ou_needs_a_parent_that_exists(world: World, refused: Refused) -> None:
    nowhere = f"ou-{world.root_id[2:]}-00000000"
    creating = refused(world.client.create_organizational_unit, ParentId=nowhere, Name="Dev")
    assert creating[0] == "ParentNotFoundException"
    creating = refused(world.client.create_organizational_unit, ParentId="somewhere", Name="Dev")
    assert creating[0] == "InvalidInputException"


def test_ous_are_at_most_five_deep(world: World, refused: Refused) -> None:
    parent = world.root_id
    for level in range(5):
        parent = world.unit(f"level-{level}", parent)
    creating = refused(world.client.create_organizational_unit, ParentId=parent, Name="too-deep")
    assert creating == ("ConstraintViolationException", "OU_DEPTH_LIMIT_EXCEEDED")


def test_an_ou_that_holds_something_cannot_be_deleted(world: World, refused: Refused) -> None:
    outer = world.unit("Outer")
    inner = world.unit("Inner", outer)
    account_id = world.account()
    delete = world.client.delete_organizational_unit
    world.client.move_account(AccountId=account_id, SourceParentId=world.root_id, DestinationParentId=inner)
    for unit_id in (outer, inner):
        assert refused(delete, OrganizationalUnitId=unit_id)[0] == "OrganizationalUnitNotEmptyException"
    world.client.move_account(AccountId=account_id, SourceParentId=inner, DestinationParentId=world.root_id)
    delete(OrganizationalUnitId=inner)
    delete(OrganizationalUnitId=outer)
    assert refused(delete, OrganizationalUnitId=outer)[0] == "OrganizationalUnitNotFoundException"


def test_children_are_listed_by_type_and_parents_are_found(world: World, refused: Refused) -> None:
    dev = world.unit("Dev")
    account_id = world.account()

    def children(kind: str) -> list[str]:
        return [c["Id"] for c in world.client.list_children(ParentId=world.root_id, ChildType=kind)["Children"]]

    assert children("ORGANIZATIONAL_UNIT") == [dev]
    assert children("ACCOUNT") == ["123456789012", account_id]
    assert world.client.list_parents(ChildId=dev)["Parents"] == [{"Id": world.root_id, "Type": "ROOT"}]
    assert refused(world.client.list_parents, ChildId="000000000000")[0] == "ChildNotFoundException"
    assert refused(world.client.list_children, ParentId=world.root_id, ChildType="POLICY")[1] == "INVALID_ENUM"


@pytest.mark.parametrize("operation", ["list_children", "list_accounts_for_parent"])
def test_the_children_of_what_does_not_exist_are_not_listed(world: World, refused: Refused, operation: str) -> None:
    more = {"ChildType": "ACCOUNT"} if operation == "list_children" else {}
    error = refused(getattr(world.client, operation), ParentId="r-zzzz", **more)
    assert error[0] == "ParentNotFoundException"
