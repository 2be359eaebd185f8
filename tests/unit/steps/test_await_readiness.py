"""AwaitReadiness."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from avm.aws import probes
from avm.domain.errors import UnexpectedAwsError
from avm.steps import await_readiness
from tests.unit.steps.conftest import YOUTH, World


def refused(code: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": "words"}}, "DescribeVpcs")


def looks(world: World, record: Any, account_id: str) -> list[str]:
    """Look as the workflow's loop does; return what the account was waiting for."""
    *looks, _ = world.looked(await_readiness, record, account_id, "READY")
    return [look.waiting_for for look in looks]


def test_an_account_is_ready_when_everything_answers_twice(world: World) -> None:
    record, account_id = world.created()
    since = world.last_call()
    assert looks(world, record, account_id)[-1] == "a second look that finds everything ready"
    calls = [call for call in world.emulator.calls if call.seq > since and not call.error]
    inside = [(call.service, call.region) for call in calls if call.account == account_id]
    for region in ("eu-west-1", "eu-central-1", "us-east-1"):
        for service in ("sts", "ec2", "cloudformation", "config"):
            assert inside.count((service, region)) >= 2
    assert world.mutating_calls(since) == []


@pytest.mark.parametrize("code", sorted(probes.NOT_READY_CODES))
def test_each_code_of_a_young_account_is_waited_for(world: World, monkeypatch: pytest.MonkeyPatch, code: str) -> None:
    record, account_id = world.created()
    world.emulator.clock.advance(YOUTH)

    def refuse(_: object) -> None:
        raise refused(code)

    monkeypatch.setattr(await_readiness, "PROBES", (refuse,))
    output = world.run(await_readiness, record, account_id=account_id, passes=1)
    assert (output.status, output.passes) == ("PENDING", 0)
    assert output.waiting_for == f"eu-west-1: DescribeVpcs: {code}: words"


def test_any_other_code_is_an_error(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    record, account_id = world.created()
    world.emulator.clock.advance(YOUTH)

    def fail(_: object) -> None:
        raise refused("SomethingNew")

    monkeypatch.setattr(await_readiness, "PROBES", (fail,))
    with pytest.raises(UnexpectedAwsError, match="SomethingNew"):
        world.run(await_readiness, record, account_id=account_id)
