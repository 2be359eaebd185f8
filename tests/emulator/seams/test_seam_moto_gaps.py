"""What moto answers wrongly without saying so: gone upstream, the repair in moto_gaps.py can go too."""

from __future__ import annotations

import pytest
from botocore.exceptions import ClientError
from botocore.session import Session

from avm_emulator.boundary.moto_gaps import S3_OPERATIONS
from avm_emulator.context import Emulator
from avm_emulator.engine import Options


@pytest.fixture(scope="module")
def options() -> Options:
    return Options(speed="max", prepare=False, deploy=False, parts=())


def test_the_operations_that_moto_knows_are_aws_operations() -> None:
    assert set(Session().get_service_model("s3").operation_names) >= S3_OPERATIONS


def test_moto_itself_deletes_a_bucket_with_its_analytics_configuration(
    emulator: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(emulator.boundary, "interceptors", [])
    s3 = emulator.clients.client("s3")
    s3.create_bucket(Bucket="doomed", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    s3.delete_bucket_analytics_configuration(Bucket="doomed", Id="a")
    with pytest.raises(ClientError, match="404"):
        s3.head_bucket(Bucket="doomed")


def test_moto_itself_does_not_know_root(emulator: Emulator, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(emulator.boundary, "interceptors", [])
    assert emulator.clients.client("sts").get_caller_identity()["Arn"].endswith("user/moto")
