"""The foundation: laid where nothing of it is, and mended where each call of it has something to do."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from avm.catalog import load_catalog
from avm.domain.foundation import TRAIL_NAME
from avm_emulator.preparation import CATALOG
from tests.end_to_end.account_breakers import call_it_otherwise, make_a_user, make_a_vpc, open_images
from tests.end_to_end.foundation_breakers import inside, open_the_archives_buckets
from tests.end_to_end.place import Place
from tests.faults.world import Journey, World
from tests.permissions.calling import call


def lay(world: World, _: str) -> list[Journey]:
    """Lay the foundation, where nothing of it is yet."""
    world.emulator.latencies.change({"ce:DiscoverTagKey": 0})  # billing takes a day
    world.machine.call("POST", "/foundation/apply").raise_for_status()
    world.settle()
    world.machine.call("GET", "/foundation").raise_for_status()
    return []


def keep_its_own(world: World, _: str) -> list[Journey]:
    """Break in the application's own account what no new account lacks, and have it repaired."""
    account_id = world.emulator.application_account_id
    if account_id == world.emulator.management_account_id:
        return []  # the management account is under no control
    place = Place(world.machine, account_id, "us-east-1")
    for break_it in (call_it_otherwise, make_a_user, open_images, make_a_vpc):
        break_it(place)
    for path in ("observations", "repair"):
        world.machine.call("POST", f"/accounts/{account_id}/{path}", {}).raise_for_status()
        world.settle()
    return []


def mend(world: World, name: str) -> list[Journey]:
    """Break what the foundation promises of the organization, plan, apply, and read what was found."""
    journey = world.journey(name)
    world.ask(journey)
    world.look(journey)
    _break_the_organization(world)
    _break_the_permission_sets(world)
    _break_the_trail(world)
    _break_the_packs(world)
    open_the_archives_buckets(world.machine)
    for purpose in ("plan", "apply"):
        answer = world.machine.call("POST", f"/foundation/{purpose}")
        if not answer.ok:
            journey.refusals.append(f"POST {purpose}: {answer.status_code} {answer.text}")
        world.settle()
    call(world, journey, "GET", "/foundation")
    return [journey]


def _break_the_organization(world: World) -> None:
    """Let each call that shapes an organization have something to do."""
    organizations = world.client("organizations")
    root = organizations.list_roots()["Roots"][0]["Id"]
    units = organizations.list_organizational_units_for_parent(ParentId=root)["OrganizationalUnits"]
    unit_ids = {unit["Name"]: unit["Id"] for unit in units}
    policies = organizations.list_policies(Filter="SERVICE_CONTROL_POLICY")["Policies"]
    ids = {policy["Name"].rpartition("-")[0]: policy["Id"] for policy in policies}
    organizations.disable_aws_service_access(ServicePrincipal="iam.amazonaws.com")
    organizations.delete_organizational_unit(OrganizationalUnitId=unit_ids["Suspended"])
    for target in organizations.list_targets_for_policy(PolicyId=ids["avm-costly-services"])["Targets"]:
        organizations.detach_policy(PolicyId=ids["avm-costly-services"], TargetId=target["TargetId"])
    organizations.delete_policy(PolicyId=ids["avm-costly-services"])
    deny = {"Version": "2012-10-17", "Statement": {"Effect": "Deny", "Action": "polly:*", "Resource": "*"}}
    organizations.update_policy(PolicyId=ids["avm-deny-leave"], Content=json.dumps(deny))
    _break_the_rcps(organizations, deny, unit_ids["Prod"])
    old = organizations.create_policy(
        Name="avm-deny-root-00000000", Description="old", Content=json.dumps(deny), Type="SERVICE_CONTROL_POLICY"
    )["Policy"]["PolicySummary"]["Id"]
    organizations.attach_policy(PolicyId=old, TargetId=unit_ids["Test"])
    application = world.emulator.application_account_id
    if application != world.emulator.management_account_id:
        organizations.deregister_delegated_administrator(AccountId=application, ServicePrincipal="sso.amazonaws.com")


def _break_the_rcps(organizations: Any, scp: Mapping[str, Any], unit_id: str) -> None:
    """Let an RCP say something else, and an old one of another still be on an OU."""
    text = json.dumps({**scp, "Statement": {**scp["Statement"], "Action": "s3:ListBucket", "Principal": "*"}})
    policies = organizations.list_policies(Filter="RESOURCE_CONTROL_POLICY")["Policies"]
    tls = next(policy["Id"] for policy in policies if policy["Name"].startswith("avm-require-tls-"))
    organizations.update_policy(PolicyId=tls, Content=text)
    old = organizations.create_policy(
        Name="avm-organization-perimeter-00000000", Description="old", Content=text, Type="RESOURCE_CONTROL_POLICY"
    )["Policy"]["PolicySummary"]["Id"]
    organizations.attach_policy(PolicyId=old, TargetId=unit_id)


def _break_the_trail(world: World) -> None:
    """Let the trail be another one, which logs nothing."""
    cloudtrail = world.client("cloudtrail")
    cloudtrail.update_trail(Name=TRAIL_NAME, EnableLogFileValidation=False)
    reads = [{"ReadWriteType": "ReadOnly", "IncludeManagementEvents": True}]
    cloudtrail.put_event_selectors(TrailName=TRAIL_NAME, EventSelectors=reads)
    cloudtrail.stop_logging(Name=TRAIL_NAME)


def _break_the_packs(world: World) -> None:
    """Let a conformance pack be missing in an account, and one be there that the catalog does not name."""
    archive, config = (inside(world.machine, kind, "config") for kind in ("log-archive", "security"))
    for each in archive.describe_configuration_recorders()["ConfigurationRecorders"]:
        archive.delete_configuration_recorder(ConfigurationRecorderName=each["name"])
    for each in config.describe_organization_conformance_packs()["OrganizationConformancePacks"]:
        name = each["OrganizationConformancePackName"].rpartition("-")[0]
        body = load_catalog(CATALOG).conformance_packs[name].body
        for aws_name in (each["OrganizationConformancePackName"], f"{name}-00000000"):
            config.put_organization_conformance_pack(
                OrganizationConformancePackName=aws_name, TemplateBody=body, ExcludedAccounts=each["ExcludedAccounts"]
            )
    world.settle()


def _break_the_permission_sets(world: World) -> None:
    """Let each call that writes a permission set have something to do."""
    center = world.client("sso-admin")
    instance = center.list_instances()["Instances"][0]["InstanceArn"]
    sets = {}
    for arn in center.list_permission_sets(InstanceArn=instance)["PermissionSets"]:
        target = {"InstanceArn": instance, "PermissionSetArn": arn}
        sets[center.describe_permission_set(**target)["PermissionSet"]["Name"]] = target
    managed = "arn:aws:iam::aws:policy/"
    center.update_permission_set(**sets["SecurityAudit"], SessionDuration="PT12H")
    center.delete_inline_policy_from_permission_set(**sets["DeveloperAccess"])
    center.detach_managed_policy_from_permission_set(
        **sets["DeveloperAccess"], ManagedPolicyArn=f"{managed}PowerUserAccess"
    )
    center.attach_managed_policy_to_permission_set(
        **sets["ReadOnlyAccess"], ManagedPolicyArn=f"{managed}job-function/Billing"
    )
    allow = {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "iam:*", "Resource": "*"}}
    center.put_inline_policy_to_permission_set(**sets["BillingAccess"], InlinePolicy=json.dumps(allow))
    for target in sets.values():
        if not center.list_accounts_for_provisioned_permission_set(**target)["AccountIds"]:
            center.delete_permission_set(**target)
            return
