"""security-hub-member, on the emulator's Security Hub."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from avm.aws.security_hub import HubConfiguration
from avm.controls.security_hub_member import SecurityHubMember
from avm.domain.errors import FoundationBehind, ServiceUnavailable, UnexpectedAwsError
from tests.unit.controls.conftest import Place
from tests.unit.controls.foundation import fail, leave_out, target_of

CONTROL = SecurityHubMember()
REGION = "eu-central-1"
FSBP = "aws-foundational-security-best-practices/v/1.0.0"
PCI = "pci-dss/v/3.2.1"


@pytest.fixture
def recorded(place: Place) -> Place:
    """The account, with AWS Config that records into the log archive."""
    clients = place.member(REGION)
    linked = clients.client("iam").create_service_linked_role(AWSServiceName="config.amazonaws.com")["Role"]
    config = clients.client("config")
    config.put_configuration_recorder(ConfigurationRecorder={"name": "default", "roleARN": linked["Arn"]})
    bucket = target_of(place).foundation.config_bucket
    config.put_delivery_channel(DeliveryChannel={"name": "default", "s3BucketName": bucket})
    config.start_configuration_recorder(ConfigurationRecorderName="default")
    return place


def operations(place: Place, **parameters: Any) -> list[str]:
    return [change.operation for change in CONTROL.enforce(target_of(place, REGION, **parameters), place)]


def test_an_account_without_security_hub_is_violated(place: Place) -> None:
    finding = CONTROL.observe(target_of(place, REGION), place)
    assert (finding.status, finding.region) == ("violated", REGION)
    assert "not a member" in finding.evidence["GetMembers"]["ProcessingResult"]
    assert finding.evidence["GetEnabledStandards"] == {}


def test_it_is_enrolled_once_with_the_wanted_standards_alone(recorded: Place) -> None:
    target = target_of(recorded, REGION)
    clock = recorded.emulator.clock
    clock.hold(held=True)
    try:
        assert operations(recorded) == ["EnableSecurityHub", "BatchEnableStandards", "CreateMembers"]
        assert CONTROL.observe(target, recorded).status == "pending"
        since = recorded.last_call()
        assert CONTROL.enforce(target, recorded) == []
        clock.advance(30)
        finding = CONTROL.observe(target, recorded)
        assert (finding.status, finding.evidence["GetMembers"]) == ("pending", {"MemberStatus": "Enabled"})
        clock.advance(100)
        assert CONTROL.enforce(target, recorded) == []
        assert recorded.mutating_calls(since) == []
    finally:
        clock.hold(held=False)
    finding = CONTROL.observe(target, recorded)
    assert finding.status == "compliant"
    assert finding.evidence["GetEnabledStandards"] == {FSBP: {"StandardsStatus": "READY"}}


def test_an_account_type_says_which_standards_and_missing_ones_are_added(recorded: Place) -> None:
    assert operations(recorded) == ["EnableSecurityHub", "BatchEnableStandards", "CreateMembers"]
    recorded.emulator.clock.advance(200)
    wanted = {"standards": [FSBP, PCI]}
    assert CONTROL.observe(target_of(recorded, REGION, **wanted), recorded).status == "violated"
    assert operations(recorded, **wanted) == ["BatchEnableStandards"]
    recorded.emulator.clock.advance(200)
    assert CONTROL.observe(target_of(recorded, REGION, **wanted), recorded).status == "compliant"


def test_a_member_that_was_parted_with_is_violated_and_taken_back(recorded: Place) -> None:
    target = target_of(recorded, REGION)
    CONTROL.enforce(target, recorded)
    recorded.emulator.clock.advance(200)
    recorded.security(REGION).client("securityhub").disassociate_members(AccountIds=[recorded.account_id])
    finding = CONTROL.observe(target, recorded)
    assert (finding.status, finding.evidence["GetMembers"]) == ("violated", {"MemberStatus": "Removed"})
    assert operations(recorded) == ["CreateMembers"]
    recorded.emulator.clock.advance(30)
    assert CONTROL.observe(target, recorded).status == "compliant"


def test_an_account_that_came_by_itself_costs_nothing_more_than_what_it_lacks(recorded: Place) -> None:
    recorded.emulator.clock.advance(4000)
    assert operations(recorded) == []
    recorded.emulator.clock.advance(200)
    assert CONTROL.observe(target_of(recorded, REGION), recorded).status == "compliant"


def test_that_nothing_records_is_shown_and_left_to_the_control_whose_promise_it_is(place: Place) -> None:
    target = target_of(place, REGION)
    CONTROL.enforce(target, place)
    place.emulator.clock.advance(200)
    finding = CONTROL.observe(target, place)
    assert finding.status == "compliant"
    assert finding.evidence["GetEnabledStandards"][FSBP] == {
        "StandardsStatus": "INCOMPLETE",
        "StatusReasonCode": "NO_AVAILABLE_CONFIGURATION_RECORDER",
    }
    assert CONTROL.enforce(target, place) == []  # config-recorder mends it


def test_a_recorder_that_security_hub_has_not_seen_yet_is_waited_for(recorded: Place) -> None:
    fail(recorded.emulator, ("securityhub", "BatchEnableStandards", "NO_AVAILABLE_CONFIGURATION_RECORDER"))
    target = target_of(recorded, REGION)
    CONTROL.enforce(target, recorded)
    recorded.emulator.clock.advance(200)
    assert CONTROL.observe(target, recorded).status == "pending"
    recorded.emulator.clock.advance(3600)
    assert CONTROL.observe(target, recorded).status == "compliant"


def test_an_account_that_aws_leaves_out_is_an_error_that_names_it(place: Place) -> None:
    leave_out(place.emulator, "securityhub", "CreateMembers")
    with pytest.raises(
        ServiceUnavailable, match=f"CreateMembers: UnprocessedAccounts: {place.account_id}: An internal"
    ):
        CONTROL.enforce(target_of(place, REGION), place)


def test_what_aws_does_not_finish_is_violated_with_its_reason(recorded: Place) -> None:
    fail(
        recorded.emulator,
        ("securityhub", "BatchEnableStandards", "INTERNAL_ERROR"),
        ("securityhub", "CreateMembers", "AccountSuspended"),
    )
    target = target_of(recorded, REGION)
    CONTROL.enforce(target, recorded)
    recorded.emulator.clock.advance(200)
    finding = CONTROL.observe(target, recorded)
    assert finding.status == "violated"
    assert finding.evidence == {
        "GetMembers": {"MemberStatus": "AccountSuspended"},
        "GetEnabledStandards": {FSBP: {"StandardsStatus": "INCOMPLETE", "StatusReasonCode": "INTERNAL_ERROR"}},
    }
    assert operations(recorded) == ["BatchEnableStandards", "CreateMembers"]
    recorded.emulator.clock.advance(200)
    assert CONTROL.observe(target, recorded).status == "compliant"


def test_a_standard_that_aws_does_not_have_is_named(place: Place) -> None:
    with pytest.raises(UnexpectedAwsError, match=r"there is no standard no-such-thing/v/1; there are aws-found"):
        operations(place, standards=["no-such-thing/v/1"])


def test_where_the_security_account_administers_nothing_the_foundation_is_behind(place: Place) -> None:
    with pytest.raises(FoundationBehind, match="does not administer eu-west-3"):
        CONTROL.enforce(target_of(place, "eu-west-3"), place)


@pytest.mark.parametrize(
    "configuration",
    [HubConfiguration("CENTRAL", "ENABLED", enrols=False), HubConfiguration("LOCAL", "DISABLED", enrols=False)],
    ids=["central", "policies of Organizations"],
)
def test_where_policies_decide_it_looks_and_waits_and_changes_nothing(
    place: Place, configuration: HubConfiguration, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("avm.aws.security_hub.HubAdministrator.configuration", lambda _: configuration)
    target = target_of(place, REGION)
    since = place.last_call()
    finding = CONTROL.observe(target, place)
    assert finding.status == "pending"
    assert finding.evidence["DescribeOrganizationConfiguration"] == configuration.shown()
    assert CONTROL.enforce(target, place) == []
    assert place.mutating_calls(since) == []


@pytest.fixture
def policy(recorded: Place) -> Iterator[None]:
    """A configuration policy with PCI DSS on the root, which others have put there."""
    root = recorded.emulator.clients.client("organizations").list_roots()["Roots"][0]["Id"]
    recorded.security_account_id = str(recorded.emulator.security_account_id)
    hub = recorded.security(recorded.emulator.region).client("securityhub")
    made = hub.create_finding_aggregator(RegionLinkingMode="SPECIFIED_REGIONS", Regions=[REGION])
    central = {"ConfigurationType": "CENTRAL"}
    hub.update_organization_configuration(
        AutoEnable=False, AutoEnableStandards="NONE", OrganizationConfiguration=central
    )
    recorded.emulator.clock.advance(60)
    arns = [each["StandardsArn"] for each in hub.describe_standards()["Standards"] if PCI in each["StandardsArn"]]
    content = {"SecurityHub": {"ServiceEnabled": True, "EnabledStandardIdentifiers": arns}}
    policy = hub.create_configuration_policy(Name="corp-hub", ConfigurationPolicy=content)["Id"]
    hub.start_configuration_policy_association(ConfigurationPolicyIdentifier=policy, Target={"RootId": root})
    yield
    hub.delete_finding_aggregator(FindingAggregatorArn=made["FindingAggregatorArn"])
    for region in (REGION, recorded.emulator.region):
        client = recorded.security(region).client("securityhub")
        client.update_organization_configuration(AutoEnable=True, AutoEnableStandards="DEFAULT")


@pytest.mark.usefixtures("policy")
def test_under_central_configuration_an_account_waits_for_what_its_policy_gives(recorded: Place) -> None:
    target = target_of(recorded, REGION, standards=[PCI])
    recorded.emulator.clock.hold(held=True)
    try:
        since = recorded.last_call()
        assert CONTROL.observe(target, recorded).status == "pending"
        recorded.emulator.clock.advance(301)  # AWS has brought it in, and the standard is on its way or there
        seen = CONTROL.observe(target, recorded)
        assert (seen.status in {"pending", "compliant"}, CONTROL.enforce(target, recorded)) == (True, [])
        recorded.emulator.clock.advance(100)
    finally:
        recorded.emulator.clock.hold(held=False)
    finding = CONTROL.observe(target, recorded)
    assert (finding.status, list(finding.evidence["GetEnabledStandards"])) == ("compliant", [PCI])
    assert finding.evidence["DescribeOrganizationConfiguration"]["ConfigurationType"] == "CENTRAL"
    assert recorded.mutating_calls(since) == []


@pytest.mark.usefixtures("policy")
def test_what_the_policy_does_not_give_is_violated_once_aws_has_brought_the_account_in(recorded: Place) -> None:
    target = target_of(recorded, REGION, standards=[FSBP, PCI])
    assert CONTROL.observe(target, recorded).status == "pending"
    recorded.emulator.clock.advance(500)
    finding = CONTROL.observe(target, recorded)
    assert (finding.status, finding.evidence["GetMembers"]) == ("violated", {"MemberStatus": "Enabled"})
    assert CONTROL.enforce(target, recorded) == []
    recorded.security(REGION).client("securityhub").disassociate_members(AccountIds=[recorded.account_id])
    target = target_of(recorded, REGION, standards=[PCI])
    finding = CONTROL.observe(target, recorded)
    assert (finding.status, finding.evidence["GetMembers"]) == ("violated", {"MemberStatus": "Removed"})


def test_the_administrator_is_no_member_it_administers(place: Place) -> None:
    target = target_of(place, REGION)
    place.account_id = str(target.foundation.security_account_id)
    target = replace(target, account=replace(target.account, id=place.account_id))
    since = place.last_call()
    assert "securityhub:CreateMembers" not in [change.operation for change in CONTROL.enforce(target, place)]
    assert "securityhub:CreateMembers" not in place.mutating_calls(since)
    finding = CONTROL.observe(target, place)
    assert finding.evidence["GetMembers"]["MemberStatus"] == "Enabled"
    assert finding.evidence["DescribeOrganizationConfiguration"]["AutoEnable"] is True
    with pytest.raises(FoundationBehind, match="does not administer eu-west-3"):
        CONTROL.observe(replace(target, region="eu-west-3"), place)
