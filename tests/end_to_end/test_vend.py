"""A request becomes an account, through the real workflow."""

import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from avm.domain.workflow import VEND_STEPS
from avm_emulator.engine import Options, start
from tests.end_to_end.conftest import GOOD, Machine
from tests.end_to_end.states import histories, largest_state, transitions

TYPES = {
    "sandbox": "Sandbox",
    "development": "Dev",
    "test": "Test",
    "production": "Prod",
    "shared-services": "Infrastructure",
    "log-archive": "Security",
    "security": "Security",
}
LARGEST = 64 * 1024
"""Bytes; AWS's limit is 256 KiB (aws-semantics, Step Functions)."""


@pytest.fixture(scope="module")
def machine() -> Iterator[Machine]:
    """The machine with the latencies of AWS, and accounts with all their Regions."""
    with start(Options(speed="max")) as running:
        yield Machine(running)


@pytest.mark.walk(3)
@pytest.mark.parametrize(("account_type", "ou"), TYPES.items())
def test_every_type_becomes_a_ready_account_in_its_ou(machine: Machine, account_type: str, ou: str) -> None:
    request = machine.vend(f"type-{account_type}", type=account_type)
    assert (request["status"], request["error"]) == ("READY", None)
    assert [(step["name"], step["status"]) for step in request["steps"]] == [(name, "SUCCEEDED") for name in VEND_STEPS]
    account_id = request["account_id"]
    account = machine.client("organizations").describe_account(AccountId=account_id)["Account"]
    assert (account["State"], account["Email"], account["Name"]) == ("ACTIVE", request["email"], request["name"])
    assert machine.ou(account_id) == ou
    assert "avm-quarantine" not in machine.scps(account_id)
    assert machine.call("GET", f"/accounts/{account_id}").json()["status"] == "READY"


def test_the_account_is_tagged_and_its_people_are_in(machine: Machine) -> None:
    access = [{"group": "payments-developers", "permission_set": "DeveloperAccess"}]
    request = machine.vend("tagged", access=access, tags={"team": "payments"})
    listed = machine.client("organizations").list_tags_for_resource(ResourceId=request["account_id"])["Tags"]
    tags = {tag["Key"]: tag["Value"] for tag in listed}
    assert tags.pop("avm:released-at") <= request["ready_at"]
    assert tags == {
        "team": "payments",
        "owner": "jane.doe@example.com",
        "cost-center": "CC-1042",
        "avm:request-id": "tagged",
        "avm:type": "development",
    }
    center = machine.client("sso-admin")
    instance = center.list_instances()["Instances"][0]
    arns = center.list_permission_sets_provisioned_to_account(
        InstanceArn=instance["InstanceArn"], AccountId=request["account_id"]
    )["PermissionSets"]
    names = {
        center.describe_permission_set(InstanceArn=instance["InstanceArn"], PermissionSetArn=arn)["PermissionSet"][
            "Name"
        ]
        for arn in arns
    }
    assert {"DeveloperAccess", "SecurityAudit"} <= names


def test_the_account_is_held_from_birth_until_its_release(machine: Machine) -> None:
    before = max(call.seq for call in machine.emulator.calls)
    machine.vend("held")
    names = [
        call.operation
        for call in machine.emulator.calls.select(since=before, mutating=True, own=False)
        if not call.error
    ]
    assert names[:3] == ["CreateAccount", "AttachPolicy", "MoveAccount"]
    assert names[-1] == "DetachPolicy"
    assert [names.count(name) for name in names[:3]] == [1, 1, 1]
    assert names.count("DetachPolicy") == 1


def test_what_a_workflow_holds_is_small_and_what_it_takes_is_told(machine: Machine, figure: list[str]) -> None:
    request = machine.vend("measured", regions=["eu-west-1", "eu-central-1"])
    assert request["status"] == "READY"
    executions = list(histories(machine, "measured"))
    assert len(executions) > 1, "those that apply controls, too"
    largest, taken = max(map(largest_state, executions)), sum(map(transitions, executions))
    figure.append(f"a vend in 2 Regions: largest state {largest} bytes, {taken} state transitions")
    assert largest < LARGEST


def test_requests_at_once_become_as_many_ready_accounts(machine: Machine, how_many: Callable[[int, int], int]) -> None:
    at_once = how_many(3, 7)
    before = max(call.seq for call in machine.emulator.calls)
    with ThreadPoolExecutor(at_once) as pool:
        requests = list(pool.map(lambda number: machine.vend(f"ten-{number}"), range(at_once)))
    assert [request["status"] for request in requests] == ["READY"] * at_once
    assert len({request["account_id"] for request in requests}) == at_once
    assert len({request["email"] for request in requests}) == at_once
    taken = machine.emulator.calls.select(since=before, operation="CreateAccount", error=None)
    assert len(taken) == at_once


def test_the_same_request_fifty_times_at_once_through_two_doors_is_one_account(machine: Machine) -> None:
    before = max(call.seq for call in machine.emulator.calls)
    body = {"name": "the-same", **GOOD, "request_id": "the-same"}
    sqs = machine.application_client("sqs")
    queue = next(url for url in sqs.list_queues()["QueueUrls"] if "RequestQueue" in url)

    def ask(number: int) -> int:
        if number % 2:
            return int(machine.call("POST", "/requests", body, key="the-same").status_code)
        return int(sqs.send_message(QueueUrl=queue, MessageBody=json.dumps(body))["ResponseMetadata"]["HTTPStatusCode"])

    with ThreadPoolExecutor(10) as pool:
        answers = list(pool.map(ask, range(50)))
    assert set(answers) <= {200, 202}
    request = machine.outcome("the-same")
    assert (request["status"], request["attempt"]) == ("READY", 1)
    calls = machine.emulator.calls.select(since=before, error=None)
    assert len([call for call in calls if call.operation == "CreateAccount"]) == 1
    listed = machine.client("organizations").get_paginator("list_accounts").paginate().search("Accounts[].Name")
    assert list(listed).count("the-same") == 1
