"""What is left to chance depends on the seed only."""

from __future__ import annotations

import json

import pytest

from avm_emulator.engine import Options, start
from tests.emulator.lab import Lab, until

RETRIED = {
    "StartAt": "Fails",
    "QueryLanguage": "JSONata",
    "States": {
        "Fails": {
            "Type": "Task",
            "Resource": "arn:aws:states:::aws-sdk:kms:describeKey",
            "Arguments": {"KeyId": "11111111-1111-1111-1111-111111111111"},
            "Retry": [
                {"ErrorEquals": ["States.ALL"], "IntervalSeconds": 100, "MaxAttempts": 5, "JitterStrategy": "FULL"}
            ],
            "End": True,
        }
    },
}


def seconds_of_retries(random_seed: int) -> float:
    options = Options(
        speed="max", random_seed=random_seed, prepare=False, deploy=False, parts=("avm_emulator.workflows",)
    )
    with start(options) as running:
        lab = Lab(running.emulator)
        client = lab.client("stepfunctions")
        machine = client.create_state_machine(
            name="retried", definition=json.dumps(RETRIED), roleArn=lab.role("states.amazonaws.com", "states")
        )["stateMachineArn"]
        arn = client.start_execution(stateMachineArn=machine, name="RITM1-1")["executionArn"]
        until(lambda: client.describe_execution(executionArn=arn)["status"] == "FAILED")
        ended = client.describe_execution(executionArn=arn)
        return float((ended["stopDate"] - ended["startDate"]).total_seconds())


def test_runs_with_one_seed_take_the_same_time_and_others_another() -> None:
    first, again, other = (seconds_of_retries(seed) for seed in (1, 1, 2))
    assert first == pytest.approx(again, abs=0.01)
    assert abs(first - other) > 1
