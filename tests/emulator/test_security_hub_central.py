"""Central configuration of Security Hub: the home Region, configuration policies, what accounts have by them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from botocore.exceptions import ClientError

from avm_emulator.context import Emulator
from tests.emulator.lab import until
from tests.emulator.members import REGION, email, inside, join
from tests.emulator.security_hub_lab import Accounts, accounts, options

__all__ = ["accounts", "options"]
LINKED, APART = "eu-central-1", "eu-west-3"
SELF_MANAGED = "SELF_MANAGED_SECURITY_HUB"
CENTRAL = {
    "AutoEnable": False,
    "AutoEnableStandards": "NONE",
    "OrganizationConfiguration": {"ConfigurationType": "CENTRAL"},
}
LOCAL = {**CENTRAL, "OrganizationConfiguration": {"ConfigurationType": "LOCAL"}}
LONG = 400
"""AWS-seconds after which AWS has done what an association asks."""


def standard(path: str, region: str = REGION) -> str:
    return f"arn:aws:securityhub:{region}::standards/{path}"


FSBP, PCI = "aws-foundational-security-best-practices/v/1.0.0", "pci-dss/v/3.2.1"


def content(*paths: str) -> dict[str, Any]:
    return {
        "SecurityHub": {
            "ServiceEnabled": True,
            "EnabledStandardIdentifiers": [standard(path) for path in paths],
            "SecurityControlsConfiguration": {"DisabledSecurityControlIdentifiers": []},
        }
    }


@dataclass
class Organization:
    """An organization with central configuration that links one Region."""

    emulator: Emulator
    ids: dict[str, str]
    root: str
    unit: str

    def hub(self, name: str = "security", region: str = REGION) -> Any:
        return inside(self.emulator, "securityhub", self.ids[name], region)

    def join(self, name: str, unit: str | None = None) -> str:
        """Let a new account join, and move it into an OU where one is given; return its id."""
        self.ids[name] = join(self.emulator, name)
        if unit:
            self.organizations.move_account(
                AccountId=self.ids[name], SourceParentId=self.root, DestinationParentId=unit
            )
        return self.ids[name]

    @property
    def organizations(self) -> Any:
        return self.emulator.clients.client("organizations")

    def policy(self, name: str, *paths: str) -> str:
        made = self.hub().create_configuration_policy(Name=name, ConfigurationPolicy=content(*paths))
        return str(made["Id"])

    def associate(self, policy: str, **target: str) -> dict[str, Any]:
        answer: dict[str, Any] = self.hub().start_configuration_policy_association(
            ConfigurationPolicyIdentifier=policy, Target=target
        )
        return answer

    def association(self, **target: str) -> tuple[str, str, str]:
        """Return policy, type and status of what counts for a target."""
        shown = self.hub().get_configuration_policy_association(Target=target)
        return shown["ConfigurationPolicyId"], shown["AssociationType"], shown["AssociationStatus"]

    def wait(self, seconds: float = LONG) -> None:
        self.emulator.clock.advance(seconds)

    def standards(self, name: str, region: str = REGION) -> set[str]:
        return {
            each["StandardsArn"] for each in self.hub(name, region).get_enabled_standards()["StandardsSubscriptions"]
        }

    def status(self, name: str, region: str = REGION) -> str | None:
        members = self.hub(region=region).get_members(AccountIds=[self.ids[name]])["Members"]
        return members[0]["MemberStatus"] if members else None


@pytest.fixture(scope="module")
def organization(emulator: Emulator, accounts: Accounts) -> Organization:
    organizations = emulator.clients.client("organizations")
    root = organizations.list_roots()["Roots"][0]["Id"]
    unit = organizations.create_organizational_unit(ParentId=root, Name="Dev")["OrganizationalUnit"]["Id"]
    return Organization(emulator, accounts, root, unit)


@pytest.fixture
def local(organization: Organization) -> Iterator[Organization]:
    """An organization with local configuration and no home Region, before and after."""
    yield organization
    hub = organization.hub()
    for each in hub.list_finding_aggregators()["FindingAggregators"]:
        hub.delete_finding_aggregator(FindingAggregatorArn=each["FindingAggregatorArn"])


@pytest.fixture
def central(local: Organization) -> Organization:
    local.hub().create_finding_aggregator(RegionLinkingMode="SPECIFIED_REGIONS", Regions=[LINKED])
    local.hub().update_organization_configuration(**CENTRAL)
    local.wait(60)
    return local


def refusal(call: Callable[..., Any], **parameters: Any) -> str:
    with pytest.raises(ClientError) as refused:
        call(**parameters)
    return str(refused.value.response["Error"]["Code"])


def kind(hub: Any) -> tuple[str, str]:
    shown = hub.describe_organization_configuration()["OrganizationConfiguration"]
    return shown["ConfigurationType"], shown["Status"]


def test_an_account_has_one_aggregator_in_its_home_region(local: Organization) -> None:
    hub = local.hub()
    made = hub.create_finding_aggregator(RegionLinkingMode="ALL_REGIONS_EXCEPT_SPECIFIED", Regions=[APART])
    arn = made["FindingAggregatorArn"]
    assert (made["FindingAggregationRegion"], made["Regions"]) == (REGION, [APART])
    assert refusal(hub.create_finding_aggregator, RegionLinkingMode="ALL_REGIONS") == "InvalidInputException"
    assert hub.list_finding_aggregators()["FindingAggregators"] == [{"FindingAggregatorArn": arn}]
    changed = hub.update_finding_aggregator(FindingAggregatorArn=arn, RegionLinkingMode="NO_REGIONS")
    assert (changed["RegionLinkingMode"], changed["Regions"]) == ("NO_REGIONS", [])
    assert hub.get_finding_aggregator(FindingAggregatorArn=arn)["RegionLinkingMode"] == "NO_REGIONS"
    hub.delete_finding_aggregator(FindingAggregatorArn=arn)
    assert hub.list_finding_aggregators()["FindingAggregators"] == []
    assert refusal(hub.get_finding_aggregator, FindingAggregatorArn=arn) == "ResourceNotFoundException"


@pytest.mark.parametrize(
    ("mode", "regions"),
    [("NO_REGIONS", [LINKED]), ("ALL_REGIONS", [LINKED]), ("SPECIFIED_REGIONS", []), ("SOME_REGIONS", [])],
)
def test_the_mode_says_whether_regions_are_named(local: Organization, mode: str, regions: list[str]) -> None:
    call = local.hub().create_finding_aggregator
    assert refusal(call, RegionLinkingMode=mode, Regions=regions) == "InvalidInputException"


def test_an_aggregator_is_for_no_member_and_not_changed_from_elsewhere(local: Organization) -> None:
    local.join("joined")
    local.hub().create_members(AccountDetails=[{"AccountId": local.ids["joined"], "Email": email("joined")}])
    until(lambda: local.status("joined") == "Enabled")
    mode = {"RegionLinkingMode": "ALL_REGIONS"}
    assert refusal(local.hub("joined").create_finding_aggregator, **mode) == "InvalidInputException"
    arn = local.hub().create_finding_aggregator(**mode)["FindingAggregatorArn"]
    elsewhere = local.hub(region="us-west-2")
    elsewhere.enable_security_hub(EnableDefaultStandards=False)
    assert elsewhere.get_finding_aggregator(FindingAggregatorArn=arn)["FindingAggregationRegion"] == REGION
    assert refusal(elsewhere.update_finding_aggregator, FindingAggregatorArn=arn, **mode) == "InvalidInputException"
    assert refusal(elsewhere.delete_finding_aggregator, FindingAggregatorArn=arn) == "InvalidInputException"


def test_central_configuration_needs_a_home_region_and_no_auto_enable(local: Organization) -> None:
    hub = local.hub()
    assert refusal(hub.update_organization_configuration, **CENTRAL) == "ResourceNotFoundException"
    hub.create_finding_aggregator(RegionLinkingMode="SPECIFIED_REGIONS", Regions=[LINKED])
    for wrong in ({"AutoEnable": True}, {"AutoEnableStandards": "DEFAULT"}):
        code = refusal(hub.update_organization_configuration, **{**CENTRAL, **wrong})
        assert code == "InvalidInputException"
    local.emulator.clients.client("securityhub", LINKED).enable_organization_admin_account(
        AdminAccountId=local.ids["security"]
    )
    elsewhere = local.hub(region=LINKED)
    assert refusal(elsewhere.update_organization_configuration, **CENTRAL) == "AccessDeniedException"
    member = local.hub("payments")
    assert refusal(member.update_organization_configuration, **CENTRAL) == "InvalidAccessException"
    assert kind(hub) == ("LOCAL", "ENABLED")


def test_central_configuration_is_pending_and_then_enabled_in_linked_regions_too(local: Organization) -> None:
    hub = local.hub()
    hub.update_organization_configuration(AutoEnable=True, AutoEnableStandards="DEFAULT")
    hub.create_finding_aggregator(RegionLinkingMode="SPECIFIED_REGIONS", Regions=[LINKED, "us-east-1"])
    local.emulator.clock.hold(held=True)
    try:
        hub.update_organization_configuration(**CENTRAL)
        assert kind(hub) == ("CENTRAL", "PENDING")
        assert refusal(hub.list_configuration_policies) == "AccessDeniedException"
        local.wait(60)
    finally:
        local.emulator.clock.hold(held=False)
    for region in (REGION, LINKED, "us-east-1"):  # the administrator is set in linked Regions
        assert kind(local.hub(region=region)) == ("CENTRAL", "ENABLED")
    shown = hub.describe_organization_configuration()
    assert (shown["AutoEnable"], shown["AutoEnableStandards"]) == (False, "NONE")
    assert refusal(hub.update_organization_configuration, AutoEnable=True) == "InvalidInputException"
    hub.update_organization_configuration(AutoEnable=False)
    assert kind(hub) == ("CENTRAL", "ENABLED")
    management = local.emulator.clients.client("securityhub")
    withdraw = management.disable_organization_admin_account
    assert refusal(withdraw, AdminAccountId=local.ids["security"]) == "InvalidInputException"


def test_local_configuration_comes_back_when_no_policy_is_left(central: Organization) -> None:
    hub = central.hub()
    policy = central.policy("leaving", FSBP)
    assert refusal(hub.update_organization_configuration, **LOCAL) == "ResourceConflictException"
    hub.delete_configuration_policy(Identifier=policy)
    elsewhere = central.hub(region=LINKED)
    assert refusal(elsewhere.update_organization_configuration, **LOCAL) == "AccessDeniedException"
    hub.update_organization_configuration(**LOCAL)
    assert kind(hub) == kind(elsewhere) == ("LOCAL", "ENABLED")
    assert refusal(hub.list_configuration_policies) == "AccessDeniedException"


def test_without_its_home_region_central_configuration_ends_and_accounts_keep_what_they_have(
    central: Organization,
) -> None:
    central.join("kept")
    central.associate(central.policy("kept", PCI), AccountId=central.ids["kept"])
    central.wait()
    assert central.standards("kept") == {standard(PCI)}
    hub = central.hub()
    (aggregator,) = hub.list_finding_aggregators()["FindingAggregators"]
    hub.delete_finding_aggregator(**aggregator)
    assert kind(hub) == ("LOCAL", "ENABLED")
    assert (central.status("kept"), central.standards("kept")) == ("Enabled", {standard(PCI)})
    central.hub("kept").batch_enable_standards(StandardsSubscriptionRequests=[{"StandardsArn": standard(FSBP)}])


def test_a_policy_is_made_changed_and_deleted_by_the_administrator_at_home(central: Organization) -> None:
    hub = central.hub()
    made = hub.create_configuration_policy(Name="corp-hub", Description="ours", ConfigurationPolicy=content(FSBP))
    assert made["Arn"].endswith(f":{central.ids['security']}:configuration-policy/{made['Id']}")
    assert hub.get_configuration_policy(Identifier=made["Arn"])["ConfigurationPolicy"] == content(FSBP)
    changed = hub.update_configuration_policy(
        Identifier=made["Id"], ConfigurationPolicy={"SecurityHub": {"ServiceEnabled": False}}
    )
    assert (changed["Name"], changed["Description"]) == ("corp-hub", "ours")
    (summary,) = hub.list_configuration_policies()["ConfigurationPolicySummaries"]
    assert (summary["Name"], summary["ServiceEnabled"]) == ("corp-hub", False)
    again = {"Name": "corp-hub", "ConfigurationPolicy": content()}
    assert refusal(hub.create_configuration_policy, **again) == "ResourceConflictException"
    elsewhere = central.hub(region=LINKED)
    assert refusal(elsewhere.get_configuration_policy, Identifier=made["Id"]) == "AccessDeniedException"
    central.associate(made["Arn"], AccountId=central.ids["payments"])
    assert refusal(hub.delete_configuration_policy, Identifier=made["Id"]) == "ResourceConflictException"
    hub.start_configuration_policy_disassociation(
        ConfigurationPolicyIdentifier=made["Id"], Target={"AccountId": central.ids["payments"]}
    )
    hub.delete_configuration_policy(Identifier=made["Id"])
    assert refusal(hub.get_configuration_policy, Identifier=made["Id"]) == "ResourceNotFoundException"


@pytest.mark.parametrize(
    "wrong",
    [
        {"Name": "with space"},
        {"ConfigurationPolicy": {"SecurityHub": {}}},
        {"ConfigurationPolicy": {"SecurityHub": {"ServiceEnabled": True}}},
        {"ConfigurationPolicy": {"SecurityHub": {"ServiceEnabled": False, "EnabledStandardIdentifiers": []}}},
        {"ConfigurationPolicy": content("no-such-standard/v/1")},
        {
            "ConfigurationPolicy": {
                "SecurityHub": {
                    "ServiceEnabled": True,
                    "EnabledStandardIdentifiers": [],
                    "SecurityControlsConfiguration": {
                        "EnabledSecurityControlIdentifiers": ["IAM.1"],
                        "DisabledSecurityControlIdentifiers": ["IAM.2"],
                    },
                }
            }
        },
    ],
)
def test_a_policy_that_makes_no_sense_is_refused(central: Organization, wrong: dict[str, Any]) -> None:
    policy = {"Name": "odd", "ConfigurationPolicy": content(FSBP), **wrong}
    assert refusal(central.hub().create_configuration_policy, **policy) == "InvalidInputException"


def test_an_account_is_configured_after_a_while_in_home_and_linked_regions(central: Organization) -> None:
    central.join("early")
    central.hub("early").enable_security_hub()
    central.emulator.clock.hold(held=True)
    try:
        answer = central.associate(central.policy("all", FSBP, PCI), RootId=central.root)
        shown = answer["TargetType"], answer["AssociationType"], answer["AssociationStatus"]
        assert shown == ("ROOT", "APPLIED", "PENDING")
        assert central.association(AccountId=central.ids["early"])[1:] == ("INHERITED", "PENDING")
        assert central.status("early") is None
        central.wait()
    finally:
        central.emulator.clock.hold(held=False)
    assert central.association(RootId=central.root)[1:] == ("APPLIED", "SUCCESS")
    for region in (REGION, LINKED):
        assert central.status("early", region) == "Enabled"
        assert central.standards("early", region) == {standard(FSBP, region), standard(PCI, region)}
        assert central.standards("security", region) == central.standards("early", region)
    assert refusal(central.hub("early", APART).describe_hub) == "InvalidAccessException"


def test_a_new_account_inherits_and_no_clock_goes_there_for_it(central: Organization) -> None:
    central.associate(central.policy("root", FSBP), RootId=central.root)
    central.wait()
    central.join("new")
    assert (central.status("new"), refusal(central.hub("new").describe_hub)) == (None, "InvalidAccessException")
    assert central.association(RootId=central.root)[2] == "PENDING"  # one below is
    central.wait()
    assert (central.status("new"), central.standards("new", LINKED)) == ("Enabled", {standard(FSBP, LINKED)})
    assert central.association(RootId=central.root)[2] == "SUCCESS"


def test_the_nearest_association_counts_and_without_it_the_next(central: Organization) -> None:
    of_root, of_unit = central.policy("of-root", FSBP), central.policy("of-unit", PCI)
    central.associate(of_root, RootId=central.root)
    central.associate(of_unit, OrganizationalUnitId=central.unit)
    account = central.join("nested", central.unit)
    central.wait()
    assert central.association(AccountId=account) == (of_unit, "INHERITED", "SUCCESS")
    assert central.standards("nested") == {standard(PCI)}
    central.associate(of_root, AccountId=account)
    central.wait()
    assert central.association(AccountId=account) == (of_root, "APPLIED", "SUCCESS")
    assert central.standards("nested") == {standard(FSBP)}
    disassociate = central.hub().start_configuration_policy_disassociation
    disassociate(ConfigurationPolicyIdentifier=of_root, Target={"AccountId": account})
    assert central.association(AccountId=account) == (of_unit, "INHERITED", "PENDING")
    assert central.standards("nested") == {standard(FSBP)}
    central.wait()
    assert central.standards("nested") == {standard(PCI)}
    code = refusal(disassociate, ConfigurationPolicyIdentifier=of_root, Target={"AccountId": account})
    assert code == "ResourceNotFoundException"
    central.organizations.move_account(AccountId=account, SourceParentId=central.unit, DestinationParentId=central.root)
    assert central.association(AccountId=account) == (of_root, "INHERITED", "PENDING")
    central.wait()
    assert central.standards("nested") == {standard(FSBP)}


def test_a_policy_that_changes_reaches_its_accounts_and_one_that_disables_takes_the_hub(central: Organization) -> None:
    policy, account = central.policy("changing", FSBP), central.join("changed")
    central.associate(policy, AccountId=account)
    central.wait()
    central.hub().update_configuration_policy(Identifier=policy, ConfigurationPolicy=content(PCI))
    assert central.standards("changed") == {standard(FSBP)}
    central.wait()
    assert central.standards("changed") == {standard(PCI)}
    off = {"SecurityHub": {"ServiceEnabled": False}}
    central.hub().update_configuration_policy(Identifier=policy, ConfigurationPolicy=off)
    central.wait()
    for region in (REGION, LINKED):
        assert refusal(central.hub("changed", region).describe_hub) == "InvalidAccessException"
        assert central.status("changed", region) is None


def test_a_centrally_managed_account_changes_nothing_and_a_self_managed_one_does(central: Organization) -> None:
    central.associate(central.policy("managed", FSBP), RootId=central.root)
    account = central.join("managed")
    central.wait()
    (subscription,) = central.hub("managed").get_enabled_standards()["StandardsSubscriptions"]
    requests = [{"StandardsArn": standard(PCI)}]
    for name, region in (("managed", REGION), ("managed", LINKED), ("security", REGION)):
        own = central.hub(name, region)
        assert refusal(own.batch_enable_standards, StandardsSubscriptionRequests=requests) == "AccessDeniedException"
        assert refusal(own.enable_security_hub) == "AccessDeniedException"
    own = central.hub("managed")
    arns = [subscription["StandardsSubscriptionArn"]]
    assert refusal(own.batch_disable_standards, StandardsSubscriptionArns=arns) == "AccessDeniedException"
    assert refusal(own.disable_security_hub) == "AccessDeniedException"
    central.associate(SELF_MANAGED, AccountId=account)
    assert central.association(AccountId=account)[:2] == (SELF_MANAGED, "APPLIED")
    own.batch_enable_standards(StandardsSubscriptionRequests=requests)
    central.wait()
    assert central.standards("managed") == {standard(FSBP), standard(PCI)}


def test_associations_are_listed_and_asked_for_by_target(central: Organization) -> None:
    hub, policy = central.hub(), central.policy("listed", FSBP)
    assert hub.list_configuration_policy_associations()["ConfigurationPolicyAssociationSummaries"] == []
    nobody = {"AccountId": central.ids["payments"]}
    assert refusal(hub.get_configuration_policy_association, Target=nobody) == "ResourceNotFoundException"
    central.associate(policy, OrganizationalUnitId=central.unit)
    account = central.join("listed", central.unit)
    listed = hub.list_configuration_policy_associations(Filters={"ConfigurationPolicyId": policy})
    shown = {each["TargetId"]: each for each in listed["ConfigurationPolicyAssociationSummaries"]}
    assert shown[central.unit]["TargetType"] == "ORGANIZATIONAL_UNIT"
    assert (shown[account]["TargetType"], shown[account]["AssociationType"]) == ("ACCOUNT", "INHERITED")
    filters = {"AssociationType": "APPLIED", "AssociationStatus": "PENDING"}
    (own,) = hub.list_configuration_policy_associations(Filters=filters)["ConfigurationPolicyAssociationSummaries"]
    assert own["TargetId"] == central.unit
    targets = [{"Target": {"AccountId": account}}, {"Target": nobody}]
    answer = hub.batch_get_configuration_policy_associations(ConfigurationPolicyAssociationIdentifiers=targets)
    assert [each["TargetId"] for each in answer["ConfigurationPolicyAssociations"]] == [account]
    (missing,) = answer["UnprocessedConfigurationPolicyAssociations"]
    assert missing["ConfigurationPolicyAssociationIdentifiers"] == targets[1]
    unknown = {"ConfigurationPolicyIdentifier": policy, "Target": {"AccountId": "999999999999"}}
    assert refusal(hub.start_configuration_policy_association, **unknown) == "ResourceNotFoundException"
    nowhere = {"ConfigurationPolicyIdentifier": "none", "Target": {"RootId": central.root}}
    assert refusal(hub.start_configuration_policy_association, **nowhere) == "ResourceNotFoundException"
