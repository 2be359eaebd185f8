"""Asynchronous operations that end badly, and answers that are partial."""

from __future__ import annotations

from typing import Any

import pytest
from botocore import xform_name

from avm_emulator.context import Emulator
from avm_emulator.faults import models
from avm_emulator.faults.partial import PARTIAL
from avm_emulator.identity_center import enable_identity_center
from tests.emulator.faults.conftest import Put
from tests.emulator.lab import Lab
from tests.emulator.members import inside, join
from tests.emulator.outsiders import root_client

REASONS = models.service_model("organizations").shape_for("CreateAccountFailureReason").enum  # type: ignore[attr-defined]


@pytest.mark.parametrize("reason", [*REASONS, None])
def test_a_creation_ends_with_the_reason_that_is_asked_for(
    emulator: Emulator, lab: Lab, put: Put, reason: str | None
) -> None:
    code = {"code": reason} if reason else {}
    put({"service": "organizations", "operation": "CreateAccount", "fault": "outcome", "nth": 2, **code})
    organizations = root_client(emulator, "organizations")
    started = []
    for number in range(3):
        name = lab.name("a")
        answer = organizations.create_account(Email=f"{name}@example.com", AccountName=name)["CreateAccountStatus"]
        started.append(answer)
        assert (number, answer["State"]) == (number, "IN_PROGRESS")
    emulator.clock.advance(60)
    ends = [
        organizations.describe_create_account_status(CreateAccountRequestId=status["Id"])["CreateAccountStatus"]
        for status in started
    ]
    assert [end["State"] for end in ends] == ["SUCCEEDED", "FAILED", "SUCCEEDED"]
    assert ends[1]["FailureReason"] == (reason or "INTERNAL_FAILURE")


@pytest.fixture(scope="module")
def assignment(emulator: Emulator, lab: Lab) -> dict[str, str]:
    """Enable Identity Center; return an assignment of a group in the management account."""
    enable_identity_center(emulator)
    sso, store = lab.client("sso-admin"), lab.client("identitystore")
    instance = sso.list_instances()["Instances"][0]
    group = store.create_group(IdentityStoreId=instance["IdentityStoreId"], DisplayName="g")
    created = sso.create_permission_set(InstanceArn=instance["InstanceArn"], Name="Set")["PermissionSet"]
    return {
        "InstanceArn": instance["InstanceArn"],
        "TargetId": emulator.management_account_id,
        "TargetType": "AWS_ACCOUNT",
        "PermissionSetArn": created["PermissionSetArn"],
        "PrincipalType": "GROUP",
        "PrincipalId": group["GroupId"],
    }


def test_an_assignment_ends_with_the_reason_that_is_asked_for(
    emulator: Emulator, assignment: dict[str, str], put: Put
) -> None:
    sso = root_client(emulator, "sso-admin")
    put({"service": "sso-admin", "operation": "CreateAccountAssignment", "fault": "outcome", "code": "No, sorry"})
    answer = sso.create_account_assignment(**assignment)["AccountAssignmentCreationStatus"]
    assert answer["Status"] == "IN_PROGRESS"
    emulator.clock.advance(60)
    end = sso.describe_account_assignment_creation_status(
        InstanceArn=assignment["InstanceArn"], AccountAssignmentCreationRequestId=answer["RequestId"]
    )["AccountAssignmentCreationStatus"]
    assert (end["Status"], end["FailureReason"]) == ("FAILED", "No, sorry")
    listed = sso.list_account_assignments(
        InstanceArn=assignment["InstanceArn"],
        AccountId=assignment["TargetId"],
        PermissionSetArn=assignment["PermissionSetArn"],
    )
    assert listed["AccountAssignments"] == []


def test_the_end_and_the_provisioning_of_an_assignment_fail_too(
    emulator: Emulator, assignment: dict[str, str], put: Put
) -> None:
    sso, instance = root_client(emulator, "sso-admin"), {"InstanceArn": assignment["InstanceArn"]}
    sso.create_account_assignment(**assignment)
    emulator.clock.advance(60)
    put(
        {"service": "sso-admin", "operation": "DeleteAccountAssignment", "fault": "outcome", "code": "It stays"},
        {"service": "sso-admin", "operation": "ProvisionPermissionSet", "fault": "outcome"},
    )
    deletion = sso.delete_account_assignment(**assignment)["AccountAssignmentDeletionStatus"]
    emulator.clock.advance(60)
    deleted = sso.describe_account_assignment_deletion_status(
        **instance, AccountAssignmentDeletionRequestId=deletion["RequestId"]
    )["AccountAssignmentDeletionStatus"]
    assert (deleted["Status"], deleted["FailureReason"]) == ("FAILED", "It stays")
    target = {name: assignment[name] for name in ("InstanceArn", "PermissionSetArn", "TargetType", "TargetId")}
    provisioning = sso.provision_permission_set(**target)["PermissionSetProvisioningStatus"]
    emulator.clock.advance(60)
    provisioned = sso.describe_permission_set_provisioning_status(
        **instance, ProvisionPermissionSetRequestId=provisioning["RequestId"]
    )["PermissionSetProvisioningStatus"]
    assert (provisioned["Status"], provisioned["FailureReason"]) == (
        "FAILED",
        "The request failed because of an internal error",
    )


MEMBERSHIPS = {
    "guardduty": ("RelationshipStatus", "RegionDisabled"),
    "securityhub": ("MemberStatus", "AccountSuspended"),
}


@pytest.mark.parametrize("service", MEMBERSHIPS)
def test_a_membership_ends_otherwise_than_enabled(emulator: Emulator, lab: Lab, put: Put, service: str) -> None:
    member, status = MEMBERSHIPS[service]
    security, account_id = (join(emulator, lab.name(service)) for _ in range(2))
    lab.client(service).enable_organization_admin_account(AdminAccountId=security)
    client = inside(emulator, service, security)
    named = {"DetectorId": client.list_detectors()["DetectorIds"][0]} if service == "guardduty" else {}
    put({"service": service, "operation": "CreateMembers", "fault": "outcome", "code": status, "nth": 1})
    organizations = lab.client("organizations")
    address = organizations.describe_account(AccountId=account_id)["Account"]["Email"]
    client.create_members(AccountDetails=[{"AccountId": account_id, "Email": address}], **named)
    emulator.clock.advance(60)
    (shown,) = client.get_members(AccountIds=[account_id], **named)["Members"]
    assert shown[member] == status
    client.create_members(AccountDetails=[{"AccountId": account_id, "Email": address}], **named)
    emulator.clock.advance(60)
    (shown,) = client.get_members(AccountIds=[account_id], **named)["Members"]
    assert shown[member] == "Enabled"


def example(shape: Any) -> Any:
    """Return the smallest value of a shape of botocore's."""
    if shape.type_name == "structure":
        wanted = {*shape.required_members, "Id", "AccountId", "AccountIds", "accountIds", "Entries"}
        return {name: example(member) for name, member in shape.members.items() if name in wanted}
    if shape.type_name == "list":
        return [example(shape.member), example(shape.member)]
    if shape.type_name == "map":
        return {"key": example(shape.value)}
    text = [*getattr(shape, "enum", []), "x" * shape.metadata.get("min", 1)][0]
    return {"integer": 1, "long": 1, "boolean": True, "timestamp": 0}.get(shape.type_name, text)


@pytest.mark.parametrize(("service", "operation"), PARTIAL)
def test_an_answer_may_leave_every_item_unprocessed(
    emulator: Emulator, lab: Lab, put: Put, service: str, operation: str
) -> None:
    put({"service": service, "operation": operation, "fault": "outcome", "code": "unprocessed"})
    client = root_client(emulator, service)
    parameters = example(models.operation_model(service, operation).input_shape)
    answer = getattr(client, xform_name(operation))(**parameters)
    assert answer.pop("ResponseMetadata")["HTTPStatusCode"] == 200
    processed = {"Successful", "Responses", "accounts", "FlowLogIds", "ProcessedFindings"}
    filled = {name for name, value in answer.items() if isinstance(value, list | dict) and value}
    assert filled
    assert not filled & processed
    if "Entries" in filled:
        assert all(entry.keys() == {"ErrorCode", "ErrorMessage"} for entry in answer["Entries"])


def test_unprocessed_messages_are_not_sent(emulator: Emulator, lab: Lab, put: Put) -> None:
    url, _ = lab.queue()
    put({"service": "sqs", "operation": "SendMessageBatch", "fault": "outcome", "nth": 1})
    sqs, entries = root_client(emulator, "sqs"), [{"Id": "a", "MessageBody": "1"}, {"Id": "b", "MessageBody": "2"}]
    failed = sqs.send_message_batch(QueueUrl=url, Entries=entries)["Failed"]
    assert [(each["Id"], each["SenderFault"]) for each in failed] == [("a", False), ("b", False)]
    sqs.send_message_batch(QueueUrl=url, Entries=entries)
    assert sorted(lab.bodies(url)) == [1, 2]
