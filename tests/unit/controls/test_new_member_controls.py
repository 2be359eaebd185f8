"""What the controls inside an account do beyond what all of them have in common (``test_member_controls``)."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from avm.aws.ec2_defaults import Ec2Defaults, Setting
from avm.aws.flow_logs import FlowLogs
from avm.controls.account_alias import AccountAlias
from avm.controls.image_public_access_block import ImagePublicAccessBlock
from avm.controls.instance_metadata_defaults import InstanceMetadataDefaults
from avm.controls.no_iam_users import NoIamUsers
from avm.controls.password_policy import WANTED, PasswordPolicy
from avm.controls.vpc_flow_logs import VpcFlowLogs
from avm.domain.errors import ManagedElsewhere, NotYetVisible, UnexpectedAwsError
from tests.unit.controls.conftest import Place
from tests.unit.controls.member import FLOW_LOGS, LOGS, flow_logs_bucket

REGION = "eu-central-1"


def test_a_declarative_policy_of_the_organization_is_seen_and_not_fought(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    control, target = InstanceMetadataDefaults(), place.target(REGION)
    monkeypatch.setattr(Ec2Defaults, "metadata_tokens", lambda _: Setting("optional", "declarative-policy"))
    found = control.observe(target, place)
    assert found.evidence == {"GetInstanceMetadataDefaults": {"State": "optional", "ManagedBy": "declarative-policy"}}
    since = place.last_call()
    with pytest.raises(ManagedElsewhere, match=f"{REGION} at optional"):
        control.enforce(target, place)
    assert place.mutating_calls(since) == []
    monkeypatch.setattr(Ec2Defaults, "metadata_tokens", lambda _: Setting("required", "declarative-policy"))
    assert (control.observe(target, place).status, control.enforce(target, place)) == ("compliant", [])


def test_what_ec2_shows_late_is_waited_for_and_not_asked_again(place: Place) -> None:
    control, target = ImagePublicAccessBlock(), place.target(REGION)
    place.emulator.latencies.change({"ec2:EnableImageBlockPublicAccess": 0})
    place.member(REGION).client("ec2").disable_image_block_public_access()
    place.emulator.latencies.change({"ec2:EnableImageBlockPublicAccess": 300})
    place.emulator.clock.hold(held=True)
    try:
        (change,) = control.enforce(target, place)
        asked = replace(target, operation_id=change.operation_id)
        assert control.observe(asked, place).status == "pending"
        assert control.observe(target, place).status == "violated", "whoever has not asked sees what there is"
        place.emulator.clock.advance(300)
        assert control.observe(asked, place).status == "compliant"
    finally:
        place.emulator.clock.hold(held=False)
        place.emulator.latencies.reset()


def test_a_password_policy_that_asks_for_more_stays_and_one_that_asks_for_less_is_raised(place: Place) -> None:
    control, target = PasswordPolicy(), place.target()
    iam = place.member().client("iam")
    strong = {**WANTED, "MinimumPasswordLength": 32, "MaxPasswordAge": 60, "AllowUsersToChangePassword": True}
    iam.update_account_password_policy(**strong)
    assert (control.observe(target, place).status, control.enforce(target, place)) == ("compliant", [])
    iam.update_account_password_policy(**{**strong, "RequireSymbols": False})
    assert control.observe(target, place).status == "violated"
    control.enforce(target, place)
    policy = iam.get_account_password_policy()["PasswordPolicy"]
    assert {name: policy[name] for name in strong} == strong


def test_an_alias_that_somebody_else_has_is_told(place: Place) -> None:
    control, target = AccountAlias(), place.target()
    wanted = f"payments-dev-{place.account_id}"
    place.emulator.clients.client("iam").create_account_alias(AccountAlias=wanted)
    with pytest.raises(UnexpectedAwsError, match=f"another account of AWS has the alias {wanted}"):
        control.enforce(target, place)


def test_a_user_goes_with_all_that_hangs_on_it(place: Place) -> None:
    iam: Any = place.member().client("iam")
    iam.create_user(UserName="jane", Path="/team/")
    iam.create_login_profile(UserName="jane", Password="Correct-horse-7-battery")  # noqa: S106  of a test
    key = iam.create_access_key(UserName="jane")["AccessKey"]["AccessKeyId"]
    statement = {"Effect": "Allow", "Action": "s3:ListBucket", "Resource": "*"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    iam.put_user_policy(UserName="jane", PolicyName="own", PolicyDocument=document)
    iam.attach_user_policy(UserName="jane", PolicyArn="arn:aws:iam::aws:policy/ReadOnlyAccess")
    iam.create_group(GroupName="friends")
    iam.add_user_to_group(UserName="jane", GroupName="friends")
    device = iam.create_virtual_mfa_device(VirtualMFADeviceName="phone")["VirtualMFADevice"]["SerialNumber"]
    iam.enable_mfa_device(
        UserName="jane", SerialNumber=device, AuthenticationCode1="123456", AuthenticationCode2="234567"
    )
    control, target = NoIamUsers(), place.target()
    assert control.observe(target, place).evidence == {"ListUsers": {"jane": [f"{key} Active"]}}
    done = [change.operation for change in control.enforce(target, place)]
    assert set(done) == {
        *("DeleteAccessKey", "DeactivateMFADevice", "DeleteUserPolicy", "DetachUserPolicy", "RemoveUserFromGroup"),
        *("DeleteLoginProfile", "DeleteUser"),
    }
    assert done[-1] == "DeleteUser"
    assert control.observe(target, place).status == "compliant"


def test_a_flow_log_whose_deliveries_fail_or_go_elsewhere_is_none(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    control, target = VpcFlowLogs(), place.target(REGION, **LOGS)
    flow_logs_bucket(place)
    ec2 = place.member(REGION).client("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    ec2.create_flow_logs(
        ResourceIds=[vpc],
        ResourceType="VPC",
        TrafficType="REJECT",
        LogDestinationType="s3",
        LogDestination=f"arn:aws:s3:::{FLOW_LOGS}",
    )
    assert control.observe(target, place).evidence == {"DescribeFlowLogs": {vpc: None}}, "half of the traffic"
    assert control.observe(place.target("us-east-1", **LOGS), place).status == "compliant", "a default VPC alone"
    real = FlowLogs.all
    ec2.delete_flow_logs(FlowLogIds=[log["FlowLogId"] for log in ec2.describe_flow_logs()["FlowLogs"]])
    control.enforce(target, place)

    def failing(logs: FlowLogs) -> Any:
        return tuple(replace(log, delivery="FAILED", error="Access error") for log in real(logs))

    monkeypatch.setattr(FlowLogs, "all", failing)
    found = control.observe(target, place)
    assert (found.status, found.evidence["DescribeFlowLogs"][vpc][1]) == ("violated", "Access error")
    assert control.enforce(target, place) == [], "another flow log would fail as this one does"


def test_a_bucket_that_lets_no_deliveries_in_yet_is_tried_again(place: Place) -> None:
    control, target = VpcFlowLogs(), place.target(REGION, **LOGS)
    flow_logs_bucket(place, admits=False)
    place.member(REGION).client("ec2").create_vpc(CidrBlock="10.0.0.0/16")
    with pytest.raises(NotYetVisible, match="Access Denied for LogDestination"):
        control.enforce(target, place)
    flow_logs_bucket(place)
    assert [change.operation for change in control.enforce(target, place)] == ["CreateFlowLogs"]
