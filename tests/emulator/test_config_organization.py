"""AWS Config for an organization: aggregators, and conformance packs that come into the accounts in the background."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from avm_emulator.config import FUNCTIONS
from avm_emulator.context import Emulator
from avm_emulator.engine import Options
from avm_emulator.organizations import organization_of
from tests.emulator.lab import until
from tests.emulator.members import found, inside, join
from tests.emulator.outsiders import root_client

Accounts = dict[str, str]
COLLECTS, DEPLOYS = "config.amazonaws.com", "config-multiaccountsetup.amazonaws.com"
NUMBERS = itertools.count(1)
TEMPLATE = """
Parameters:
  Age: {Type: String, Default: "90"}
Resources:
  Keys:
    Type: AWS::Config::ConfigRule
    Properties:
      ConfigRuleName: access-keys-rotated
      InputParameters: {maxAccessKeyAge: !Ref Age}
      Source: {Owner: AWS, SourceIdentifier: ACCESS_KEYS_ROTATED}
"""


@pytest.fixture(scope="module")
def options() -> Options:
    parts = ("managed_policies", "service_linked_roles", "config", "organizations")
    return Options(speed="max", prepare=False, deploy=False, parts=[f"avm_emulator.{part}" for part in parts])


@pytest.fixture(scope="module")
def accounts(emulator: Emulator) -> Accounts:
    """Found an organization with an administrator of Config; all accounts but ``dark`` record."""
    ids = {**found(emulator, "security", "payments", "dark"), "management": emulator.management_account_id}
    organizations = emulator.clients.client("organizations")
    for principal in (COLLECTS, DEPLOYS):
        organizations.enable_aws_service_access(ServicePrincipal=principal)
        organizations.register_delegated_administrator(AccountId=ids["security"], ServicePrincipal=principal)
    for name in ("security", "payments", "management"):
        record(emulator, ids[name])
    return ids


@pytest.fixture
def administrator(emulator: Emulator, accounts: Accounts) -> Any:
    return inside(emulator, "config", accounts["security"])


@pytest.fixture
def name() -> str:
    return f"pack-{next(NUMBERS)}"


def of_account(emulator: Emulator, service: str, account_id: str) -> Any:
    is_management = account_id == emulator.management_account_id
    return emulator.clients.client(service) if is_management else inside(emulator, service, account_id)


def record(emulator: Emulator, account_id: str) -> None:
    """Let an account record, into a bucket of its own."""
    iam, s3 = of_account(emulator, "iam", account_id), of_account(emulator, "s3", account_id)
    role = iam.create_service_linked_role(AWSServiceName=COLLECTS)["Role"]["Arn"]
    bucket = f"config-{account_id}"
    s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": COLLECTS},
        "Action": ["s3:GetBucketAcl", "s3:PutObject"],
        "Resource": [f"arn:aws:s3:::{bucket}", f"arn:aws:s3:::{bucket}/*"],
    }
    s3.put_bucket_policy(Bucket=bucket, Policy=json.dumps({"Version": "2012-10-17", "Statement": [statement]}))
    config = of_account(emulator, "config", account_id)
    config.put_configuration_recorder(ConfigurationRecorder={"roleARN": role})
    config.put_delivery_channel(DeliveryChannel={"s3BucketName": bucket})
    config.start_configuration_recorder(ConfigurationRecorderName="default")


def refused(call: Callable[..., Any], **parameters: Any) -> str:
    with pytest.raises(ClientError) as refusal:
        call(**parameters)
    return str(refusal.value.response["Error"]["Code"])


def collect(client: Any, role_arn: str, name: str = "organization", **source: Any) -> dict[str, Any]:
    answer = client.put_configuration_aggregator(
        ConfigurationAggregatorName=name,
        OrganizationAggregationSource={"RoleArn": role_arn, "AllAwsRegions": True, **source},
    )
    return dict(answer["ConfigurationAggregator"])


def role_of(account_id: str) -> str:
    return f"arn:aws:iam::{account_id}:role/aws-service-role/config.amazonaws.com/AWSServiceRoleForConfig"


def put(client: Any, name: str, **more: Any) -> str:
    parameters = {"OrganizationConformancePackName": name, "TemplateBody": TEMPLATE, **more}
    return str(client.put_organization_conformance_pack(**parameters)["OrganizationConformancePackArn"])


def status_of(client: Any, name: str) -> str:
    answer = client.describe_organization_conformance_pack_statuses(OrganizationConformancePackNames=[name])
    (status,) = answer["OrganizationConformancePackStatuses"]
    return str(status["Status"])


def details(client: Any, name: str, **filters: str) -> dict[str, tuple[str, str | None]]:
    answer = client.get_organization_conformance_pack_detailed_status(
        OrganizationConformancePackName=name, Filters=filters
    )
    return {
        each["AccountId"]: (each["Status"], each.get("ErrorCode"))
        for each in answer["OrganizationConformancePackDetailedStatuses"]
    }


def test_every_function_is_named_like_an_operation(administrator: Any) -> None:
    assert [function.__name__ for function in FUNCTIONS if not hasattr(administrator, function.__name__)] == []


# -- aggregators -------------------------------------------------------------------------------------------------------
def test_an_administrator_collects_from_the_organization(
    emulator: Emulator, accounts: Accounts, administrator: Any
) -> None:
    emulator.clock.hold(held=True)
    made = collect(administrator, role_of(accounts["security"]))
    assert (
        collect(administrator, role_of(accounts["security"]))["ConfigurationAggregatorArn"]
        == (made["ConfigurationAggregatorArn"])
    )
    (found_one,) = administrator.describe_configuration_aggregators()["ConfigurationAggregators"]
    assert found_one["OrganizationAggregationSource"]["AllAwsRegions"] is True
    look = administrator.describe_configuration_aggregator_sources_status
    name = {"ConfigurationAggregatorName": "organization"}
    before = look(**name)["AggregatedSourceStatusList"]
    assert {source["LastUpdateStatus"] for source in before} == {"OUTDATED"}
    emulator.clock.hold(held=False)
    until(lambda: look(**name, UpdateStatus=["SUCCEEDED"])["AggregatedSourceStatusList"])
    sources = look(**name)["AggregatedSourceStatusList"]
    assert (sources[0]["SourceType"], sources[0]["LastUpdateStatus"]) == ("ORGANIZATION", "SUCCEEDED")
    recording = {(source["SourceId"], source["AwsRegion"]) for source in sources[1:]}
    assert recording == {(accounts[each], "eu-west-1") for each in ("security", "payments", "management")}
    collect(administrator, role_of(accounts["security"]), AllAwsRegions=False, AwsRegions=["eu-west-1"])
    failed = look(**name, UpdateStatus=["FAILED"])["AggregatedSourceStatusList"]
    assert [(each["SourceId"], each["LastErrorCode"]) for each in failed] == [
        (accounts["dark"], "NoRunningConfigurationRecorder")
    ]
    administrator.delete_configuration_aggregator(**name)
    assert refused(look, **name) == "NoSuchConfigurationAggregatorException"


def test_an_aggregator_of_the_organization_needs_an_administrator_and_a_role(
    emulator: Emulator, accounts: Accounts, administrator: Any
) -> None:
    member = inside(emulator, "config", accounts["payments"])
    assert refused(collect, client=member, role_arn=role_of(accounts["payments"])) == (
        "OrganizationAccessDeniedException"
    )
    nobody = f"arn:aws:iam::{accounts['security']}:role/nobody"
    assert refused(collect, client=administrator, role_arn=nobody) == "InvalidRoleException"
    alone = root_client(emulator, "config", "999999999999")
    assert refused(collect, client=alone, role_arn=nobody) == "NoAvailableOrganizationException"


def test_the_management_account_gives_trusted_access_by_collecting(emulator: Emulator, accounts: Accounts) -> None:
    organizations = emulator.clients.client("organizations")
    organizations.disable_aws_service_access(ServicePrincipal=COLLECTS)
    administrator = inside(emulator, "config", accounts["security"])
    arguments = {"client": administrator, "role_arn": role_of(accounts["security"])}
    assert refused(collect, **arguments) == "OrganizationAccessDeniedException"
    management = emulator.clients.client("config")
    collect(management, role_of(accounts["management"]))
    management.delete_configuration_aggregator(ConfigurationAggregatorName="organization")
    collect(**arguments)
    organization = organization_of(accounts["management"])
    assert organization is not None
    organization.entity.feature_set = "CONSOLIDATED_BILLING"
    assert refused(collect, **arguments) == "OrganizationAllFeaturesNotEnabledException"
    organization.entity.feature_set = "ALL"


def test_an_aggregator_whose_administrator_is_deregistered_fails(
    emulator: Emulator, accounts: Accounts, administrator: Any
) -> None:
    collect(administrator, role_of(accounts["security"]))
    look = administrator.describe_configuration_aggregator_sources_status
    name = {"ConfigurationAggregatorName": "organization"}
    until(lambda: look(**name, UpdateStatus=["SUCCEEDED"])["AggregatedSourceStatusList"])
    organizations = emulator.clients.client("organizations")
    arguments = {"AccountId": accounts["security"], "ServicePrincipal": COLLECTS}
    organizations.deregister_delegated_administrator(**arguments)
    (source,) = look(**name)["AggregatedSourceStatusList"]
    assert (source["LastUpdateStatus"], source["LastErrorCode"]) == ("FAILED", "OrganizationAccessDenied")
    organizations.register_delegated_administrator(**arguments)


# -- conformance packs -------------------------------------------------------------------------------------------------
def test_a_pack_comes_into_every_account_that_is_not_excluded(
    emulator: Emulator, accounts: Accounts, administrator: Any, name: str
) -> None:
    emulator.clock.hold(held=True)
    arn = put(administrator, name, ExcludedAccounts=[accounts["dark"]])
    assert status_of(administrator, name) == "CREATE_IN_PROGRESS"
    deployed_into = {accounts[each] for each in ("security", "payments", "management")}
    assert details(administrator, name) == dict.fromkeys(deployed_into, ("CREATE_IN_PROGRESS", None))
    assert refused(put, client=administrator, name=name) == "ResourceInUseException"
    emulator.clock.hold(held=False)
    until(lambda: status_of(administrator, name) == "CREATE_SUCCESSFUL")
    assert details(administrator, name) == dict.fromkeys(deployed_into, ("CREATE_SUCCESSFUL", None))
    answer = administrator.describe_organization_conformance_packs(OrganizationConformancePackNames=[name])
    (pack,) = answer["OrganizationConformancePacks"]
    assert (pack["OrganizationConformancePackArn"], pack["ExcludedAccounts"]) == (arn, [accounts["dark"]])
    roles = inside(emulator, "iam", accounts["security"]).list_roles()["Roles"]
    assert "AWSServiceRoleForConfigMultiAccountSetup" in {role["RoleName"] for role in roles}
    assert put(administrator, name, ExcludedAccounts=[accounts["dark"], accounts["payments"]]) == arn
    until(lambda: status_of(administrator, name) == "UPDATE_SUCCESSFUL")
    assert set(details(administrator, name)) == deployed_into - {accounts["payments"]}


def test_an_account_that_does_not_record_fails_and_is_named(accounts: Accounts, administrator: Any, name: str) -> None:
    put(administrator, name)
    until(lambda: status_of(administrator, name) == "CREATE_FAILED")
    assert details(administrator, name, AccountId=accounts["dark"]) == {
        accounts["dark"]: ("CREATE_FAILED", "NoAvailableConfigurationRecorder")
    }
    assert accounts["payments"] in details(administrator, name, Status="CREATE_SUCCESSFUL")
    answer = administrator.describe_organization_conformance_pack_statuses(OrganizationConformancePackNames=[name])
    assert accounts["dark"] in answer["OrganizationConformancePackStatuses"][0]["ErrorMessage"]


def test_a_new_account_gets_the_pack_as_soon_as_it_records(
    emulator: Emulator, accounts: Accounts, administrator: Any, name: str
) -> None:
    put(administrator, name, ExcludedAccounts=[accounts["dark"]])
    until(lambda: status_of(administrator, name) == "CREATE_SUCCESSFUL")
    account_id = join(emulator, "newcomer")
    assert account_id not in details(administrator, name)
    emulator.clock.advance(600)
    assert details(administrator, name)[account_id] == ("CREATE_FAILED", "NoAvailableConfigurationRecorder")
    record(emulator, account_id)
    assert details(administrator, name)[account_id] == ("CREATE_SUCCESSFUL", None)
    assert status_of(administrator, name) == "CREATE_SUCCESSFUL"


def test_a_pack_is_deleted_in_the_background(emulator: Emulator, administrator: Any, name: str) -> None:
    put(administrator, name)
    until(lambda: not status_of(administrator, name).endswith("IN_PROGRESS"))
    emulator.clock.hold(held=True)
    delete = administrator.delete_organization_conformance_pack
    delete(OrganizationConformancePackName=name)
    assert status_of(administrator, name) == "DELETE_IN_PROGRESS"
    assert refused(delete, OrganizationConformancePackName=name) == "ResourceInUseException"
    emulator.clock.hold(held=False)
    listed = administrator.describe_organization_conformance_packs
    until(
        lambda: (
            name not in {each["OrganizationConformancePackName"] for each in listed()["OrganizationConformancePacks"]}
        )
    )
    assert refused(delete, OrganizationConformancePackName=name) == "NoSuchOrganizationConformancePackException"


def test_packs_are_for_administrators_and_each_sees_its_own(
    emulator: Emulator, accounts: Accounts, administrator: Any, name: str
) -> None:
    member = inside(emulator, "config", accounts["payments"])
    for call in (
        lambda: put(member, name),
        member.describe_organization_conformance_packs,
        member.describe_organization_conformance_pack_statuses,
    ):
        assert refused(call) == "OrganizationAccessDeniedException"
    management = emulator.clients.client("config")
    put(management, name)
    assert refused(status_of, client=administrator, name=name) == "NoSuchOrganizationConformancePackException"
    until(lambda: not status_of(management, name).endswith("IN_PROGRESS"))
    management.delete_organization_conformance_pack(OrganizationConformancePackName=name)


def test_a_template_is_needed_and_looked_at(emulator: Emulator, administrator: Any, name: str) -> None:
    create = administrator.put_organization_conformance_pack
    assert refused(create, OrganizationConformancePackName=name) == "ValidationException"
    invalid = "OrganizationConformancePackTemplateValidationException"
    for body in (
        "Resources: {}",
        "just words",
        "Resources: {A: {Type: 'AWS::S3::Bucket'}}",
        "Resources: {A: {Type: 'AWS::Config::ConfigRule', Properties: {Source: {Owner: AWS}}}}",
        TEMPLATE.replace(', Default: "90"', ""),
    ):
        assert refused(put, client=administrator, name=name, TemplateBody=body) == invalid
    unknown = [{"ParameterName": "Colour", "ParameterValue": "red"}]
    assert refused(put, client=administrator, name=name, ConformancePackInputParameters=unknown) == invalid
    assert refused(put, client=administrator, name=name, DeliveryS3Bucket="elsewhere") == "ValidationException"
    where = {"OrganizationConformancePackName": name, "TemplateS3Uri": "s3://templates-of-packs/pack.yaml"}
    assert refused(create, **where) == "InsufficientPermissionsException"
    s3 = emulator.clients.client("s3", "us-east-1")
    s3.create_bucket(Bucket="templates-of-packs")
    s3.put_object(Bucket="templates-of-packs", Key="pack.yaml", Body=TEMPLATE)
    create(**where)
