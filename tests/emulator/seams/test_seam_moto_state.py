"""What moto is told to forget is gone, and moto is as it was."""

from __future__ import annotations

import moto.ec2.models as ec2
import moto.s3.models as s3
import pytest
from moto.core.base_backend import BackendDict, BaseBackend
from moto.s3.models import FakeKey

from avm_emulator.engine import Options, start


def test_nothing_is_left_and_nothing_is_made_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    reset = BaseBackend.reset
    with start(Options(prepare=False, deploy=False, parts=())) as running:
        bucket = running.emulator.clients.client("s3", "us-east-1")
        bucket.create_bucket(Bucket="kept-by-nobody")
        bucket.put_object(Bucket="kept-by-nobody", Key="key", Body=b"x")
        running.emulator.clients.client("ec2").describe_vpcs()
        (key,) = FakeKey.instances_tracked
        made: list[str] = []
        monkeypatch.setattr(ec2.EC2Backend, "__init__", lambda *_: made.append("again"))
    assert BackendDict._instances == []
    assert list(ec2.ec2_backends) == list(s3.s3_backends) == []
    assert made == []
    assert key._value_buffer.closed
    assert BaseBackend.reset is reset
