"""The world in which the application starts."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from avm.catalog import load_catalog
from avm.domain.foundation import Foundation
from avm.domain.guardrail import GuardrailKind
from avm.domain.policy import Policies, PolicyKind, Principal, Request, evaluate, policy
from avm_emulator.context import Emulator
from avm_emulator.engine import Options
from tests.emulator.members import inside

PARTS = tuple(
    f"avm_emulator.{part}"
    for part in (
        *("managed_policies", "service_linked_roles", "organizations", "identity_center", "guardduty", "security_hub"),
        *("config", "root_access", "access_analyzer", "cost_explorer", "service_quotas", "cloudtrail"),
    )
)
CATALOG = load_catalog(Path(__file__).parents[2] / "layers" / "catalog" / "catalog")


@pytest.fixture(scope="module")
def options() -> Options:
    return Options(speed="max", prepare=True, deploy=False, parts=PARTS)


@pytest.fixture(scope="module")
def organizations(emulator: Emulator) -> Any:
    return emulator.clients.client("organizations")


def guardrails_by_unit(organizations: Any) -> dict[str, set[str]]:
    root_id = organizations.list_roots()["Roots"][0]["Id"]
    units = organizations.list_organizational_units_for_parent(ParentId=root_id)["OrganizationalUnits"]
    return {
        unit["Name"]: {
            policy["Name"]
            for kind in GuardrailKind
            for policy in organizations.list_policies_for_target(TargetId=unit["Id"], Filter=kind.value)["Policies"]
        }
        for unit in units
    }


def test_the_organization_has_the_units_of_the_catalog_with_their_guardrails(organizations: Any) -> None:
    wanted = {
        name: {
            policy
            for kind in GuardrailKind
            for policy in (kind.full_access, *(each.aws_name for each in CATALOG.ou_guardrails(name, kind)))
        }
        for name in CATALOG.organization.ous
    }
    assert guardrails_by_unit(organizations) == wanted


@pytest.mark.parametrize("kind", GuardrailKind)
def test_every_guardrail_of_the_catalog_exists_with_its_document(organizations: Any, kind: GuardrailKind) -> None:
    organization_id = organizations.describe_organization()["Organization"]["Id"]
    listed = organizations.list_policies(Filter=kind.value)["Policies"]
    contents = {
        policy["Name"]: organizations.describe_policy(PolicyId=policy["Id"])["Policy"]["Content"]
        for policy in listed
        if not policy["AwsManaged"]
    }
    wanted = {each.aws_name: each.content_in(organization_id) for each in CATALOG.guardrails(kind).values()}
    assert contents == wanted


def test_both_policy_types_of_authorization_are_enabled(organizations: Any) -> None:
    (root,) = organizations.list_roots()["Roots"]
    assert {policy_type["Type"] for policy_type in root["PolicyTypes"]} == {
        "SERVICE_CONTROL_POLICY",
        "RESOURCE_CONTROL_POLICY",
    }


def test_identity_center_has_the_permission_sets_of_the_catalog_with_their_policies(emulator: Emulator) -> None:
    admin = emulator.clients.client("sso-admin")
    (instance,) = admin.list_instances()["Instances"]
    found = {}
    for arn in admin.list_permission_sets(InstanceArn=instance["InstanceArn"])["PermissionSets"]:
        target = {"InstanceArn": instance["InstanceArn"], "PermissionSetArn": arn}
        described = admin.describe_permission_set(**target)["PermissionSet"]
        managed = admin.list_managed_policies_in_permission_set(**target)["AttachedManagedPolicies"]
        found[described["Name"]] = (
            described["SessionDuration"],
            {policy["Arn"] for policy in managed},
            admin.get_inline_policy_for_permission_set(**target)["InlinePolicy"],
        )
    assert found == {
        wanted.name: (
            wanted.session_duration,
            set(wanted.managed_policy_arns("aws")),
            wanted.inline_policy.content() if wanted.inline_policy else "",
        )
        for wanted in CATALOG.permission_sets.values()
    }


def test_the_identity_store_has_the_groups_and_users_that_the_interfaces_name(emulator: Emulator) -> None:
    store = emulator.clients.client("identitystore")
    (instance,) = emulator.clients.client("sso-admin").list_instances()["Instances"]
    groups = store.list_groups(IdentityStoreId=instance["IdentityStoreId"])["Groups"]
    users = store.list_users(IdentityStoreId=instance["IdentityStoreId"])["Users"]
    assert {group["DisplayName"] for group in groups} == {
        "platform-admins",
        "payments-developers",
        "web-developers",
        "security-auditors",
        "billing-readers",
    }
    assert {user["UserName"] for user in users} == {
        "jane.doe@example.com",
        "john.roe@example.com",
        "max.muster@example.com",
    }


def test_the_operator_is_an_administrator_whom_the_management_account_may_assume(emulator: Emulator) -> None:
    iam = emulator.clients.client("iam")
    (policy,) = iam.list_attached_role_policies(RoleName="avm-operator")["AttachedPolicies"]
    assert policy["PolicyName"] == "AdministratorAccess"
    operator = emulator.clients.client("sts", role_arn="arn:aws:iam::123456789012:role/avm-operator")
    assert ":assumed-role/avm-operator/" in operator.get_caller_identity()["Arn"]


def test_the_application_has_an_account_of_its_own_that_administers_identity_center(
    emulator: Emulator, organizations: Any
) -> None:
    account = organizations.describe_account(AccountId=emulator.application_account_id)["Account"]
    assert account["Id"] != emulator.management_account_id
    assert (account["Name"], account["State"]) == ("avm-tooling", "ACTIVE")
    parent = organizations.list_parents(ChildId=account["Id"])["Parents"][0]["Id"]
    unit = organizations.describe_organizational_unit(OrganizationalUnitId=parent)["OrganizationalUnit"]
    assert unit["Name"] == "Infrastructure"
    services = organizations.list_delegated_services_for_account(AccountId=account["Id"])["DelegatedServices"]
    assert [service["ServicePrincipal"] for service in services] == ["sso.amazonaws.com"]
    role = f"arn:aws:iam::{account['Id']}:role/OrganizationAccountAccessRole"
    center = emulator.clients.client("sso-admin", role_arn=role)
    assert len(center.list_instances()["Instances"]) == 1


@pytest.fixture(scope="module")
def foundation(emulator: Emulator, organizations: Any) -> Foundation:
    """The foundation as the application finds it: by the tags of accounts."""
    ids = {}
    for account in organizations.list_accounts()["Accounts"]:
        tags = organizations.list_tags_for_resource(ResourceId=account["Id"])["Tags"]
        ids.update({tag["Value"]: account["Id"] for tag in tags if tag["Key"] == "avm:type"})
    return Foundation(
        partition="aws",
        organization_id=organizations.describe_organization()["Organization"]["Id"],
        home_region=emulator.region,
        management_account_id=emulator.management_account_id,
        log_archive_account_id=ids["log-archive"],
        security_account_id=ids["security"],
    )


def test_log_archive_and_security_account_stand_in_their_ou_and_are_found_by_their_tags(
    emulator: Emulator, organizations: Any, foundation: Foundation
) -> None:
    for account_id in (foundation.log_archive_account_id, foundation.security_account_id):
        parent = organizations.list_parents(ChildId=account_id)["Parents"][0]["Id"]
        unit = organizations.describe_organizational_unit(OrganizationalUnitId=parent)["OrganizationalUnit"]
        assert unit["Name"] == "Security"
    assert emulator.security_account_id == foundation.security_account_id


def test_the_organization_has_a_trail_that_logs_into_the_log_archive(
    emulator: Emulator, foundation: Foundation
) -> None:
    cloudtrail = emulator.clients.client("cloudtrail")
    trail = cloudtrail.get_trail(Name="avm-organization-trail")["Trail"]
    settings = ("IsOrganizationTrail", "IsMultiRegionTrail", "LogFileValidationEnabled", "IncludeGlobalServiceEvents")
    assert all(trail[setting] for setting in settings)
    assert trail["S3BucketName"] == foundation.trail_bucket
    assert f":{foundation.log_archive_account_id}:key/" in trail["KmsKeyId"]
    assert cloudtrail.get_trail_status(Name="avm-organization-trail")["IsLogging"] is True


SOURCES = {
    "cloudtrail.amazonaws.com": "trail_bucket",
    "config.amazonaws.com": "config_bucket",
    "delivery.logs.amazonaws.com": "flow_logs_bucket",
}


@pytest.mark.parametrize("service", SOURCES)
def test_each_bucket_of_the_log_archive_admits_its_service_for_the_organization_alone(
    emulator: Emulator, foundation: Foundation, service: str
) -> None:
    bucket = getattr(foundation, SOURCES[service])
    s3 = inside(emulator, "s3", str(foundation.log_archive_account_id))
    assert s3.get_bucket_versioning(Bucket=bucket)["Status"] == "Enabled"
    (rule,) = s3.get_bucket_encryption(Bucket=bucket)["ServerSideEncryptionConfiguration"]["Rules"]
    assert rule["ApplyServerSideEncryptionByDefault"]["SSEAlgorithm"] == "aws:kms"
    admitted = policy(s3.get_bucket_policy(Bucket=bucket)["Policy"], PolicyKind.RESOURCE, bucket)
    keys = {
        "aws:SecureTransport": "true",
        "aws:SourceArn": f"arn:aws:cloudtrail:eu-west-1:{emulator.management_account_id}:trail/avm-organization-trail",
        "aws:SourceOrgID": foundation.organization_id,
        "s3:x-amz-acl": "bucket-owner-full-control",
    }

    def may(principal: str, **changed: str) -> bool:
        arn = f"arn:aws:s3:::{bucket}/AWSLogs/{foundation.organization_id}/log"
        context = {**keys, **{name.replace("_", ":"): value for name, value in changed.items()}}
        request = Request(Principal.service(principal), "s3:PutObject", (arn,), "", context)
        return evaluate(request, Policies(resource=admitted)).allowed

    assert [principal for principal in SOURCES if may(principal)] == [service]
    assert not may(service, aws_SecureTransport="false")
    assert not may(service, aws_SourceOrgID="o-other00000", aws_SourceArn="arn:aws:cloudtrail:eu-west-1:9:trail/other")


def test_the_security_account_administers_the_security_services_in_every_governed_region(
    emulator: Emulator, organizations: Any, foundation: Foundation
) -> None:
    security = str(foundation.security_account_id)
    services = organizations.list_delegated_services_for_account(AccountId=security)["DelegatedServices"]
    assert {service["ServicePrincipal"].removesuffix(".amazonaws.com") for service in services} == {
        *("access-analyzer", "config", "config-multiaccountsetup", "guardduty", "securityhub"),
    }
    for region in ("eu-west-1", "eu-central-1", "us-east-1"):
        guardduty = inside(emulator, "guardduty", security, region)
        (detector,) = guardduty.list_detectors()["DetectorIds"]
        configured = guardduty.describe_organization_configuration(DetectorId=detector)
        assert configured["AutoEnableOrganizationMembers"] == "ALL"
        hub = inside(emulator, "securityhub", security, region).describe_organization_configuration()
        assert (hub["AutoEnable"], hub["OrganizationConfiguration"]["ConfigurationType"]) == (True, "LOCAL")


def test_the_preparation_makes_no_call_that_fails_and_lets_no_time_pass(emulator: Emulator) -> None:
    assert [call for call in emulator.calls if call.error and call.source.startswith("root")] == []
    assert emulator.clock.pending() == []
