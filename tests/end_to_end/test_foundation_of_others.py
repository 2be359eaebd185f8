"""An organization that others have prepared by hand: it is named in the plan, left as it is, and vended in."""

import json
import time
from collections.abc import Iterator
from typing import Any

import pytest

from tests.end_to_end.conftest import GOVERNED, Machine
from tests.end_to_end.grounds import SOON, bare_machine, enable_identity_center
from tests.end_to_end.place import Place

pytestmark = pytest.mark.timeout(1800)  # real seconds, on a busy machine
GUARD = {"Effect": "Deny", "Action": "kms:ScheduleKeyDeletion", "Resource": "*"}
BUCKET, TRAIL, SET, HUB = "corp-trail-logs", "corp-trail", "CorpAdmins", "corp-hub"
FSBP = "standards/aws-foundational-security-best-practices/v/1.0.0"
GUARDRAILS = {
    "corp-keep-keys": ("SERVICE_CONTROL_POLICY", GUARD),
    "corp-keep-keys-of-all": ("RESOURCE_CONTROL_POLICY", {**GUARD, "Principal": "*"}),
}
CLOUDTRAIL_MAY_WRITE = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Principal": {"Service": "cloudtrail.amazonaws.com"},
            "Action": ["s3:GetBucketAcl", "s3:PutObject"],
            "Resource": [f"arn:aws:s3:::{BUCKET}", f"arn:aws:s3:::{BUCKET}/*"],
        }
    ],
}


@pytest.fixture(scope="module")
def machine() -> Iterator[Machine]:
    """Return the application in an organization with OUs, guardrails, a trail and a permission set of others."""
    with bare_machine() as found:
        clients = found.emulator.clients
        organizations = clients.client("organizations")
        root = organizations.list_roots()["Roots"][0]
        enabled = {each["Type"] for each in root["PolicyTypes"]}
        for kind in {kind for kind, _ in GUARDRAILS.values()} - enabled:
            organizations.enable_policy_type(RootId=root["Id"], PolicyType=kind)
        units = {"": root["Id"]}
        for name, parent in (("Dev", ""), ("Legacy", ""), ("Payments", "Legacy")):
            answer = organizations.create_organizational_unit(ParentId=units[parent], Name=name)
            units[name] = answer["OrganizationalUnit"]["Id"]
        for name, (kind, statement) in GUARDRAILS.items():
            content = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
            policy = organizations.create_policy(
                Name=name, Description="of the corporation", Type=kind, Content=content
            )
            for target in (units[""], units["Dev"], units["Payments"]):
                organizations.attach_policy(PolicyId=policy["Policy"]["PolicySummary"]["Id"], TargetId=target)
        s3 = clients.client("s3")
        s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": found.emulator.region})
        s3.put_bucket_policy(Bucket=BUCKET, Policy=json.dumps(CLOUDTRAIL_MAY_WRITE))
        cloudtrail = clients.client("cloudtrail")
        cloudtrail.create_trail(Name=TRAIL, S3BucketName=BUCKET, IsMultiRegionTrail=True)
        cloudtrail.start_logging(Name=TRAIL)
        enable_identity_center(found)
        center = clients.client("sso-admin")
        instance = center.list_instances()["Instances"][0]["InstanceArn"]
        center.create_permission_set(InstanceArn=instance, Name=SET, SessionDuration="PT3H")
        yield found


def theirs(machine: Machine) -> str:
    """Return all that is of others, as AWS shows it, byte for byte."""
    clients = machine.emulator.clients
    organizations, cloudtrail, center = (clients.client(each) for each in ("organizations", "cloudtrail", "sso-admin"))
    root = organizations.list_roots()["Roots"][0]["Id"]
    kinds = {kind for kind, _ in GUARDRAILS.values()}
    policies = [each for kind in sorted(kinds) for each in organizations.list_policies(Filter=kind)["Policies"]]
    own = [each["Id"] for each in policies if each["Name"] in GUARDRAILS]
    assert len(own) == len(GUARDRAILS)
    units = organizations.list_organizational_units_for_parent(ParentId=root)["OrganizationalUnits"]
    legacy = next(unit for unit in units if unit["Name"] == "Legacy")
    instance = center.list_instances()["Instances"][0]["InstanceArn"]
    sets = center.list_permission_sets(InstanceArn=instance)["PermissionSets"]
    described = [
        center.describe_permission_set(InstanceArn=instance, PermissionSetArn=arn)["PermissionSet"] for arn in sets
    ]
    found: dict[str, Any] = {
        "policies": [organizations.describe_policy(PolicyId=each)["Policy"] for each in own],
        "targets": [sorted(organizations.list_targets_for_policy(PolicyId=each)["Targets"], key=str) for each in own],
        "legacy": legacy,
        "below": organizations.list_organizational_units_for_parent(ParentId=legacy["Id"])["OrganizationalUnits"],
        "dev": next(unit for unit in units if unit["Name"] == "Dev"),
        "trail": cloudtrail.get_trail(Name=TRAIL)["Trail"],
        "is logging": cloudtrail.get_trail_status(Name=TRAIL)["IsLogging"],
        "bucket": clients.client("s3").get_bucket_policy(Bucket=BUCKET)["Policy"],
        "set": next(each for each in described if each["Name"] == SET),
        "hub": hub_of(machine),
    }
    return json.dumps(found, default=str, sort_keys=True)


def hub_of(machine: Machine) -> dict[str, Any]:
    """Return what others have set up of Security Hub in the security account; nothing where they have no policy."""
    accounts = machine.client("organizations").list_accounts()["Accounts"]
    if not any(each["Name"] == "security" for each in accounts):
        return {}
    place = Place(machine, "")
    home = place.security("securityhub", machine.emulator.region)
    aggregators = [each["FindingAggregatorArn"] for each in home.list_finding_aggregators()["FindingAggregators"]]
    if not aggregators:
        return {}
    root = {"RootId": place.organizations.list_roots()["Roots"][0]["Id"]}
    hubs = {region: place.security("securityhub", region) for region in sorted(GOVERNED)}
    policies = home.list_configuration_policies()["ConfigurationPolicySummaries"]
    found = {
        "aggregators": [home.get_finding_aggregator(FindingAggregatorArn=arn) for arn in aggregators],
        "configurations": {region: hub.describe_organization_configuration() for region, hub in hubs.items()},
        "policies": [home.get_configuration_policy(Identifier=each["Id"]) for each in policies],
        "association": home.get_configuration_policy_association(Target=root),
        "applied": home.list_configuration_policy_associations(Filters={"AssociationType": "APPLIED"}),
    }
    answers = [*found["aggregators"], *found["policies"], *found["configurations"].values()]
    for answer in (*answers, found["association"], found["applied"]):
        answer.pop("ResponseMetadata")
    return found


def configure_centrally(machine: Machine) -> None:
    """Let others configure Security Hub from the home Region, with a policy of theirs on the root."""
    place, home = Place(machine, ""), machine.emulator.region
    hub = place.security("securityhub", home)
    hub.create_finding_aggregator(RegionLinkingMode="SPECIFIED_REGIONS", Regions=sorted(GOVERNED - {home}))
    hub.update_organization_configuration(
        AutoEnable=False, AutoEnableStandards="NONE", OrganizationConfiguration={"ConfigurationType": "CENTRAL"}
    )
    machine.emulator.clock.advance(60)
    content = {"ServiceEnabled": True, "EnabledStandardIdentifiers": [f"arn:aws:securityhub:{home}::{FSBP}"]}
    policy = hub.create_configuration_policy(Name=HUB, ConfigurationPolicy={"SecurityHub": content})
    root = place.organizations.list_roots()["Roots"][0]["Id"]
    hub.start_configuration_policy_association(ConfigurationPolicyIdentifier=policy["Id"], Target={"RootId": root})
    machine.emulator.clock.advance(400)
    machine.settle_now()


def run(machine: Machine, purpose: str) -> dict[str, dict[str, Any]]:
    """Plan or apply; return what was found of each control."""
    answer = machine.call("POST", f"/foundation/{purpose}", {})
    assert answer.status_code == 202, answer.text
    machine.settle(time.monotonic() + 600)
    return {row["control"]: row for row in machine.call("GET", "/foundation").json()["controls"]}


def test_what_others_have_made_is_named_left_alone_and_vended_in(machine: Machine) -> None:
    before = theirs(machine)
    planned = run(machine, "plan")
    named = json.dumps([row["left_alone"] for row in planned.values()])
    guards = ("SCP corp-keep-keys on OU Dev", "RCP corp-keep-keys-of-all on OU Dev")
    assert [name for name in (TRAIL, *guards, "OU Legacy", SET) if name not in named] == []
    machine.emulator.latencies.change(SOON)
    applied = run(machine, "apply")
    assert {name: row["status"] for name, row in applied.items() if row["status"] != "compliant"} == {}
    assert theirs(machine) == before
    request = machine.vend("among-others")
    assert (request["status"], request["error"], machine.ou(request["account_id"])) == ("READY", None, "Dev")
    assert theirs(machine) == before


def test_where_others_configure_security_hub_centrally_they_decide_and_a_vend_waits_for_aws(machine: Machine) -> None:
    machine.emulator.latencies.change({**SOON, "securityhub:StartConfigurationPolicyAssociation": 300})
    run(machine, "apply")  # the security account is there from now on
    configure_centrally(machine)
    before = theirs(machine)
    assert (HUB in before, '"CENTRAL"' in before, '"SUCCESS"' in before) == (True, True, True)
    since = max(call.seq for call in machine.emulator.calls)
    planned = run(machine, "plan")["security-hub-administration"]
    decided = {f"Security Hub in {region}: central configuration decides" for region in GOVERNED}
    assert (planned["status"], set(planned["left_alone"])) == ("compliant", decided)
    applied = run(machine, "apply")
    assert {name: row["status"] for name, row in applied.items() if row["status"] != "compliant"} == {}
    assert theirs(machine) == before
    request = machine.vend("under-corp-hub")
    assert (request["status"], request["error"]) == ("READY", None)
    controls = machine.call("GET", f"/accounts/{request['account_id']}/report").json()["controls"]
    members = {row["scope"]: row["status"] for row in controls if row["control"] == "security-hub-member"}
    assert members == dict.fromkeys(GOVERNED, "compliant")
    assert theirs(machine) == before
    made = {call.operation for call in machine.emulator.calls.select(since=since, service="securityhub", mutating=True)}
    assert made <= {"BatchImportFindings"}  # nothing else is changed: no membership, no hub, no standard, no policy
    looks = machine.emulator.calls.select(since=since, operation="GetMembers", service="securityhub")
    assert len(looks) > 2 * len(GOVERNED)  # more than one to find it untrue and one to verify: it was waited for
