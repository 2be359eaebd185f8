from __future__ import annotations

import datetime as dt
import importlib
import time

import pytest

from avm_emulator.context import Emulator
from avm_emulator.engine import Options

AHEAD = dt.timedelta(days=400)


@pytest.fixture(scope="module")
def options() -> Options:
    return Options(speed="max", prepare=False, deploy=False, parts=())


@pytest.fixture(scope="module")
def future(emulator: Emulator) -> dt.datetime:
    emulator.clock.advance(AHEAD.total_seconds())
    return dt.datetime.fromtimestamp(emulator.clock.now(), dt.UTC)


def test_what_aws_tells_of_time_is_the_clocks(emulator: Emulator, future: dt.datetime) -> None:
    client = emulator.clients.client
    client("s3").create_bucket(Bucket="bucket", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    client("s3").put_object(Bucket="bucket", Key="k", Body=b"")
    table = client("dynamodb").create_table(
        TableName="t",
        KeySchema=[{"AttributeName": "a", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "a", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    client("sqs").create_queue(QueueName="q")
    url = client("sqs").get_queue_url(QueueName="q")["QueueUrl"]
    queue = client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=["CreatedTimestamp"])["Attributes"]
    client("logs").create_log_group(logGroupName="g")
    group = client("logs").describe_log_groups()["logGroups"][0]
    told = {
        "s3": client("s3").head_object(Bucket="bucket", Key="k")["LastModified"],
        "dynamodb": table["TableDescription"]["CreationDateTime"],
        "iam": client("iam").create_role(RoleName="r", AssumeRolePolicyDocument="{}")["Role"]["CreateDate"],
        "kms": client("kms").create_key()["KeyMetadata"]["CreationDate"],
        "sqs": dt.datetime.fromtimestamp(float(queue["CreatedTimestamp"]), dt.UTC),
        "logs": dt.datetime.fromtimestamp(group["creationTime"] / 1000, dt.UTC),
        "apigateway": client("apigateway").create_rest_api(name="a")["createdDate"],
    }
    assert {name: abs(at - future) < dt.timedelta(seconds=2) for name, at in told.items()} == dict.fromkeys(told, True)


def test_credentials_expire_in_real_time(emulator: Emulator, future: dt.datetime) -> None:
    sts = emulator.clients.client("sts")
    answer = sts.assume_role(RoleArn="arn:aws:iam::123456789012:role/r", RoleSessionName="session")
    assert answer["Credentials"]["Expiration"] < future - AHEAD + dt.timedelta(hours=2)


def test_messages_become_visible_as_the_clock_passes(emulator: Emulator) -> None:
    sqs = emulator.clients.client("sqs")
    url = sqs.create_queue(QueueName="visible")["QueueUrl"]
    sqs.send_message(QueueUrl=url, MessageBody="m", DelaySeconds=60)
    assert "Messages" not in sqs.receive_message(QueueUrl=url)
    emulator.clock.advance(61)
    assert sqs.receive_message(QueueUrl=url, VisibilityTimeout=600)["Messages"]
    assert "Messages" not in sqs.receive_message(QueueUrl=url)
    emulator.clock.advance(601)
    assert sqs.receive_message(QueueUrl=url)["Messages"]


def test_a_long_poll_waits_on_the_clock(emulator: Emulator) -> None:
    sqs = emulator.clients.client("sqs")
    url = sqs.create_queue(QueueName="polled")["QueueUrl"]
    before = emulator.clock.now()
    assert "Messages" not in sqs.receive_message(QueueUrl=url, WaitTimeSeconds=20)
    assert emulator.clock.now() >= before + 20
    sqs.send_message(QueueUrl=url, MessageBody="m", DelaySeconds=5)
    before = emulator.clock.now()
    assert sqs.receive_message(QueueUrl=url, WaitTimeSeconds=20)["Messages"]
    assert before + 5 <= emulator.clock.now() <= before + 7


def test_nothing_outside_moto_is_touched(emulator: Emulator, future: dt.datetime) -> None:
    assert abs(time.time() - (future - AHEAD).timestamp()) < 600
    assert dt.datetime.now(dt.UTC) < future - dt.timedelta(days=1)


def test_the_stand_ins_behave_like_the_real_classes(emulator: Emulator) -> None:
    utils = importlib.import_module("moto.core.utils")
    moto_datetime, moto_date = utils.datetime.datetime, utils.datetime.date
    moment = moto_datetime(2026, 1, 2, 3, 4, 5)
    assert type(moment) is dt.datetime
    assert isinstance(moment, moto_datetime)
    assert isinstance(moment, moto_date)
    assert isinstance(moto_date.today(), moto_date)
    assert not isinstance("2026-01-02", moto_datetime)
    assert type(moto_datetime.strptime("2026", "%Y")) is dt.datetime
    assert type(moto_datetime.fromisoformat("2026-01-02T03:04:05")) is dt.datetime
    assert type(moto_datetime.fromtimestamp(0, dt.UTC)) is dt.datetime
    assert moto_datetime.now(dt.UTC).timestamp() == pytest.approx(emulator.clock.now())
    assert moto_datetime.utcnow().replace(tzinfo=dt.UTC).timestamp() == pytest.approx(emulator.clock.now())
    assert utils.datetime.timedelta is dt.timedelta
