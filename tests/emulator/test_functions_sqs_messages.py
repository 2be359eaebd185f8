"""Messages of SQS: who has sent them, what is refused, and looking without hiding."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from avm_emulator.context import Emulator
from avm_emulator.engine import Options
from tests.emulator.lab import ACCOUNT, Lab
from tests.emulator.outsiders import client_with, root_client


@pytest.fixture(scope="module")
def options() -> Options:
    return Options(speed="max", prepare=False, deploy=False, parts=("avm_emulator.functions",))


@pytest.fixture(scope="module")
def lab(emulator: Emulator) -> Lab:
    return Lab(emulator)


def text(value: str) -> dict[str, str]:
    """Return a message attribute."""
    return {"DataType": "String", "StringValue": value}


def look(lab: Lab, url: str) -> list[dict[str, Any]]:
    """Receive up to 10 messages and hide none of them."""
    answer = lab.client("sqs").receive_message(
        QueueUrl=url, VisibilityTimeout=0, MaxNumberOfMessages=10, AttributeNames=["All"]
    )
    return list(answer.get("Messages", []))


def test_a_message_names_its_sender_by_the_unique_id_also_as_a_dead_letter(lab: Lab, emulator: Emulator) -> None:
    dead, dead_arn = lab.queue()
    url, _ = lab.queue(RedrivePolicy=json.dumps({"deadLetterTargetArn": dead_arn, "maxReceiveCount": 1}))
    iam = lab.client("iam")
    name = lab.name("sender")
    user, keys = iam.create_user(UserName=name)["User"], iam.create_access_key(UserName=name)["AccessKey"]
    role = lab.role_trusting({"AWS": ACCOUNT})
    role_id = iam.get_role(RoleName=role.rpartition("/")[2])["Role"]["RoleId"]
    session = lab.client("sts").assume_role(RoleArn=role, RoleSessionName="someone")["Credentials"]
    senders = [root_client(emulator, "sqs"), client_with(emulator, "sqs", keys), client_with(emulator, "sqs", session)]
    for sqs in senders:
        sqs.send_message(QueueUrl=url, MessageBody="{}")
    expected = sorted([ACCOUNT, user["UserId"], f"{role_id}:someone"])
    assert sorted(message["Attributes"]["SenderId"] for message in look(lab, url)) == expected
    assert look(lab, url) == []  # received once too often
    assert sorted(message["Attributes"]["SenderId"] for message in look(lab, dead)) == expected


def test_a_message_goes_to_the_queue_of_another_account_by_its_url(lab: Lab, emulator: Emulator) -> None:
    role = "arn:aws:iam::222222222222:role/admin"
    theirs = emulator.clients.client("sqs", role_arn=role, session_name="admin")
    name = lab.name("queue")
    url = theirs.create_queue(QueueName=name)["QueueUrl"]
    own = lab.client("sqs").create_queue(QueueName=name)["QueueUrl"]
    lab.client("sqs").send_message(QueueUrl=url, MessageBody="to them")
    assert look(lab, own) == []
    (message,) = theirs.receive_message(QueueUrl=url)["Messages"]
    assert message["Body"] == "to them"
    lab.client("sqs").delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
    counted = theirs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
    hidden = counted["ApproximateNumberOfMessagesNotVisible"]
    assert (counted["ApproximateNumberOfMessages"], hidden) == ("0", "0")


def test_who_hides_nothing_sees_every_message_after_some_looks_and_leaves_them_all(lab: Lab) -> None:
    url, _ = lab.queue()
    for number in range(25):
        lab.client("sqs").send_message(QueueUrl=url, MessageBody=str(number))
    seen = [message["Body"] for _ in range(3) for message in look(lab, url)]
    assert len(seen) == 30
    assert {json.loads(body) for body in seen} == set(range(25))
    assert len(lab.messages(url)) == 25


def test_the_last_receipt_of_a_message_that_was_not_hidden_deletes_it(lab: Lab) -> None:
    url, _ = lab.queue()
    lab.client("sqs").send_message(QueueUrl=url, MessageBody="1")
    (message,) = look(lab, url)
    lab.client("sqs").delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
    assert look(lab, url) == []


@pytest.mark.parametrize(
    ("message", "code"),
    [
        ({"MessageBody": "a\x01"}, "InvalidMessageContents"),
        ({"MessageBody": "a", "MessageAttributes": {"why": text("\x0b")}}, "InvalidMessageContents"),
        ({"MessageBody": "a", "MessageAttributes": {"why": text("")}}, "InvalidParameterValue"),
        ({"MessageBody": "a" * 1000, "MessageAttributes": {"why": text("b" * 20)}}, "InvalidParameterValue"),
    ],
)
def test_a_message_that_sqs_does_not_take_is_refused(lab: Lab, message: dict[str, Any], code: str) -> None:
    url, _ = lab.queue(MaximumMessageSize="1024")
    with pytest.raises(ClientError) as refused:
        lab.client("sqs").send_message(QueueUrl=url, **message)
    assert refused.value.response["Error"]["Code"] == code
    assert look(lab, url) == []
