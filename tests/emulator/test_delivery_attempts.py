"""What a target does not take is tried again, and ends as a dead letter."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import pytest
from moto.sqs.models import SQSBackend

from avm_emulator.errors import AwsError
from tests.emulator.delivery_lab import lab, options, put, rule, source
from tests.emulator.lab import ACCOUNT, REGION, Lab

__all__ = ["lab", "options", "source"]


@pytest.fixture
def busy(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> Callable[[str, int], list[float]]:
    """Makes a queue refuse the first messages; returns the list of the times at which it was asked."""

    def make(queue: str, refusals: int) -> list[float]:
        asked: list[float] = []
        send_message = SQSBackend.send_message

        def refusing(backend: Any, queue_name: str, *args: Any, **kwargs: Any) -> Any:
            if queue_name == queue:
                asked.append(lab.clock.now())
                if len(asked) <= refusals:
                    raise AwsError("ThrottlingException", "Rate exceeded")
            return send_message(backend, queue_name, *args, **kwargs)

        monkeypatch.setattr(SQSBackend, "send_message", refusing)
        return asked

    return make


def test_a_throttled_target_is_tried_again_with_growing_delays(
    lab: Lab, source: str, busy: Callable[[str, int], list[float]]
) -> None:
    url, arn = lab.open_queue()
    asked = busy(arn.rpartition(":")[2], 4)
    rule(lab, source, {"Arn": arn})
    put(lab, source, {"n": 1})
    assert [event["detail"] for event in lab.bodies(url)] == [{"n": 1}]
    delays = [later - earlier for earlier, later in pairwise(asked)]
    assert delays == pytest.approx([1, 2, 4, 8])


@pytest.mark.parametrize(
    ("policy", "condition", "retries"),
    [
        ({"MaximumRetryAttempts": 2}, "MaximumRetryAttempts", "2"),
        ({"MaximumRetryAttempts": 0}, "MaximumRetryAttempts", "0"),
        ({"MaximumEventAgeInSeconds": 60}, "MaximumEventAgeInSeconds", "5"),
    ],
)
def test_a_limit_of_the_retry_policy_ends_the_retries(
    lab: Lab, busy: Callable[[str, int], list[float]], policy: dict[str, int], condition: str, retries: str
) -> None:
    source = lab.name("source")
    dead, dead_arn = lab.open_queue()
    _, arn = lab.open_queue()
    busy(arn.rpartition(":")[2], 1000)
    rule(lab, source, {"Arn": arn, "RetryPolicy": policy, "DeadLetterConfig": {"Arn": dead_arn}})
    put(lab, source)
    (letter,) = lab.messages(dead)
    attributes = lab.attributes(letter)
    assert attributes["ERROR_CODE"] == "THROTTLING"
    assert attributes["EXHAUSTED_RETRY_CONDITION"] == condition
    assert attributes["RETRY_ATTEMPTS"] == retries


def test_without_a_policy_retries_go_on_for_a_day(
    lab: Lab, source: str, busy: Callable[[str, int], list[float]]
) -> None:
    dead, dead_arn = lab.open_queue()
    _, arn = lab.open_queue()
    asked = busy(arn.rpartition(":")[2], 1000)
    rule(lab, source, {"Arn": arn, "DeadLetterConfig": {"Arn": dead_arn}})
    put(lab, source)
    (letter,) = lab.messages(dead)
    assert lab.attributes(letter)["EXHAUSTED_RETRY_CONDITION"] == "MaximumEventAgeInSeconds"
    assert lab.clock.now() - asked[0] == pytest.approx(86_400)
    assert len(asked) <= 186


def test_a_dead_letter_that_cannot_be_sent_is_said_in_the_log(
    lab: Lab, source: str, caplog: pytest.LogCaptureFixture
) -> None:
    _, closed_arn = lab.queue()
    missing = f"arn:aws:sqs:{REGION}:{ACCOUNT}:missing"
    rule(lab, source, {"Arn": missing, "DeadLetterConfig": {"Arn": closed_arn}})
    put(lab, source)
    assert f"the policy of {closed_arn} does not allow events.amazonaws.com" in caplog.text
