"""Public calls of AWS, in the management and security accounts, after which a promise about an account is untrue."""

from __future__ import annotations

from typing import Any

import boto3

from avm.catalog import load_catalog
from avm.domain.conformance_pack import ConformancePack
from avm.domain.foundation import AGGREGATOR_NAME, AGGREGATOR_ROLE, ANALYZER_NAME
from tests.end_to_end.place import Place
from tests.unit.conftest import CATALOG_DIR


def remove_an_assignment(place: Place) -> None:
    """Take away what the account's type gives."""
    center = place.machine.client("sso-admin")
    instance = center.list_instances()["Instances"][0]["InstanceArn"]
    sets = center.list_permission_sets_provisioned_to_account(InstanceArn=instance, AccountId=place.account_id)
    arn = sets["PermissionSets"][0]
    assignments = center.list_account_assignments(
        InstanceArn=instance, AccountId=place.account_id, PermissionSetArn=arn
    )
    held = assignments["AccountAssignments"][0]
    center.delete_account_assignment(
        InstanceArn=instance,
        TargetId=place.account_id,
        TargetType="AWS_ACCOUNT",
        PermissionSetArn=arn,
        PrincipalType=held["PrincipalType"],
        PrincipalId=held["PrincipalId"],
    )
    place.machine.settle_now()


def attach_a_strange_guardrail(place: Place) -> None:
    """Put an SCP of the catalog on the account that its type does not give it."""
    place.organizations.attach_policy(PolicyId=place.scp("avm-deny-leave"), TargetId=place.account_id)


def change_a_tag(place: Place) -> None:
    """Say that somebody else owns the account."""
    place.organizations.tag_resource(ResourceId=place.account_id, Tags=[{"Key": "owner", "Value": "x@example.com"}])


def take_a_guardrail_from_the_ou(place: Place) -> None:
    """Detach an SCP from the OU of the account."""
    place.organizations.detach_policy(PolicyId=place.scp("avm-deny-leave"), TargetId=place.unit("Dev"))


def give_the_ou_its_guardrail_back(place: Place) -> None:
    """Attach it again: the foundation does that, no vend and no repair."""
    place.organizations.attach_policy(PolicyId=place.scp("avm-deny-leave"), TargetId=place.unit("Dev"))


def move_the_account(place: Place) -> None:
    """Move the account to another OU."""
    (parent,) = place.organizations.list_parents(ChildId=place.account_id)["Parents"]
    place.organizations.move_account(
        AccountId=place.account_id, SourceParentId=parent["Id"], DestinationParentId=place.unit("Test")
    )


def swap_full_access(place: Place) -> None:
    """Put another SCP in the place of FullAWSAccess: nothing in the account is allowed any more."""
    place.organizations.attach_policy(PolicyId=place.scp("avm-deny-leave"), TargetId=place.account_id)
    place.organizations.detach_policy(PolicyId=place.scp("FullAWSAccess"), TargetId=place.account_id)


def tell_nobody_of_costs(place: Place) -> None:
    """Let the account cost more, and tell somebody else when it does."""
    budgets, management = place.machine.client("budgets"), place.machine.emulator.management_account_id
    which = {"AccountId": management, "BudgetName": f"avm-{place.account_id}"}
    budget = budgets.describe_budget(**which)["Budget"]
    limit = {"Amount": "100000", "Unit": "USD"}
    wanted = {name: budget[name] for name in ("BudgetName", "BudgetType", "TimeUnit", "CostFilters")}
    for alert in budgets.describe_notifications_for_budget(**which)["Notifications"][:2]:
        budgets.delete_notification(**which, Notification=alert)
    budgets.update_budget(AccountId=management, NewBudget={**wanted, "BudgetLimit": limit})


def recover_the_root_password(place: Place) -> None:
    """Let the root user have a password again, in a session that may do that."""
    sts: Any = place.machine.session.client(
        "sts", region_name=place.machine.emulator.region, endpoint_url=place.machine.emulator.endpoint_url
    )
    task = {"arn": "arn:aws:iam::aws:policy/root-task/IAMCreateRootUserPassword"}
    key = sts.assume_root(TargetPrincipal=place.account_id, TaskPolicyArn=task)["Credentials"]
    session = boto3.Session(key["AccessKeyId"], key["SecretAccessKey"], key["SessionToken"], region_name="us-east-1")
    session.client("iam", endpoint_url=place.machine.emulator.endpoint_url).create_login_profile()


def leave_guardduty(place: Place) -> None:
    """Take the account out of GuardDuty's administration, as the administrator, which then may not enrol everybody."""
    guardduty = place.security("guardduty", place.region)
    detector = guardduty.list_detectors()["DetectorIds"][0]
    guardduty.update_organization_configuration(DetectorId=detector, AutoEnableOrganizationMembers="NEW")
    guardduty.disassociate_members(DetectorId=detector, AccountIds=[place.account_id])
    guardduty.delete_members(DetectorId=detector, AccountIds=[place.account_id])


def switch_a_plan_off(place: Place) -> None:
    """Switch a protection plan of the account off, as GuardDuty's administrator."""
    guardduty = place.security("guardduty", place.region)
    detector = guardduty.list_detectors()["DetectorIds"][0]
    plans = [{"Name": "S3_DATA_EVENTS", "Status": "DISABLED"}]
    guardduty.update_member_detectors(DetectorId=detector, AccountIds=[place.account_id], Features=plans)


def leave_security_hub(place: Place) -> None:
    """Take the account out of Security Hub's administration, as the administrator."""
    hub = place.security("securityhub", place.region)
    hub.disassociate_members(AccountIds=[place.account_id])
    hub.delete_members(AccountIds=[place.account_id])


def analyze_nothing(place: Place) -> None:
    """Delete the organization's analyzer of a Region."""
    place.security("accessanalyzer", place.region).delete_analyzer(analyzerName=ANALYZER_NAME)


def analyze_again(place: Place) -> None:
    """Make the analyzer: the foundation does that."""
    place.security("accessanalyzer", place.region).create_analyzer(analyzerName=ANALYZER_NAME, type="ORGANIZATION")
    place.machine.emulator.clock.advance(place.machine.emulator.latencies.longest("accessanalyzer:CreateAnalyzer"))


def collect_nothing(place: Place) -> None:
    """Delete the aggregator of all accounts."""
    config = place.security("config", place.machine.emulator.region)
    config.delete_configuration_aggregator(ConfigurationAggregatorName=AGGREGATOR_NAME)


def collect_again(place: Place) -> None:
    """Make the aggregator, and wait until it has collected: the foundation does that."""
    config = place.security("config", place.machine.emulator.region)
    account_id = place.security("sts", place.machine.emulator.region).get_caller_identity()["Account"]
    role = f"arn:aws:iam::{account_id}:role/avm/{AGGREGATOR_ROLE}"
    source = {"RoleArn": role, "AllAwsRegions": True}
    config.put_configuration_aggregator(
        ConfigurationAggregatorName=AGGREGATOR_NAME, OrganizationAggregationSource=source
    )
    latencies = place.machine.emulator.latencies
    place.machine.emulator.clock.advance(latencies.longest("config:PutConfigurationAggregator"))


def judge_by_one_pack_less(place: Place) -> None:
    """Delete a conformance pack of the organization in a Region."""
    _packs(place).delete_organization_conformance_pack(OrganizationConformancePackName=_pack().aws_name)


def judge_by_all_packs(place: Place) -> None:
    """Deploy the pack, and wait until it is there: the foundation does that."""
    latencies = place.machine.emulator.latencies
    place.machine.emulator.clock.advance(latencies.longest("config:DeleteOrganizationConformancePack"))
    _packs(place).put_organization_conformance_pack(
        OrganizationConformancePackName=_pack().aws_name, TemplateBody=_pack().body
    )
    place.machine.emulator.clock.advance(latencies.longest("config:PutOrganizationConformancePack"))


def _packs(place: Place) -> Any:
    return place.security("config", place.region)


def _pack() -> ConformancePack:
    return load_catalog(CATALOG_DIR).conformance_packs["avm-exposure"]
