"""Every call is decided by the policies that apply to it."""

from __future__ import annotations

import itertools
import json
import time
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from avm_emulator.context import Emulator
from avm_emulator.credentials import credentials_of
from avm_emulator.engine import Options
from tests.emulator.outsiders import client_with

MANAGEMENT = "123456789012"
REGION = "eu-west-1"
PARTS = ("managed_policies", "organizations", "authorization")
_numbers = itertools.count(1)


@pytest.fixture(scope="module")
def options() -> Options:
    parts = [f"avm_emulator.{part}" for part in PARTS]
    return Options(speed="max", prepare=False, deploy=False, parts=parts)


@pytest.fixture(scope="module")
def organizations(emulator: Emulator) -> Any:
    client = emulator.clients.client("organizations")
    client.create_organization(FeatureSet="ALL")
    return client


def document(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def allow(action: str | list[str], resource: str | list[str] = "*", **more: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": action, "Resource": resource, **more}


def deny(action: str, resource: str | list[str] = "*", **more: Any) -> dict[str, Any]:
    return {**allow(action, resource, **more), "Effect": "Deny"}


TRUST_ACCOUNT = document(
    {"Effect": "Allow", "Principal": {"AWS": MANAGEMENT}, "Action": ["sts:AssumeRole", "sts:TagSession"]}
)


class Roles:
    """Makes roles with policies, and clients that act in them."""

    def __init__(self, emulator: Emulator) -> None:
        self.emulator = emulator
        self.iam = emulator.clients.client("iam")

    def make(self, *statements: dict[str, Any], trust: str = TRUST_ACCOUNT, **more: Any) -> str:
        name = f"role-{next(_numbers)}"
        arn = self.iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust, **more)["Role"]["Arn"]
        if statements:
            self.iam.put_role_policy(RoleName=name, PolicyName="own", PolicyDocument=document(*statements))
        return str(arn)

    def acting(self, service: str, *statements: dict[str, Any], **more: Any) -> Any:
        return self.emulator.clients.client(service, role_arn=self.make(*statements, **more))


@pytest.fixture(scope="module")
def roles(emulator: Emulator) -> Roles:
    return Roles(emulator)


def refusal(call: Callable[..., Any], **parameters: Any) -> tuple[str, str]:
    """Call something that is refused; return the error's code and message."""
    with pytest.raises(ClientError) as caught:
        call(**parameters)
    error = caught.value.response["Error"]
    return error["Code"], error["Message"]


def test_what_no_policy_allows_is_refused_in_the_words_of_aws(roles: Roles) -> None:
    code, message = refusal(roles.acting("dynamodb").list_tables)
    assert code == "AccessDeniedException"
    assert message.startswith(f"User: arn:aws:sts::{MANAGEMENT}:assumed-role/role-")
    assert message.endswith(
        "is not authorized to perform: dynamodb:ListTables because no identity-based policy allows the "
        "dynamodb:ListTables action"
    )


def test_a_policy_allows_on_its_resources_only(emulator: Emulator, roles: Roles) -> None:
    sqs = emulator.clients.client("sqs")
    mine, yours = (sqs.create_queue(QueueName=name)["QueueUrl"] for name in ("mine", "yours"))
    acting = roles.acting("sqs", allow("sqs:SendMessage", f"arn:aws:sqs:{REGION}:{MANAGEMENT}:mine"))
    acting.send_message(QueueUrl=mine, MessageBody="x")
    code, message = refusal(acting.send_message, QueueUrl=yours, MessageBody="x")
    assert "AccessDenied" in code
    assert f"sqs:SendMessage on resource: arn:aws:sqs:{REGION}:{MANAGEMENT}:yours" in message


def test_a_boundary_limits_a_role(roles: Roles) -> None:
    limit = roles.iam.create_policy(PolicyName="limit", PolicyDocument=document(allow("sqs:*")))["Policy"]["Arn"]
    acting = roles.acting("sns", allow("*"), PermissionsBoundary=limit)
    assert "because no permissions boundary allows the sns:ListTopics action" in refusal(acting.list_topics)[1]


def test_a_managed_policy_of_aws_counts(roles: Roles) -> None:
    arn = roles.make()
    roles.iam.attach_role_policy(
        RoleName=arn.rpartition("/")[2], PolicyArn="arn:aws:iam::aws:policy/AmazonSQSReadOnlyAccess"
    )
    acting = roles.emulator.clients.client("sqs", role_arn=arn)
    acting.list_queues()
    assert "AccessDenied" in refusal(acting.create_queue, QueueName="x")[0]


def test_a_session_policy_limits_a_session(emulator: Emulator, roles: Roles) -> None:
    target = roles.make(allow("*"))
    sts = roles.acting("sts", allow("sts:AssumeRole", target))
    narrowed = sts.assume_role(RoleArn=target, RoleSessionName="session", Policy=document(allow("sqs:*")))[
        "Credentials"
    ]
    acting = client_with(emulator, "sns", narrowed)
    assert "because no session policy allows the sns:ListTopics action" in refusal(acting.list_topics)[1]
    client_with(emulator, "sqs", narrowed).list_queues()


def test_tags_of_a_session_are_keys_and_a_permission_of_their_own(emulator: Emulator, roles: Roles) -> None:
    red = {"StringEquals": {"aws:PrincipalTag/team": "red"}}
    target = roles.make(allow("sqs:ListQueues", Condition=red))
    tags = [{"Key": "team", "Value": "red"}]
    plain = roles.acting("sts", allow("sts:AssumeRole", target))
    assert "sts:TagSession" in refusal(plain.assume_role, RoleArn=target, RoleSessionName="session", Tags=tags)[1]
    tagging = roles.acting("sts", allow(["sts:AssumeRole", "sts:TagSession"], target))
    with_tag = tagging.assume_role(RoleArn=target, RoleSessionName="session", Tags=tags)["Credentials"]
    client_with(emulator, "sqs", with_tag).list_queues()
    without = tagging.assume_role(RoleArn=target, RoleSessionName="session")["Credentials"]
    assert "AccessDenied" in refusal(client_with(emulator, "sqs", without).list_queues)[0]


def test_a_role_is_assumed_by_whom_it_trusts_only(roles: Roles) -> None:
    trust = document({"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"})
    target = roles.make(trust=trust)
    acting = roles.acting("sts", allow("*"))
    code, message = refusal(acting.assume_role, RoleArn=target, RoleSessionName="session")
    assert code == "AccessDenied"
    assert message.endswith("sts:AssumeRole because no role trust policy allows the sts:AssumeRole action")


def test_an_external_id_is_asked_for(roles: Roles) -> None:
    condition = {"StringEquals": {"sts:ExternalId": "avm-1"}}
    principal = {"AWS": MANAGEMENT}
    trust = document({"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole", "Condition": condition})
    target = roles.make(trust=trust)
    acting = roles.acting("sts", allow("*"))
    acting.assume_role(RoleArn=target, RoleSessionName="session", ExternalId="avm-1")
    assert (
        refusal(acting.assume_role, RoleArn=target, RoleSessionName="session", ExternalId="avm-2")[0] == "AccessDenied"
    )
    assert refusal(acting.assume_role, RoleArn=target, RoleSessionName="session")[0] == "AccessDenied"


def test_a_keys_policy_comes_first(emulator: Emulator, roles: Roles) -> None:
    mine = roles.make(allow("kms:*"))
    closed = document({"Effect": "Allow", "Principal": {"AWS": mine}, "Action": "kms:Encrypt", "Resource": "*"})
    kms = emulator.clients.client("kms")
    key = kms.create_key(Policy=closed)["KeyMetadata"]["KeyId"]
    kms.create_alias(AliasName="alias/closed", TargetKeyId=key)
    acting = emulator.clients.client("kms", role_arn=mine)
    acting.encrypt(KeyId="alias/closed", Plaintext=b"x")
    stranger = roles.acting("kms", allow("kms:*"))
    assert (
        "because no resource-based policy allows the kms:Encrypt action"
        in (refusal(stranger.encrypt, KeyId=key, Plaintext=b"x")[1])
    )


def test_a_queue_a_topic_and_a_bus_admit_by_their_own_policies(emulator: Emulator, roles: Roles) -> None:
    admitted, other = roles.make(), roles.make()
    base = {"Sid": "Admit", "Effect": "Allow", "Principal": {"AWS": admitted}}
    clients = emulator.clients
    queue = clients.client("sqs").create_queue(QueueName="open")["QueueUrl"]
    topic = clients.client("sns").create_topic(Name="open")["TopicArn"]
    bus = clients.client("events").create_event_bus(Name="open")["EventBusArn"]
    arn = f"arn:aws:sqs:{REGION}:{MANAGEMENT}:open"
    of_queue = document({**base, "Action": "sqs:SendMessage", "Resource": arn})
    clients.client("sqs").set_queue_attributes(QueueUrl=queue, Attributes={"Policy": of_queue})
    of_topic = document({**base, "Action": "sns:Publish", "Resource": topic})
    clients.client("sns").set_topic_attributes(TopicArn=topic, AttributeName="Policy", AttributeValue=of_topic)
    of_bus = document({**base, "Action": "events:PutEvents", "Resource": bus})
    clients.client("events").put_permission(EventBusName="open", Policy=of_bus)
    event = {"Source": "x", "DetailType": "x", "Detail": "{}", "EventBusName": "open"}
    calls: list[tuple[str, str, dict[str, Any]]] = [
        ("sqs", "send_message", {"QueueUrl": queue, "MessageBody": "x"}),
        ("sns", "publish", {"TopicArn": topic, "Message": "x"}),
        ("events", "put_events", {"Entries": [event]}),
    ]
    for service, operation, parameters in calls:
        getattr(clients.client(service, role_arn=admitted), operation)(**parameters)
        refused = refusal(getattr(clients.client(service, role_arn=other), operation), **parameters)
        assert "because no identity-based policy allows" in refused[1]


def test_an_event_is_known_by_its_kind_and_its_source(emulator: Emulator, roles: Roles) -> None:
    bus = emulator.clients.client("events").create_event_bus(Name="kinds")["EventBusArn"]
    keys = {"events:detail-type": "Asked", "events:source": "portal", "events:eventBusInvocation": "false"}
    events = roles.acting("events", allow("events:PutEvents", bus, Condition={"StringEquals": keys}))
    asked = {"Source": "portal", "DetailType": "Asked", "Detail": "{}", "EventBusName": "kinds"}
    events.put_events(Entries=[asked])
    for other in ({"DetailType": "Told"}, {"Source": "elsewhere"}):
        refused = refusal(events.put_events, Entries=[asked, {**asked, **other}])
        assert "events:PutEvents" in refused[1]


def test_a_passed_role_is_a_permission_of_its_own(roles: Roles) -> None:
    passed = roles.make()
    rule = f"arn:aws:events:{REGION}:{MANAGEMENT}:rule/r"
    events = {"StringEquals": {"iam:PassedToService": "events.amazonaws.com"}}
    only_rules = roles.acting("events", allow("events:PutRule", rule))
    message = refusal(only_rules.put_rule, Name="r", ScheduleExpression="rate(1 day)", RoleArn=passed)[1]
    assert f"iam:PassRole on resource: {passed}" in message
    both = roles.acting("events", allow("events:PutRule", rule), allow("iam:PassRole", passed, Condition=events))
    both.put_rule(Name="r", ScheduleExpression="rate(1 day)", RoleArn=passed)


@pytest.fixture(scope="module")
def member(emulator: Emulator, organizations: Any) -> str:
    created = organizations.create_account(Email="m@example.com", AccountName="m")["CreateAccountStatus"]
    emulator.clock.advance(60)
    status = organizations.describe_create_account_status(CreateAccountRequestId=created["Id"])
    return str(status["CreateAccountStatus"]["AccountId"])


def _scp(organizations: Any, target: str, *statements: dict[str, Any]) -> str:
    made = organizations.create_policy(
        Name=f"scp-{next(_numbers)}", Description="", Type="SERVICE_CONTROL_POLICY", Content=document(*statements)
    )
    policy_id = str(made["Policy"]["PolicySummary"]["Id"])
    organizations.attach_policy(PolicyId=policy_id, TargetId=target)
    return policy_id


def test_an_scp_binds_a_member_account_at_once_and_its_root_user_too(
    emulator: Emulator, organizations: Any, member: str
) -> None:
    role = f"arn:aws:iam::{member}:role/OrganizationAccountAccessRole"
    sqs = emulator.clients.client("sqs", role_arn=role)
    root = client_with(emulator, "sqs", credentials_of(emulator, member, "root"))
    sqs.list_queues()
    root.list_queues()
    policy_id = _scp(organizations, member, deny("sqs:*"))
    for bound in (sqs, root):
        assert "with an explicit deny in a service control policy" in refusal(bound.list_queues)[1]
    organizations.detach_policy(PolicyId=policy_id, TargetId=member)
    sqs.list_queues()


def test_what_an_ou_inherits_binds_and_ends_with_a_move(emulator: Emulator, organizations: Any, member: str) -> None:
    root_id = organizations.list_roots()["Roots"][0]["Id"]
    above = organizations.create_organizational_unit(ParentId=root_id, Name="Above")["OrganizationalUnit"]["Id"]
    below = organizations.create_organizational_unit(ParentId=above, Name="Below")["OrganizationalUnit"]["Id"]
    _scp(organizations, above, deny("sns:*"))
    sns = emulator.clients.client("sns", role_arn=f"arn:aws:iam::{member}:role/OrganizationAccountAccessRole")
    sns.list_topics()
    organizations.move_account(AccountId=member, SourceParentId=root_id, DestinationParentId=below)
    assert "service control policy" in refusal(sns.list_topics)[1]
    organizations.move_account(AccountId=member, SourceParentId=below, DestinationParentId=root_id)
    sns.list_topics()


def test_no_scp_binds_the_management_account(roles: Roles, organizations: Any) -> None:
    root_id = organizations.list_roots()["Roots"][0]["Id"]
    policy_id = _scp(organizations, root_id, deny("sqs:*"))
    roles.acting("sqs", allow("sqs:*")).list_queues()
    organizations.detach_policy(PolicyId=policy_id, TargetId=root_id)


def test_across_accounts_both_must_allow(emulator: Emulator, roles: Roles, organizations: Any, member: str) -> None:
    inside = f"arn:aws:iam::{member}:role/OrganizationAccountAccessRole"
    s3 = emulator.clients.client("s3", role_arn=inside)
    location = {"LocationConstraint": REGION}
    s3.create_bucket(Bucket="members", CreateBucketConfiguration=location)
    s3.put_object(Bucket="members", Key="k", Body=b"x")
    acting = roles.acting("s3", allow("s3:*"))
    code, message = refusal(acting.get_object, Bucket="members", Key="k")
    assert code == "AccessDenied"
    assert "because no resource-based policy allows the s3:GetObject action" in message
    organization = organizations.describe_organization()["Organization"]["Id"]
    of_ours = {"StringEquals": {"aws:PrincipalOrgID": organization}}
    shared = {**allow("s3:GetObject", "arn:aws:s3:::members/*", Condition=of_ours), "Principal": "*"}
    s3.put_bucket_policy(Bucket="members", Policy=document(shared))
    acting.get_object(Bucket="members", Key="k")
    nobody = roles.acting("s3")
    assert "because no identity-based policy allows" in refusal(nobody.get_object, Bucket="members", Key="k")[1]
    within, without = (
        roles.acting("s3", allow("s3:*", Condition={"StringEquals": {"aws:ResourceOrgID": each}}))
        for each in (organization, "o-elsewhere")
    )
    within.get_object(Bucket="members", Key="k")
    assert refusal(without.get_object, Bucket="members", Key="k")[0] == "AccessDenied"


def test_what_has_no_policy_that_is_read_is_closed_to_other_accounts(
    emulator: Emulator, roles: Roles, member: str
) -> None:
    acting = roles.acting("dynamodb", allow("dynamodb:*"))
    table = f"arn:aws:dynamodb:{REGION}:{member}:table/members"
    code, message = refusal(acting.describe_table, TableName=table)
    assert code == "AccessDeniedException"
    assert "because no resource-based policy allows the dynamodb:DescribeTable action" in message


def test_a_session_is_known_by_its_name(emulator: Emulator, roles: Roles) -> None:
    role = roles.make(allow("sqs:ListQueues", Condition={"StringLike": {"aws:userid": "AROA*:reader"}}))
    listing = emulator.clients.client("sqs", role_arn=role, session_name="reader").list_queues
    assert listing()["ResponseMetadata"]["HTTPStatusCode"] == 200
    refusal(emulator.clients.client("sqs", role_arn=role, session_name="writer").list_queues)


def test_a_role_with_a_path_is_known_by_its_arn(emulator: Emulator, roles: Roles) -> None:
    iam = emulator.clients.client("iam")
    iam.create_role(RoleName="avm-enforce", Path="/avm/", AssumeRolePolicyDocument=TRUST_ACCOUNT)
    acting = roles.acting("iam", allow("iam:GetRole"), deny("iam:GetRole", "arn:aws:iam::*:role/avm/*"))
    assert (
        f"arn:aws:iam::{MANAGEMENT}:role/avm/avm-enforce with an explicit deny in an identity-based policy"
        in (refusal(acting.get_role, RoleName="avm-enforce")[1])
    )


def test_calls_of_the_emulators_own_key_are_not_decided(emulator: Emulator) -> None:
    emulator.clients.client("sqs").list_queues()


def test_a_session_policy_that_cannot_be_read_makes_no_session(roles: Roles) -> None:
    target = roles.make(allow("*"))
    odd = document(allow("sqs:*", Condition={"StringEqual": {"aws:username": "x"}}))
    acting = roles.acting("sts", allow("*"))
    code, message = refusal(acting.assume_role, RoleArn=target, RoleSessionName="session", Policy=odd)
    assert code == "MalformedPolicyDocument"
    assert "'StringEqual' is not a condition operator" in message


def test_a_decision_costs_little_of_a_call(emulator: Emulator, roles: Roles, organizations: Any, member: str) -> None:
    """Measured around the interceptor: 200 calls of a member account under SCPs."""
    assert organizations
    intercept = emulator.boundary.interceptors[0]
    spent: list[float] = []

    def timed(call: Any) -> Any:
        start = time.perf_counter()
        answer = intercept(call)
        spent.append(time.perf_counter() - start)
        return answer

    emulator.boundary.interceptors[0] = timed
    sqs = emulator.clients.client("sqs", role_arn=f"arn:aws:iam::{member}:role/OrganizationAccountAccessRole")
    for _ in range(200):
        sqs.list_queues()
    emulator.boundary.interceptors[0] = intercept
    median = sorted(spent)[len(spent) // 2]
    print(f"\n{median * 1e6:.0f} µs a call for its decision")  # noqa: T201  a figure for the reader
    assert median < 0.002


def test_a_bucket_that_denies_what_comes_without_tls_takes_what_comes_with_it(emulator: Emulator) -> None:
    owner = emulator.clients.client("s3")
    owner.create_bucket(Bucket="by-tls-only", CreateBucketConfiguration={"LocationConstraint": REGION})
    anywhere = ["arn:aws:s3:::by-tls-only", "arn:aws:s3:::by-tls-only/*"]
    for action, secure in (("s3:*", "false"), ("s3:GetObject", "true")):
        condition = {"Bool": {"aws:SecureTransport": secure}}
        statement = deny(action, anywhere, Principal="*", Condition=condition)
        owner.put_bucket_policy(Bucket="by-tls-only", Policy=document(statement))
        member = Roles(emulator).acting("s3", allow("s3:*"))
        member.put_object(Bucket="by-tls-only", Key="key", Body=b"")
    with pytest.raises(ClientError, match="AccessDenied"):
        member.get_object(Bucket="by-tls-only", Key="key")
