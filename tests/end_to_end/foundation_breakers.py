"""For each control of the foundation one public call of AWS after which it is untrue."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from avm.domain.foundation import TRAIL_NAME
from tests.end_to_end.conftest import Machine

ELSEWHERE = "eu-central-1"
"""A governed Region that is not the home Region."""


def inside(machine: Machine, account_type: str, service: str, region: str | None = None) -> Any:
    """Return a client of an administrator of a foundational account, whom no guardrail binds."""
    account_id = machine.call("GET", f"/requests/foundation-{account_type}").json()["account_id"]
    role = f"arn:aws:iam::{account_id}:role/OrganizationAccountAccessRole"
    return machine.emulator.clients.client(service, region, role_arn=role)


def root_id(machine: Machine) -> str:
    """Return the id of the organization's root."""
    return str(machine.client("organizations").list_roots()["Roots"][0]["Id"])


def unit_id(machine: Machine, name: str) -> str:
    """Return the id of an OU under the root."""
    units = machine.client("organizations").list_organizational_units_for_parent(ParentId=root_id(machine))
    return next(str(unit["Id"]) for unit in units["OrganizationalUnits"] if unit["Name"] == name)


def switch_resource_policies_off(machine: Machine) -> None:
    """Let the organization have no resource control policies."""
    machine.client("organizations").disable_policy_type(RootId=root_id(machine), PolicyType="RESOURCE_CONTROL_POLICY")


def trust_cloudtrail_no_more(machine: Machine) -> None:
    """Take CloudTrail's access to the organization away."""
    machine.client("organizations").disable_aws_service_access(ServicePrincipal="cloudtrail.amazonaws.com")


def delete_an_ou(machine: Machine) -> None:
    """Delete an OU in which nothing is."""
    machine.client("organizations").delete_organizational_unit(OrganizationalUnitId=unit_id(machine, "Suspended"))


def take_a_guardrail_away(machine: Machine) -> None:
    """Detach an RCP from an OU; what becomes of SCPs is tested where each kind is broken alone."""
    organizations = machine.client("organizations")
    policies = organizations.list_policies(Filter="RESOURCE_CONTROL_POLICY")["Policies"]
    policy = next(each["Id"] for each in policies if each["Name"].startswith("avm-organization-perimeter"))
    organizations.detach_policy(PolicyId=policy, TargetId=unit_id(machine, "Dev"))


def shorten_the_sessions(machine: Machine) -> None:
    """Change a permission set of the catalog."""
    center = machine.client("sso-admin")
    instance = center.list_instances()["Instances"][0]["InstanceArn"]
    arn = center.list_permission_sets(InstanceArn=instance)["PermissionSets"][0]
    center.update_permission_set(InstanceArn=instance, PermissionSetArn=arn, SessionDuration="PT11H")


def stop_the_trail(machine: Machine) -> None:
    """Let the organization's trail log nothing."""
    machine.client("cloudtrail").stop_logging(Name=TRAIL_NAME)


def enrol_nobody_in_guardduty(machine: Machine) -> None:
    """Let GuardDuty leave new accounts out, as its administrator."""
    guardduty = inside(machine, "security", "guardduty", ELSEWHERE)
    (detector,) = guardduty.list_detectors()["DetectorIds"]
    guardduty.update_organization_configuration(DetectorId=detector, AutoEnableOrganizationMembers="NONE")


def enrol_nobody_in_security_hub(machine: Machine) -> None:
    """Let Security Hub leave new accounts out, as its administrator."""
    inside(machine, "security", "securityhub", ELSEWHERE).update_organization_configuration(AutoEnable=False)


def dismiss_the_administrator_of_config(machine: Machine) -> None:
    """Let the security account administer AWS Config no more."""
    account_id = machine.call("GET", "/requests/foundation-security").json()["account_id"]
    machine.client("organizations").deregister_delegated_administrator(
        AccountId=account_id, ServicePrincipal="config.amazonaws.com"
    )


def take_no_root_sessions(machine: Machine) -> None:
    """Let nobody take root sessions centrally."""
    machine.client("iam").disable_organizations_root_sessions()


def see_no_configuration(machine: Machine) -> None:
    """Delete the aggregator of AWS Config."""
    config = inside(machine, "security", "config")
    for each in config.describe_configuration_aggregators()["ConfigurationAggregators"]:
        config.delete_configuration_aggregator(ConfigurationAggregatorName=each["ConfigurationAggregatorName"])


def find_nothing_shared(machine: Machine) -> None:
    """Delete the organization's analyzer of a Region."""
    analyzer = inside(machine, "security", "accessanalyzer", ELSEWHERE)
    for each in analyzer.list_analyzers()["analyzers"]:
        analyzer.delete_analyzer(analyzerName=each["name"])


def judge_nobody(machine: Machine) -> None:
    """Delete the conformance packs of a Region, as their administrator."""
    config = inside(machine, "security", "config", ELSEWHERE)
    for each in config.describe_organization_conformance_packs()["OrganizationConformancePacks"]:
        config.delete_organization_conformance_pack(
            OrganizationConformancePackName=each["OrganizationConformancePackName"]
        )


def allocate_no_costs(machine: Machine) -> None:
    """Let the owner's tag be no cost allocation tag."""
    machine.client("ce").update_cost_allocation_tags_status(
        CostAllocationTagsStatus=[{"TagKey": "owner", "Status": "Inactive"}]
    )


def open_the_archives_buckets(machine: Machine) -> None:
    """Take the log archive's block of public access away."""
    account_id = machine.call("GET", "/requests/foundation-log-archive").json()["account_id"]
    inside(machine, "log-archive", "s3control").delete_public_access_block(AccountId=account_id)


BREAKERS: Mapping[str, Callable[[Machine], None]] = {
    "central-root-access": take_no_root_sessions,
    "config-aggregator": see_no_configuration,
    "conformance-packs": judge_nobody,
    "cost-allocation-tags": allocate_no_costs,
    "guardduty-administration": enrol_nobody_in_guardduty,
    "organization-analyzers": find_nothing_shared,
    "organization-trail": stop_the_trail,
    "organizational-units": delete_an_ou,
    "ou-guardrails": take_a_guardrail_away,
    "permission-sets": shorten_the_sessions,
    "policy-types": switch_resource_policies_off,
    "security-hub-administration": enrol_nobody_in_security_hub,
    "service-administrators": dismiss_the_administrator_of_config,
    "trusted-services": trust_cloudtrail_no_more,
}
UNBREAKABLE = frozenset(
    {
        "organization-features",  # AWS takes no feature back
        "account-quota",  # of no concern once the accounts are there
        "identity-center-administrator",  # the management account, which the machine is in, is it by its nature
        *("identity-source", "management-root-user"),  # no API sets them
        *("log-archive-account", "security-account", "shared-services-account"),  # closed, they need a decision
        "tooling-account",  # the machine forgets no account
        "foundational-accounts",  # an account that is READY stays so: what drifts in it, avm drift names
    }
)
"""Controls that no call makes untrue here."""
