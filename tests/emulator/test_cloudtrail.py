"""CloudTrail: which calls are events, where they arrive, what they say, when."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import pytest
import requests
from botocore.config import Config
from botocore.exceptions import ClientError, ConnectionClosedError

from avm_emulator.context import Emulator
from avm_emulator.duplicates import twice
from avm_emulator.latencies import LATENCIES
from tests.emulator.lab import ACCOUNT, EVERYTHING, REGION, Lab, until

DELIVERY = "cloudtrail:DeliverEvent"
TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, "Action": "sts:AssumeRole"}
    ],
}


class Listener:
    """A rule on a default bus, with a queue behind it."""

    def __init__(self, lab: Lab, region: str, pattern: dict[str, Any], state: str) -> None:
        self.lab = lab
        self.region = region
        self.name = lab.name("rule")
        self.events = lab.client("events", region)
        url, arn = lab.open_queue()
        if region != REGION:  # a rule sends to queues of its own Region only, so ask for one there
            sqs = lab.client("sqs", region)
            policy = lab.client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=["Policy"])["Attributes"]
            url = sqs.create_queue(QueueName=self.name, Attributes=policy)["QueueUrl"]
            arn = f"arn:aws:sqs:{region}:{ACCOUNT}:{self.name}"
        self.url = url
        self.events.put_rule(Name=self.name, EventPattern=json.dumps(pattern), State=state)
        self.events.put_targets(Rule=self.name, Targets=[{"Id": "queue", "Arn": arn}])

    def heard(self) -> list[dict[str, Any]]:
        """Return the events that have arrived, when all that is under way has."""
        self.lab.settle()
        sqs, found = self.lab.client("sqs", self.region), []
        while messages := sqs.receive_message(QueueUrl=self.url, MaxNumberOfMessages=10).get("Messages", []):
            for message in messages:
                found.append(json.loads(message["Body"]))
                sqs.delete_message(QueueUrl=self.url, ReceiptHandle=message["ReceiptHandle"])
        return found


@pytest.fixture
def lab(emulator: Emulator) -> Lab:
    return Lab(emulator)


@contextmanager
def listening(
    lab: Lab, region: str = REGION, state: str = "ENABLED", *, source: str | None = None, **detail: Any
) -> Iterator[Listener]:
    """Listen to the API calls whose detail has the given values."""
    pattern: dict[str, Any] = {"detail-type": ["AWS API Call via CloudTrail"]}
    pattern |= {"source": [source]} if source else {}
    pattern |= {"detail": detail} if detail else {}
    listener = Listener(lab, region, pattern, state)
    yield listener
    listener.events.remove_targets(Rule=listener.name, Ids=["queue"])
    listener.events.delete_rule(Name=listener.name)


def session_in(lab: Lab, role_arn: str, service: str, region: str = REGION) -> Any:
    return lab.emulator.clients.client(service, region, role_arn=role_arn, session_name="jane")


def test_an_event_says_who_did_what_where_and_how_it_ended(lab: Lab) -> None:
    path, name = "/team/", lab.name("role")
    made = lab.client("iam").create_role(RoleName=name, Path=path, AssumeRolePolicyDocument=json.dumps(TRUST))["Role"]
    lab.client("iam").put_role_policy(RoleName=name, PolicyName="everything", PolicyDocument=EVERYTHING)
    with listening(lab, eventName=["CreateKey"]) as listener:
        client = session_in(lab, made["Arn"], "kms")
        answer = client.create_key(Description="d", Tags=[{"TagKey": "Team-Name", "TagValue": "x"}])
        (event,) = listener.heard()
    detail = event.pop("detail")
    assert event == {
        "version": "0",
        "id": event["id"],
        "detail-type": "AWS API Call via CloudTrail",
        "source": "aws.kms",
        "account": ACCOUNT,
        "time": detail["eventTime"],
        "region": REGION,
        "resources": [],
    }
    identity = detail["userIdentity"]
    issuer = {
        "type": "Role",
        "principalId": made["RoleId"],
        "arn": f"arn:aws:iam::{ACCOUNT}:role{path}{name}",
        "accountId": ACCOUNT,
        "userName": name,
    }
    assert identity["type"] == "AssumedRole"
    assert identity["principalId"] == f"{made['RoleId']}:jane"
    assert identity["arn"] == f"arn:aws:sts::{ACCOUNT}:assumed-role/{name}/jane"
    assert identity["sessionContext"]["sessionIssuer"] == issuer
    assert identity["accessKeyId"].startswith("ASIA")
    assert detail["eventSource"] == "kms.amazonaws.com"
    assert detail["requestParameters"] == {
        "description": "d",
        "tags": [{"tagKey": "Team-Name", "tagValue": "x"}],
    }
    assert detail["responseElements"]["keyMetadata"]["keyId"] == answer["KeyMetadata"]["KeyId"]
    assert detail["requestID"] == answer["ResponseMetadata"]["RequestId"]
    assert detail["userAgent"].startswith("Boto3/")
    assert (detail["awsRegion"], detail["recipientAccountId"]) == (REGION, ACCOUNT)
    assert (detail["readOnly"], detail["managementEvent"], detail["eventType"]) == (False, True, "AwsApiCall")
    assert "errorCode" not in detail


def test_root_and_users_are_named_as_they_are(lab: Lab) -> None:
    iam = lab.client("iam")
    user = iam.create_user(UserName=lab.name("user"))["User"]
    iam.put_user_policy(UserName=user["UserName"], PolicyName="everything", PolicyDocument=EVERYTHING)
    key = iam.create_access_key(UserName=user["UserName"])["AccessKey"]
    with listening(lab, eventName=["CreateAlias"]) as listener:
        kms = lab.client("kms")
        key_id = kms.create_key()["KeyMetadata"]["KeyId"]
        kms.create_alias(AliasName=f"alias/{lab.name('a')}", TargetKeyId=key_id)
        as_user = lab.emulator.clients._session.client(
            "kms",
            REGION,
            endpoint_url=lab.emulator.endpoint_url,
            aws_access_key_id=key["AccessKeyId"],
            aws_secret_access_key=key["SecretAccessKey"],
        )
        as_user.create_alias(AliasName=f"alias/{lab.name('a')}", TargetKeyId=key_id)
        root, person = (event["detail"]["userIdentity"] for event in listener.heard())
    assert (root["type"], root["principalId"]) == ("Root", ACCOUNT)
    assert (person["type"], person["userName"], person["principalId"]) == ("IAMUser", user["UserName"], user["UserId"])


def test_a_service_that_assumes_a_role_is_named_as_the_caller(lab: Lab) -> None:
    role = lab.role("lambda.amazonaws.com")
    with listening(lab, eventName=["AssumeRole"]) as listener:
        lab.client("sts").assume_role(RoleArn=role, RoleSessionName="function")
        (event,) = listener.heard()
    assert event["detail"]["userIdentity"] == {"type": "AWSService", "invokedBy": "lambda.amazonaws.com"}
    assert event["detail"]["sourceIPAddress"] == "lambda.amazonaws.com"


def test_a_refused_call_is_recorded_with_its_error(lab: Lab) -> None:
    with listening(lab, eventName=["DeleteAlias"]) as listener:
        with pytest.raises(ClientError) as refused:
            lab.client("kms").delete_alias(AliasName="alias/nobody")
        (event,) = listener.heard()
    assert event["detail"]["errorCode"] == refused.value.response["Error"]["Code"]
    assert event["detail"]["errorMessage"] == refused.value.response["Error"]["Message"]
    assert event["detail"]["responseElements"] is None


def test_a_call_whose_answer_is_lost_is_recorded_as_what_it_was(lab: Lab) -> None:
    faults = f"{lab.emulator.endpoint_url}/_emulator/faults"
    rule = {"service": "kms", "operation": "CreateKey", "fault": "lost_response", "times": 1}
    client = session_in(lab, lab.role_trusting({"AWS": ACCOUNT}), "kms")
    with listening(lab, eventName=["CreateKey"]) as listener:
        assert requests.put(faults, json=[rule], timeout=30).status_code == 200
        with pytest.raises(ConnectionClosedError):
            client.create_key()
        (event,) = listener.heard()
    requests.delete(faults, timeout=30)
    assert "errorCode" not in event["detail"]
    made = event["detail"]["responseElements"]["keyMetadata"]["keyId"]
    assert client.describe_key(KeyId=made)["KeyMetadata"]["Enabled"]


def test_organizations_and_iam_arrive_in_us_east_1_only(lab: Lab) -> None:
    organizations = lab.client("organizations")
    with listening(lab, "us-east-1") as there, listening(lab) as here:
        organizations.create_organization(FeatureSet="ALL")
        organizations.create_account(Email="a@example.com", AccountName="payments")
        lab.client("iam").create_user(UserName=lab.name("user"))
        lab.client("kms").create_key()
        global_events = [event for event in there.heard() if event["source"] in ("aws.organizations", "aws.iam")]
        regional = [event["source"] for event in here.heard()]
    assert [(event["source"], event["region"], event["detail"]["eventName"]) for event in global_events] == [
        ("aws.organizations", "us-east-1", "CreateOrganization"),
        ("aws.organizations", "us-east-1", "CreateAccount"),
        ("aws.iam", "us-east-1", "CreateUser"),
    ]
    assert "aws.kms" in regional
    assert not {"aws.organizations", "aws.iam"} & set(regional)
    created = global_events[1]["detail"]
    assert created["requestParameters"] == {"email": "****", "accountName": "****"}
    assert created["responseElements"]["createAccountStatus"]["accountName"] == "****"
    assert created["responseElements"]["createAccountStatus"]["state"] == "IN_PROGRESS"


def test_a_members_calls_arrive_in_its_own_account(lab: Lab) -> None:
    organizations = lab.client("organizations")
    status = organizations.list_accounts()["Accounts"]
    member = next(account["Id"] for account in status if account["Id"] != ACCOUNT)
    role = f"arn:aws:iam::{member}:role/OrganizationAccountAccessRole"
    member_events = lab.emulator.clients.client("events", REGION, role_arn=role)
    pattern = json.dumps({"source": ["aws.ec2"], "detail": {"eventName": ["EnableEbsEncryptionByDefault"]}})
    rule = member_events.put_rule(Name="member", EventPattern=pattern)["RuleArn"]
    logs = lab.emulator.clients.client("logs", REGION, role_arn=role)
    logs.create_log_group(logGroupName="/aws/events/heard")
    member_events.put_targets(
        Rule="member", Targets=[{"Id": "l", "Arn": f"arn:aws:logs:{REGION}:{member}:log-group:/aws/events/heard"}]
    )
    with listening(lab, eventName=["EnableEbsEncryptionByDefault"]) as management:
        lab.emulator.clients.client("ec2", REGION, role_arn=role).enable_ebs_encryption_by_default()
        assert management.heard() == []
    streams = logs.describe_log_streams(logGroupName="/aws/events/heard")["logStreams"]
    (message,) = logs.get_log_events(logGroupName="/aws/events/heard", logStreamName=streams[0]["logStreamName"])[
        "events"
    ]
    event = json.loads(message["message"])
    assert (event["account"], event["detail"]["recipientAccountId"]) == (member, member)
    assert rule.split(":")[4] == member


NAMED = [
    ("stepfunctions", "delete_state_machine", {"stateMachineArn": f"arn:aws:states:{REGION}:{ACCOUNT}:stateMachine:x"}),
    ("cloudwatch", "delete_alarms", {"AlarmNames": ["x"]}),
    ("lambda", "delete_function", {"FunctionName": "nobody"}),
    ("lambda", "update_function_configuration", {"FunctionName": "nobody"}),
    ("s3control", "put_public_access_block", {"AccountId": ACCOUNT, "PublicAccessBlockConfiguration": {}}),
]
NAMES = [
    ("aws.states", "DeleteStateMachine"),
    ("aws.monitoring", "DeleteAlarms"),
    ("aws.lambda", "DeleteFunction20150331"),
    ("aws.lambda", "UpdateFunctionConfiguration20150331v2"),
    ("aws.s3", "PutAccountPublicAccessBlock"),
]


@pytest.mark.parametrize(("called", "names"), list(zip(NAMED, NAMES, strict=True)))
def test_events_have_cloudtrails_names(
    lab: Lab, called: tuple[str, str, dict[str, Any]], names: tuple[str, str]
) -> None:
    (service, operation, parameters), (source, event_name) = called, names
    client = lab.client(service)
    if service == "s3control":  # its host name holds the account: the emulator is reached as a proxy
        proxy = Config(proxies={"http": lab.emulator.endpoint_url})
        client = lab.emulator.clients._session.client(service, endpoint_url="http://s3-control.local", config=proxy)
    with listening(lab, source=source) as listener:
        with suppress(ClientError):
            getattr(client, operation)(**parameters)
        assert [event["detail"]["eventName"] for event in listener.heard()] == [event_name]


def test_use_of_what_resources_hold_is_no_event(lab: Lab) -> None:
    url, _ = lab.queue()
    bucket = lab.name("bucket")
    function = lab.function("def handler(event, context):\n    return 1\n")
    lab.client("s3").create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": REGION})
    lab.invoke(function)  # its role is assumed before anybody listens
    with listening(lab, state="ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS") as listener:
        lab.client("sqs").send_message(QueueUrl=url, MessageBody="m")
        lab.client("s3").put_object(Bucket=bucket, Key="k", Body=b"")
        lab.client("s3").get_object(Bucket=bucket, Key="k")
        lab.client("events").put_events(Entries=[{"Source": "s", "DetailType": "t", "Detail": "{}"}])
        lab.invoke(function)
        lab.client("s3").put_bucket_tagging(Bucket=bucket, Tagging={"TagSet": [{"Key": "a", "Value": "b"}]})
        events = [event["detail"] for event in listener.heard() if event["source"] != "aws.events"]
    assert [event["eventName"] for event in events] == ["PutBucketTagging"]
    parameters = events[0]["requestParameters"]
    assert (parameters["bucketName"], parameters["Tagging"]) == (bucket, {"TagSet": [{"Key": "a", "Value": "b"}]})


def test_reads_reach_only_rules_that_ask_for_all_management_events(lab: Lab) -> None:
    source = {"source": "aws.kms"}
    with (
        listening(lab, **source) as plain,
        listening(lab, state="ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS", **source) as everything,
        listening(lab, state="DISABLED", **source) as nothing,
    ):
        kms = lab.client("kms")
        kms.list_keys()
        kms.create_key()
        seen = [event["detail"] for event in everything.heard()]
        assert [event["detail"]["eventName"] for event in plain.heard()] == ["CreateKey"]
        assert nothing.heard() == []
    assert [(event["eventName"], event["readOnly"]) for event in seen] == [("ListKeys", True), ("CreateKey", False)]
    assert seen[0]["responseElements"] is None


def test_secrets_are_hidden_and_contents_left_out(lab: Lab) -> None:
    with listening(lab) as listener, listening(lab, "us-east-1") as global_listener:
        lab.client("secretsmanager").create_secret(Name=lab.name("secret"), SecretString="open sesame")
        iam = lab.client("iam")
        user = lab.name("user")
        iam.create_user(UserName=user)
        iam.create_access_key(UserName=user)
        lab.client("ssm").put_parameter(Name=lab.name("parameter"), Value="open sesame", Type="SecureString")
        lab.function("# open sesame\ndef handler(event, context): pass\n")
        events = listener.heard() + global_listener.heard()
    details = {event["detail"]["eventName"]: event["detail"] for event in events}
    hidden = "HIDDEN_DUE_TO_SECURITY_REASONS"
    assert details["CreateSecret"]["requestParameters"]["secretString"] == hidden
    assert details["PutParameter"]["requestParameters"]["value"] == hidden
    assert details["CreateAccessKey"]["responseElements"]["accessKey"]["secretAccessKey"] == hidden
    assert details["CreateFunction20150331"]["requestParameters"]["code"] == {}
    assert "sesame" not in json.dumps(events)


def test_a_document_is_written_as_it_is(lab: Lab) -> None:
    """GetGroupId's AttributeValue may be any JSON (botocore, identitystore.UniqueAttribute); a name is a string."""
    attribute = {"AttributePath": "displayName", "AttributeValue": "developers"}
    with listening(lab, state="ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS") as listener:
        with suppress(ClientError):  # nobody has this directory
            lab.client("identitystore").get_group_id(
                IdentityStoreId="d-1234567890", AlternateIdentifier={"UniqueAttribute": attribute}
            )
        (event,) = [event["detail"] for event in listener.heard() if event["detail"]["eventName"] == "GetGroupId"]
    written = event["requestParameters"]["alternateIdentifier"]["uniqueAttribute"]
    assert written == {"attributePath": "displayName", "attributeValue": "developers"}


def test_an_event_comes_minutes_after_its_call(lab: Lab) -> None:
    lab.settle()
    with listening(lab, eventName=["CreateKey"]) as listener:
        before = lab.clock.now()
        lab.client("kms").create_key()
        assert len(listener.heard()) == 1
    assert lab.clock.now() - before == pytest.approx(LATENCIES[DELIVERY].seconds, abs=1)


def test_where_nobody_listens_nothing_becomes_due(lab: Lab) -> None:
    lab.settle()
    now, pending = lab.clock.now(), len(lab.clock.pending())
    with listening(lab, eventName=["CreateKey"]), listening(lab, "us-east-1"):
        lab.settle()
        lab.clock.hold(held=True)
        lab.client("kms").list_keys()
        lab.client("kms", "eu-central-1").create_key()
        assert len(lab.clock.pending()) == pending
        lab.clock.hold(held=False)
    assert lab.clock.now() >= now


def test_events_come_as_late_as_the_latency_says(lab: Lab) -> None:
    lab.settle()
    lab.emulator.latencies.change({DELIVERY: 7200})
    with listening(lab, eventName=["CreateKey"]) as listener:
        before = lab.clock.now()
        lab.client("kms").create_key()
        assert len(listener.heard()) == 1
    lab.emulator.latencies.change({DELIVERY: LATENCIES[DELIVERY].seconds})
    assert lab.clock.now() - before == pytest.approx(7200, abs=1)


def test_events_overtake_each_other_when_the_latency_is_a_range(lab: Lab) -> None:
    lab.settle()
    lab.emulator.latencies.change({DELIVERY: [5, 900]})
    with listening(lab, eventName=["CreateKey"]) as listener:
        with lab.clock.activity():
            for number in range(8):
                lab.client("kms").create_key(Description=str(number))
        order = [event["detail"]["requestParameters"]["description"] for event in listener.heard()]
    lab.emulator.latencies.change({DELIVERY: LATENCIES[DELIVERY].seconds})
    assert sorted(order) == list("01234567")
    assert order != sorted(order)


def test_a_delivery_that_happens_twice_bears_one_event_id(emulator: Emulator, lab: Lab) -> None:
    def doubled(call: Any, proceed: Any) -> Any:
        with twice():
            return proceed()

    with listening(lab, eventName=["CreateKey"]) as listener:
        emulator.boundary.wrappers.append(doubled)
        try:
            lab.client("kms").create_key()
        finally:
            emulator.boundary.wrappers.remove(doubled)
        first, second = listener.heard()
    assert first["detail"] == second["detail"]
    assert first["id"] != second["id"]


def test_a_rule_that_is_gone_when_the_event_arrives_gets_nothing(lab: Lab) -> None:
    lab.settle()
    lab.clock.hold(held=True)
    with listening(lab, eventName=["CreateKey"]) as listener:
        lab.client("kms").create_key()
        until(lambda: any("via CloudTrail" in timer.name for timer in lab.clock.pending()))
        url = listener.url
    lab.clock.hold(held=False)
    lab.settle()
    assert lab.messages(url) == []
