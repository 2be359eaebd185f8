"""For each control one public call of AWS after which it is untrue.

Whoever makes it has the rights; that guardrails keep others from it has its tests in ``tests/policy``.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from avm.catalog import load_catalog
from avm.domain.conformance_pack import ConformancePack
from avm.domain.foundation import AGGREGATOR_NAME, AGGREGATOR_ROLE, ANALYZER_NAME, SECURITY_TYPE, TRAIL_NAME
from tests.end_to_end.conftest import Machine
from tests.unit.conftest import CATALOG_DIR

ANYBODY = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}],
}
ANYTHING = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]}


@dataclass(frozen=True)
class Place:
    """A ready account, and who can break something in it."""

    machine: Machine
    account_id: str
    region: str = "eu-central-1"
    """A governed Region, in which things are broken that each Region has."""

    def inside(self, service: str, region: str | None = None) -> Any:
        """Return a client of the account's bootstrap role, which nothing binds."""
        role = f"arn:aws:iam::{self.account_id}:role/OrganizationAccountAccessRole"
        return self.machine.emulator.clients.client(service, region, role_arn=role)

    def security(self, service: str, region: str) -> Any:
        """Return a client of an administrator of the security account."""
        accounts = self.organizations.list_accounts()["Accounts"]
        account_id = next(each["Id"] for each in accounts if each["Name"] == SECURITY_TYPE)
        role = f"arn:aws:iam::{account_id}:role/OrganizationAccountAccessRole"
        return self.machine.emulator.clients.client(service, region, role_arn=role)

    @property
    def organizations(self) -> Any:
        """AWS Organizations, in the management account."""
        return self.machine.client("organizations")

    def unit(self, name: str) -> str:
        """Return the id of an OU under the root."""
        root = self.organizations.list_roots()["Roots"][0]["Id"]
        units = self.organizations.list_organizational_units_for_parent(ParentId=root)["OrganizationalUnits"]
        return next(str(unit["Id"]) for unit in units if unit["Name"] == name)

    def scp(self, prefix: str) -> str:
        """Return the id of the SCP whose name starts so."""
        policies = self.organizations.list_policies(Filter="SERVICE_CONTROL_POLICY")["Policies"]
        return next(str(policy["Id"]) for policy in policies if policy["Name"].startswith(prefix))


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


def open_the_bootstrap_role(place: Place) -> None:
    """Let anybody take the bootstrap role."""
    place.inside("iam").update_assume_role_policy(
        RoleName="OrganizationAccountAccessRole", PolicyDocument=json.dumps(ANYBODY)
    )


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


def widen_a_vending_role(place: Place) -> None:
    """Give a role of the machine more rights."""
    place.inside("iam").put_role_policy(RoleName="avm-enforce", PolicyName="more", PolicyDocument=json.dumps(ANYTHING))


def bring_a_default_vpc_back(place: Place) -> None:
    """Make the default VPC of a Region again."""
    place.inside("ec2", place.region).create_default_vpc()


def hush_the_events(place: Place) -> None:
    """Let a Region's rule see nothing, and somebody else get what it sees."""
    events = place.inside("events", place.region)
    (target,) = events.list_targets_by_rule(Rule="avm-drift")["Targets"]
    events.put_targets(Rule="avm-drift", Targets=[{**target, "Id": "somebody-else"}])
    events.disable_rule(Name="avm-drift")


def leave_volumes_in_the_clear(place: Place) -> None:
    """Let new EBS volumes of a Region be what their makers say."""
    place.inside("ec2", place.region).disable_ebs_encryption_by_default()


def name_it_otherwise(place: Place) -> None:
    """Give the account another alias."""
    place.inside("iam").create_account_alias(AccountAlias=f"somebody-{place.account_id}")


def let_passwords_be_short(place: Place) -> None:
    """Let passwords be what AWS takes without a policy."""
    place.inside("iam").delete_account_password_policy()


def make_a_user(place: Place) -> None:
    """Make a user of IAM who has all that a user can have."""
    iam = place.inside("iam")
    iam.create_user(UserName="jane")
    iam.create_login_profile(UserName="jane", Password="Correct-horse-7-battery")  # noqa: S106  of a test
    iam.create_access_key(UserName="jane")
    iam.attach_user_policy(UserName="jane", PolicyArn="arn:aws:iam::aws:policy/ReadOnlyAccess")
    iam.put_user_policy(UserName="jane", PolicyName="more", PolicyDocument=json.dumps(ANYTHING))
    iam.create_group(GroupName="friends")
    iam.add_user_to_group(UserName="jane", GroupName="friends")
    device = iam.create_virtual_mfa_device(VirtualMFADeviceName="phone")["VirtualMFADevice"]["SerialNumber"]
    codes = {"AuthenticationCode1": "123456", "AuthenticationCode2": "234567"}
    iam.enable_mfa_device(UserName="jane", SerialNumber=device, **codes)
    key = ec.generate_private_key(ec.SECP256R1())
    iam.upload_signing_certificate(UserName="jane", CertificateBody=_certificate(key))
    public = key.public_key().public_bytes(serialization.Encoding.OpenSSH, serialization.PublicFormat.OpenSSH)
    iam.upload_ssh_public_key(UserName="jane", SSHPublicKeyBody=public.decode())


def _certificate(key: ec.EllipticCurvePrivateKey) -> str:
    """Return a certificate that the key has signed for itself."""
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "jane")])
    begun = datetime(2026, 1, 1, tzinfo=UTC)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(begun)
        .not_valid_after(begun + timedelta(days=3650))
        .sign(key, hashes.SHA256())
    )
    return certificate.public_bytes(serialization.Encoding.PEM).decode()


def let_instances_tell(place: Place) -> None:
    """Let new instances of a Region tell their metadata to everybody who asks from inside (IMDSv1)."""
    place.inside("ec2", place.region).modify_instance_metadata_defaults(HttpTokens="optional")


def open_snapshots(place: Place) -> None:
    """Let snapshots of a Region be public."""
    place.inside("ec2", place.region).disable_snapshot_block_public_access()


def open_images(place: Place) -> None:
    """Let images of a Region be public, and wait until EC2 shows it."""
    place.inside("ec2", place.region).disable_image_block_public_access()
    place.machine.emulator.clock.advance(place.machine.emulator.latencies.longest("ec2:EnableImageBlockPublicAccess"))


def make_a_vpc(place: Place) -> None:
    """Make a VPC in a Region, whose traffic nobody logs."""
    place.inside("ec2", place.region).create_vpc(CidrBlock="10.0.0.0/16")


def log_no_traffic(place: Place) -> None:
    """Delete the flow logs of a Region, after a VPC has got one."""
    ec2 = place.inside("ec2", place.region)
    ec2.delete_flow_logs(FlowLogIds=[log["FlowLogId"] for log in ec2.describe_flow_logs()["FlowLogs"]])


def open_buckets(place: Place) -> None:
    """Take the account's block of public access away."""
    place.inside("s3control").delete_public_access_block(AccountId=place.account_id)


def forget_a_contact(place: Place) -> None:
    """Delete whom AWS turns to about security."""
    place.inside("account").delete_alternate_contact(AlternateContactType="SECURITY")


def stop_the_recorder(place: Place) -> None:
    """Let AWS Config record nothing in a Region."""
    config = place.inside("config", place.region)
    name = config.describe_configuration_recorders()["ConfigurationRecorders"][0]["name"]
    config.stop_configuration_recorder(ConfigurationRecorderName=name)


def stop_the_trail(place: Place) -> None:
    """Let the organization's trail log nothing."""
    place.machine.client("cloudtrail").stop_logging(Name=TRAIL_NAME)


def leave_log_files_unproven(place: Place) -> None:
    """Let the trail's log files have no digests."""
    place.machine.client("cloudtrail").update_trail(Name=TRAIL_NAME, EnableLogFileValidation=False)


def encrypt_with_another_key(place: Place) -> None:
    """Let the trail encrypt with a key of the log archive that is not the one for logs."""
    kms = place.inside("kms")
    ours = kms.describe_key(KeyId="alias/avm-log-archive")["KeyMetadata"]["KeyId"]
    policy = kms.get_key_policy(KeyId=ours, PolicyName="default")["Policy"]
    other = kms.create_key(Policy=policy)["KeyMetadata"]["Arn"]
    place.machine.client("cloudtrail").update_trail(Name=TRAIL_NAME, KmsKeyId=other)


def unlock_what_the_trail_delivers(place: Place) -> None:
    """Lock nothing that comes from now on."""
    bucket = f"avm-cloudtrail-{place.account_id}-{place.machine.emulator.region}"
    unlocked = {"ObjectLockEnabled": "Enabled"}
    place.inside("s3").put_object_lock_configuration(Bucket=bucket, ObjectLockConfiguration=unlocked)


def let_logs_be_deleted(place: Place) -> None:
    """Take the policy from the bucket for AWS Config."""
    place.inside("s3").delete_bucket_policy(Bucket=f"avm-config-{place.account_id}-{place.machine.emulator.region}")


def lend_the_key(place: Place) -> None:
    """Let anybody decrypt the logs."""
    statement = {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "kms:*", "Resource": "*"}
    kms = place.inside("kms")
    key = kms.describe_key(KeyId="alias/avm-log-archive")["KeyMetadata"]["KeyId"]
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    kms.put_key_policy(KeyId=key, PolicyName="default", Policy=policy)


def call_it_otherwise(place: Place) -> None:
    """Rename the account."""
    place.inside("account").put_account_name(AccountName="somebody-elses")


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


def switch_a_plan_off(place: Place) -> None:
    """Switch a protection plan of the account off, as GuardDuty's administrator."""
    guardduty = place.security("guardduty", place.region)
    detector = guardduty.list_detectors()["DetectorIds"][0]
    plans = [{"Name": "S3_DATA_EVENTS", "Status": "DISABLED"}]
    guardduty.update_member_detectors(DetectorId=detector, AccountIds=[place.account_id], Features=plans)


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


def leave_security_hub(place: Place) -> None:
    """Take the account out of Security Hub's administration, as the administrator."""
    hub = place.security("securityhub", place.region)
    hub.disassociate_members(AccountIds=[place.account_id])
    hub.delete_members(AccountIds=[place.account_id])


def bound_a_vending_role(place: Place) -> None:
    """Let the machine only read in the account, by a permissions boundary."""
    place.inside("iam").put_role_permissions_boundary(
        RoleName="avm-enforce", PermissionsBoundary="arn:aws:iam::aws:policy/ReadOnlyAccess"
    )


def swap_full_access(place: Place) -> None:
    """Put another SCP in the place of FullAWSAccess: nothing in the account is allowed any more."""
    place.organizations.attach_policy(PolicyId=place.scp("avm-deny-leave"), TargetId=place.account_id)
    place.organizations.detach_policy(PolicyId=place.scp("FullAWSAccess"), TargetId=place.account_id)


def log_reads_alone(place: Place) -> None:
    """Leave what changes something out of the organization's trail."""
    place.machine.client("cloudtrail").put_event_selectors(
        TrailName=TRAIL_NAME, EventSelectors=[{"ReadWriteType": "ReadOnly", "IncludeManagementEvents": True}]
    )


def log_everything(place: Place) -> None:
    """Let the trail log all management events, and log at all: the foundation does that."""
    cloudtrail = place.machine.client("cloudtrail")
    cloudtrail.put_event_selectors(
        TrailName=TRAIL_NAME, EventSelectors=[{"ReadWriteType": "All", "IncludeManagementEvents": True}]
    )
    cloudtrail.start_logging(Name=TRAIL_NAME)


BREAKERS: Mapping[str, Callable[[Place], None]] = {
    "access-analyzer": analyze_nothing,
    "access-assignments": remove_an_assignment,
    "account-alias": name_it_otherwise,
    "account-guardrails": attach_a_strange_guardrail,
    "account-name": call_it_otherwise,
    "account-tags": change_a_tag,
    "alternate-contacts": forget_a_contact,
    "bootstrap-restricted": open_the_bootstrap_role,
    "budget": tell_nobody_of_costs,
    "config-aggregation": collect_nothing,
    "config-recorder": stop_the_recorder,
    "conformance-packs": judge_by_one_pack_less,
    "default-vpc-removed": bring_a_default_vpc_back,
    "drift-events": hush_the_events,
    "ebs-encryption": leave_volumes_in_the_clear,
    "guardduty-member": leave_guardduty,
    "guardduty-protection": switch_a_plan_off,
    "image-public-access-block": open_images,
    "instance-metadata-defaults": let_instances_tell,
    "no-iam-users": make_a_user,
    "organization-trail": stop_the_trail,
    "ou-guardrails": take_a_guardrail_from_the_ou,
    "password-policy": let_passwords_be_short,
    "placement": move_the_account,
    "root-credentials": recover_the_root_password,
    "s3-public-access-block": open_buckets,
    "security-hub-member": leave_security_hub,
    "snapshot-public-access-block": open_snapshots,
    "vending-roles": widen_a_vending_role,
    "vpc-flow-logs": make_a_vpc,
}
"""Control -> what makes it untrue. A control without one fails the walk."""

OTHER_WAYS: Sequence[tuple[str, Callable[[Place], None]]] = (
    ("organization-trail", log_reads_alone),
    ("vending-roles", bound_a_vending_role),
)
"""What makes them untrue, too."""

ARCHIVE_BREAKERS: Sequence[Callable[[Place], None]] = (
    unlock_what_the_trail_delivers,
    let_logs_be_deleted,
    lend_the_key,
)
"""What makes log-archive-stores untrue; ``Place``: the log archive."""

TRAIL_BREAKERS: Sequence[Callable[[Place], None]] = (
    stop_the_trail,
    leave_log_files_unproven,
    log_reads_alone,
    encrypt_with_another_key,
)
"""What the foundation finds and mends of its trail."""

MENDED_BY_FOUNDATION: Mapping[str, Callable[[Place], None]] = {
    "access-analyzer": analyze_again,
    "config-aggregation": collect_again,
    "conformance-packs": judge_by_all_packs,
    "organization-trail": log_everything,
    "ou-guardrails": give_the_ou_its_guardrail_back,
}
"""Controls that a repair only tells of, and what the foundation would do."""
