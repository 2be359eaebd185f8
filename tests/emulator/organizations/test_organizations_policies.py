"""Policies: documents, attachments, numbers, types."""

from __future__ import annotations

import json

import pytest

from tests.emulator.organizations.conftest import ALLOW_ALL, Refused, World

DENY = {"Effect": "Deny", "Action": "ec2:*", "Resource": "*"}


def document(**changes: object) -> str:
    """Return an SCP with one statement, changed; None takes an element away."""
    statement = {key: value for key, value in {**DENY, **changes}.items() if value is not None}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def attached(world: World, target_id: str, kind: str = "SERVICE_CONTROL_POLICY") -> list[str]:
    policies = world.client.list_policies_for_target(TargetId=target_id, Filter=kind)["Policies"]
    return [policy["Name"] for policy in policies]


def test_a_policy_is_attached_and_detached(world: World) -> None:
    unit_id, policy_id = world.unit("Dev"), world.policy("avm-one")
    world.client.attach_policy(PolicyId=policy_id, TargetId=unit_id)
    assert attached(world, unit_id) == ["FullAWSAccess", "avm-one"]
    (target,) = world.client.list_targets_for_policy(PolicyId=policy_id)["Targets"]
    assert (target["TargetId"], target["Name"], target["Type"]) == (unit_id, "Dev", "ORGANIZATIONAL_UNIT")
    world.client.detach_policy(PolicyId=policy_id, TargetId=unit_id)
    assert attached(world, unit_id) == ["FullAWSAccess"]
    assert world.client.list_targets_for_policy(PolicyId=policy_id)["Targets"] == []


def test_attaching_twice_and_detaching_twice_are_refused(world: World, refused: Refused) -> None:
    policy_id = world.policy("avm-one")
    arguments = {"PolicyId": policy_id, "TargetId": world.root_id}
    world.client.attach_policy(**arguments)
    assert refused(world.client.attach_policy, **arguments)[0] == "DuplicatePolicyAttachmentException"
    world.client.detach_policy(**arguments)
    assert refused(world.client.detach_policy, **arguments)[0] == "PolicyNotAttachedException"


def test_the_last_service_control_policy_stays(world: World, refused: Refused) -> None:
    account_id, policy_id = world.account(), world.policy("avm-one")
    full_access = {"PolicyId": "p-FullAWSAccess", "TargetId": account_id}
    last = ("ConstraintViolationException", "MIN_POLICY_TYPE_ATTACHMENT_LIMIT_EXCEEDED")
    assert refused(world.client.detach_policy, **full_access) == last
    world.client.attach_policy(PolicyId=policy_id, TargetId=account_id)
    world.client.detach_policy(**full_access)
    assert refused(world.client.detach_policy, PolicyId=policy_id, TargetId=account_id) == last


@pytest.mark.parametrize(("kind", "maximum"), [("SERVICE_CONTROL_POLICY", 10), ("RESOURCE_CONTROL_POLICY", 5)])
def test_one_target_takes_so_many_policies_and_the_managed_one_counts(
    world: World, refused: Refused, kind: str, maximum: int
) -> None:
    content = ALLOW_ALL if kind == "SERVICE_CONTROL_POLICY" else document(Principal="*")
    if kind == "RESOURCE_CONTROL_POLICY":
        world.client.enable_policy_type(RootId=world.root_id, PolicyType=kind)
    unit_id = world.unit("Dev")
    for number in range(maximum - 1):
        world.client.attach_policy(PolicyId=world.policy(f"p{number}", kind, content), TargetId=unit_id)
    one_more = world.policy("one-more", kind, content)
    assert refused(world.client.attach_policy, PolicyId=one_more, TargetId=unit_id) == (
        "ConstraintViolationException",
        "MAX_POLICY_TYPE_ATTACHMENT_LIMIT_EXCEEDED",
    )


def test_inherited_policies_do_not_count(world: World) -> None:
    unit_id = world.unit("Dev")
    for number in range(9):
        world.client.attach_policy(PolicyId=world.policy(f"p{number}"), TargetId=world.root_id)
    world.client.attach_policy(PolicyId=world.policy("own"), TargetId=unit_id)
    assert attached(world, unit_id) == ["FullAWSAccess", "own"]


def test_the_managed_resource_control_policy_cannot_be_detached(world: World, refused: Refused) -> None:
    world.client.enable_policy_type(RootId=world.root_id, PolicyType="RESOURCE_CONTROL_POLICY")
    detaching = refused(world.client.detach_policy, PolicyId="p-RCPFullAWSAccess", TargetId=world.root_id)
    assert detaching == ("InvalidInputException", "NON_DETACHABLE_POLICY")


@pytest.mark.parametrize(("kind", "maximum"), [("SERVICE_CONTROL_POLICY", 10_240), ("RESOURCE_CONTROL_POLICY", 5_120)])
def test_a_document_may_be_so_long_and_white_space_counts(
    world: World, refused: Refused, kind: str, maximum: int
) -> None:
    content = document(Principal="*" if kind == "RESOURCE_CONTROL_POLICY" else None)
    world.policy("fits", kind, content.ljust(maximum))
    creating = refused(
        world.client.create_policy, Name="long", Description="", Type=kind, Content=content.ljust(maximum + 1)
    )
    assert creating == ("ConstraintViolationException", "POLICY_CONTENT_LIMIT_EXCEEDED")


@pytest.mark.parametrize(
    "content",
    [
        "{not json",
        "[]",
        json.dumps({"Version": "2008-10-17", "Statement": [DENY]}),
        json.dumps({"Version": "2012-10-17", "Statement": []}),
        json.dumps({"Version": "2012-10-17", "Statement": ["Deny"]}),
        json.dumps({"Version": "2012-10-17", "Statment": [DENY]}),
        document(Effect="Forbid"),
        document(Action=None),
        document(NotAction="s3:*"),
        document(Resource=None),
        document(Principal="*"),
        document(Sid="with space"),
        document(Conditions={}),
    ],
)
def test_a_document_that_is_no_service_control_policy_is_malformed(
    world: World, refused: Refused, content: str
) -> None:
    creating = refused(
        world.client.create_policy, Name="bad", Description="", Type="SERVICE_CONTROL_POLICY", Content=content
    )
    assert creating[0] == "MalformedPolicyDocumentException"
    good = world.policy("good")
    assert refused(world.client.update_policy, PolicyId=good, Content=content)[0] == creating[0]


@pytest.mark.parametrize(
    "content",
    [
        document(),
        document(Principal={"AWS": "123456789012"}),
        document(Principal="*", Effect="Allow"),
        document(Principal="*", Action="*"),
        document(Principal="*", Action=None, NotAction="s3:*"),
    ],
)
def test_a_document_that_is_no_resource_control_policy_is_malformed(
    world: World, refused: Refused, content: str
) -> None:
    creating = refused(
        world.client.create_policy, Name="bad", Description="", Type="RESOURCE_CONTROL_POLICY", Content=content
    )
    assert creating[0] == "MalformedPolicyDocumentException"


def test_a_policy_keeps_its_white_space_and_can_be_changed(world: World) -> None:
    policy_id = world.policy("avm-one", content=ALLOW_ALL + "  ")
    described = world.client.describe_policy(PolicyId=policy_id)["Policy"]
    assert described["Content"] == ALLOW_ALL + "  "
    world.client.update_policy(PolicyId=policy_id, Name="avm-two", Content=document())
    described = world.client.describe_policy(PolicyId=policy_id)["Policy"]
    assert (described["PolicySummary"]["Name"], described["Content"]) == ("avm-two", document())


def test_policy_names_are_unique(world: World, refused: Refused) -> None:
    world.policy("avm-one")
    two = world.policy("avm-two")
    assert refused(world.policy, name="avm-one")[0] == "DuplicatePolicyException"
    assert refused(world.client.update_policy, PolicyId=two, Name="avm-one")[0] == "DuplicatePolicyException"


def test_managed_policies_cannot_be_changed(world: World, refused: Refused) -> None:
    for operation in (world.client.update_policy, world.client.delete_policy):
        assert refused(operation, PolicyId="p-FullAWSAccess") == ("InvalidInputException", "IMMUTABLE_POLICY")


def test_a_policy_in_use_cannot_be_deleted(world: World, refused: Refused) -> None:
    policy_id = world.policy("avm-one")
    world.client.attach_policy(PolicyId=policy_id, TargetId=world.root_id)
    assert refused(world.client.delete_policy, PolicyId=policy_id)[0] == "PolicyInUseException"
    world.client.detach_policy(PolicyId=policy_id, TargetId=world.root_id)
    world.client.delete_policy(PolicyId=policy_id)
    assert refused(world.client.describe_policy, PolicyId=policy_id)[0] == "PolicyNotFoundException"


def test_what_does_not_exist_is_named(world: World, refused: Refused) -> None:
    policy_id = world.policy("avm-one")
    attach = world.client.attach_policy
    assert refused(attach, PolicyId="p-00000000", TargetId=world.root_id)[0] == "PolicyNotFoundException"
    for target_id in ("000000000000", f"ou-{world.root_id[2:]}-00000000"):
        assert refused(attach, PolicyId=policy_id, TargetId=target_id)[0] == "TargetNotFoundException"
    assert refused(attach, PolicyId=policy_id, TargetId="nowhere") == (
        "InvalidInputException",
        "INVALID_PATTERN_TARGET_ID",
    )
    assert refused(attach, PolicyId="policy", TargetId=world.root_id) == (
        "InvalidInputException",
        "INVALID_SYNTAX_POLICY_ID",
    )


def test_policies_of_a_type_that_is_not_enabled_cannot_be_attached(world: World, refused: Refused) -> None:
    policy_id = world.policy("tags", "TAG_POLICY", '{"tags": {}}')
    arguments = {"PolicyId": policy_id, "TargetId": world.root_id}
    assert refused(world.client.attach_policy, **arguments)[0] == "PolicyTypeNotEnabledException"
    world.client.enable_policy_type(RootId=world.root_id, PolicyType="TAG_POLICY")
    world.client.attach_policy(**arguments)
    assert attached(world, world.root_id, "TAG_POLICY") == ["tags"]


def test_enabling_a_type_twice_and_disabling_a_disabled_one_are_refused(world: World, refused: Refused) -> None:
    arguments = {"RootId": world.root_id, "PolicyType": "BACKUP_POLICY"}
    assert refused(world.client.disable_policy_type, **arguments)[0] == "PolicyTypeNotEnabledException"
    world.client.enable_policy_type(**arguments)
    assert refused(world.client.enable_policy_type, **arguments)[0] == "PolicyTypeAlreadyEnabledException"
    unknown = {"RootId": world.root_id, "PolicyType": "HOUSE_RULES"}
    assert refused(world.client.enable_policy_type, **unknown)[1] == "INVALID_ENUM_POLICY_TYPE"
    assert refused(world.client.enable_policy_type, RootId="r-zzzz", PolicyType="TAG_POLICY")[0] == (
        "RootNotFoundException"
    )


def test_a_disabled_type_detaches_its_policies_and_comes_back_with_the_managed_one(world: World) -> None:
    account_id = world.account()
    world.client.attach_policy(PolicyId=world.policy("avm-one"), TargetId=account_id)
    arguments = {"RootId": world.root_id, "PolicyType": "SERVICE_CONTROL_POLICY"}
    world.client.disable_policy_type(**arguments)
    assert attached(world, account_id) == []
    world.client.enable_policy_type(**arguments)
    assert attached(world, account_id) == ["FullAWSAccess"]


def test_all_policy_types_of_the_model_can_be_used(world: World) -> None:
    for kind in world.client.meta.service_model.shape_for("PolicyType").enum:
        content = document(Principal="*" if kind == "RESOURCE_CONTROL_POLICY" else None)
        world.policy(f"one-{kind}", kind, content)
        names = [policy["Name"] for policy in world.client.list_policies(Filter=kind)["Policies"]]
        assert names[-1] == f"one-{kind}"


def test_policies_are_listed_page_by_page(world: World) -> None:
    names = [f"p{number}" for number in range(25)]
    for name in names:
        world.policy(name)
    pages = world.client.get_paginator("list_policies").paginate(Filter="SERVICE_CONTROL_POLICY")
    assert [policy["Name"] for page in pages for policy in page["Policies"]] == ["FullAWSAccess", *names]
