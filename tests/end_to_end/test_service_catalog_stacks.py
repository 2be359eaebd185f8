"""Service Catalog without its engine: a product's stack asks, is answered on acceptance, and closes no account."""

import json
import uuid
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from avm.steps.take_stack import NO_UPDATE
from avm_emulator.application import deploy_application
from avm_emulator.cloudformation.custom_resources import BUCKET
from avm_emulator.engine import Options, start
from tests.end_to_end.artefacts import few_promises
from tests.end_to_end.conftest import GOOD, Machine, hasten
from tests.end_to_end.records import Records

Faults = Callable[..., None]
FUNCTION = "avm-take-stack"
ANSWERS = {"Owner": GOOD["owner"], "CostCenter": GOOD["cost_center"], "Purpose": GOOD["purpose"]}


class Launcher(Records):
    """Launches what a stack makes."""

    def __init__(self, machine: Machine) -> None:
        super().__init__(machine)
        self.stacks = machine.application_client("cloudformation")

    def launch(self, name: str, **answers: str) -> str:
        """Launch a product, and return the record's id."""
        given = {"Name": name, **ANSWERS, **answers}
        record = self.provision("development account", name, given, ProvisionToken=name)
        return str(record["RecordId"])

    def stack(self, name: str) -> dict[str, Any]:
        """Return the stack of a provisioned product."""
        product = self.catalog.describe_provisioned_product(Name=name)["ProvisionedProductDetail"]["Id"]
        stack_name = f"SC-{self.machine.emulator.application_account_id}-{product}"
        (stack,) = self.stacks.describe_stacks(StackName=stack_name)["Stacks"]
        return dict(stack)

    def statuses(self, stack: dict[str, Any], logical_id: str = "Account") -> list[str]:
        """Return what has become of a stack's resource, in order."""
        events = self.stacks.describe_stack_events(StackName=stack["StackId"])["StackEvents"]
        return [each["ResourceStatus"] for each in reversed(events) if each["LogicalResourceId"] == logical_id]


@pytest.fixture(scope="module")
def machine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machine]:
    """The machine, in an account whose engine is another one."""
    with start(Options(speed="max", deploy=False)) as running:
        hasten(running.emulator)
        artefacts = few_promises(tmp_path_factory.mktemp("artefacts"))
        deploy_application(running.emulator, artefacts, service_catalog=False)
        yield Machine(running)


@pytest.fixture(scope="module")
def launcher(machine: Machine) -> Launcher:
    return Launcher(machine)


def dead_letters(machine: Machine) -> list[dict[str, Any]]:
    """Take what is in the dead-letter queue."""
    sqs = machine.application_client("sqs")
    (url,) = sqs.list_queues(QueueNamePrefix="avm-StackDeadLetterQueue")["QueueUrls"]
    found = []
    while batch := sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, MessageAttributeNames=["All"]).get(
        "Messages"
    ):
        for message in batch:
            sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
            reason = message["MessageAttributes"]["ErrorMessage"]["StringValue"]
            found.append({"body": json.loads(message["Body"]), "reason": reason})
    return found


def test_a_launch_succeeds_on_acceptance_and_its_account_gets_ready(
    machine: Machine, launcher: Launcher, since: int
) -> None:
    access = {"AccessTo": "payments-developers", "AccessPermissionSet": "DeveloperAccess"}
    record = launcher.record(launcher.launch("by-stack", Tags="team=payments", Regions="eu-west-1", **access))
    assert (record["status"], record["reason"]) == ("SUCCEEDED", "")
    request_id = record["outputs"]["RequestId"]
    assert record["outputs"]["Follow"].endswith(f"/v1/requests/{request_id}")
    stack = launcher.stack("by-stack")
    assert request_id == f"stack-{stack['StackId'].rpartition('/')[2]}"
    assert (stack["StackStatus"], stack["RoleARN"].rpartition("/")[2]) == ("CREATE_COMPLETE", "avm-launch-stack")
    request = machine.outcome(request_id)
    assert (request["status"], request["name"]) == ("READY", "by-stack")
    account = machine.client("organizations").describe_account(AccountId=request["account_id"])["Account"]
    assert account["Status"] == "ACTIVE"
    assert machine.creations(since) == 1
    who = request["requester"]
    launched_by = machine.application_client("sts").get_caller_identity()["Arn"]
    assert who == {"door": "service-catalog-stack", "principal": launched_by, "on_behalf_of": None}


def test_the_form_restricts_what_the_catalog_restricts(machine: Machine, launcher: Launcher, since: int) -> None:
    asked = launcher.catalog.describe_provisioning_parameters(
        ProductName="development account", ProvisioningArtifactName="v1"
    )["ProvisioningArtifactParameters"]
    allowed = {each["ParameterKey"]: each["ParameterConstraints"].get("AllowedValues", []) for each in asked}
    assert allowed["Regions"] == ["eu-west-1", "eu-central-1"]
    assert "DeveloperAccess" in allowed["AccessPermissionSet"]
    assert "AdministratorAccess" not in allowed["AccessPermissionSet"]
    assert {each["ParameterKey"] for each in asked if "DefaultValue" not in each} == {"Name", *ANSWERS}
    for number, wrong in enumerate(
        ({"Regions": "us-west-2"}, {"CostCenter": "nobody"}, {"Owner": "jane"}, {"AccessPermissionSet": "Root"})
    ):
        record = launcher.record(launcher.launch(f"refused-by-form-{number}", **wrong))
        assert record["status"] == "FAILED"
        assert next(iter(wrong)) in record["reason"]
    assert not machine.emulator.calls.select(since=since, source=FUNCTION)


def test_a_refused_launch_fails_with_the_cause_is_rolled_back_and_creates_nothing(
    machine: Machine, launcher: Launcher, since: int
) -> None:
    record = launcher.record(launcher.launch("refused", AccessTo="payments-developers", Tags="a=1,a=2"))
    assert record["status"] == "FAILED"
    assert all(each in record["reason"] for each in ("InvalidRequest: ", "tags: ", "access")), record["reason"]
    stack = launcher.stack("refused")
    assert stack["StackStatus"] == "ROLLBACK_COMPLETE"
    expected = ["CREATE_IN_PROGRESS", "CREATE_FAILED", "DELETE_IN_PROGRESS", "DELETE_COMPLETE"]
    assert launcher.statuses(stack) == expected
    assert machine.creations(since) == 0
    request_id = f"stack-{stack['StackId'].rpartition('/')[2]}"
    assert machine.call("GET", f"/requests/{request_id}").status_code == 404
    end = launcher.catalog.terminate_provisioned_product(ProvisionedProductName="refused")["RecordDetail"]["RecordId"]
    assert launcher.record(end)["status"] == "SUCCEEDED"
    assert dead_letters(machine) == []


def test_the_same_token_again_is_one_account(machine: Machine, launcher: Launcher, since: int) -> None:
    first = launcher.launch("once")
    assert launcher.launch("once") == first
    record = launcher.record(first)
    assert launcher.launch("once") == first
    assert machine.outcome(record["outputs"]["RequestId"])["status"] == "READY"
    assert machine.creations(since) == 1


def test_a_request_that_is_delivered_twice_is_one_account(
    machine: Machine, launcher: Launcher, faults: Faults, since: int
) -> None:
    faults({"service": "servicecatalog", "operation": "ProvisionProduct", "fault": "duplicate_delivery", "nth": 1})
    record = launcher.record(launcher.launch("twice"))
    assert record["status"] == "SUCCEEDED"
    assert machine.outcome(record["outputs"]["RequestId"])["status"] == "READY"
    assert machine.accepted_once(record["outputs"]["RequestId"])
    assert machine.creations(since) == 1


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize(
    "call",
    [("cloudformation", "DescribeStacks"), ("dynamodb", "TransactWriteItems"), ("stepfunctions", "StartExecution")],
)
def test_a_function_that_is_killed_loses_no_launch_and_doubles_none(
    machine: Machine, launcher: Launcher, faults: Faults, since: int, *, call: tuple[str, str], when: str
) -> None:
    source = {"source": FUNCTION}
    faults({"service": call[0], "operation": call[1], "fault": "kill_function", "nth": 1, "when": when, **source})
    record = launcher.record(launcher.launch(f"killed-{when}-{call[0]}"))
    assert (record["status"], record["reason"]) == ("SUCCEEDED", "")
    assert machine.outcome(record["outputs"]["RequestId"])["status"] == "READY"
    assert machine.creations(since) == 1
    assert dead_letters(machine) == []


def test_terminating_closes_no_account_and_a_change_is_refused_and_put_back(
    machine: Machine, launcher: Launcher, since: int
) -> None:
    record = launcher.record(launcher.launch("staying"))
    account_id = machine.outcome(record["outputs"]["RequestId"])["account_id"]
    stack = launcher.stack("staying")
    update = launcher.catalog.update_provisioned_product(
        ProvisionedProductName="staying",
        ProductName="development account",
        ProvisioningArtifactName="v1",
        ProvisioningParameters=[{"Key": "Purpose", "Value": "another"}],
    )["RecordDetail"]["RecordId"]
    refused = launcher.record(update)
    assert (refused["status"], NO_UPDATE in refused["reason"]) == ("FAILED", True)
    # CloudFormation puts back what it could not change: that succeeds, or the stack could never be used again
    assert launcher.stack("staying")["StackStatus"] == "UPDATE_ROLLBACK_COMPLETE"
    assert launcher.stack("staying")["Outputs"] == stack["Outputs"]
    end = launcher.catalog.terminate_provisioned_product(ProvisionedProductName="staying")["RecordDetail"]["RecordId"]
    assert launcher.record(end)["status"] == "SUCCEEDED"
    (deleted,) = launcher.stacks.describe_stacks(StackName=stack["StackId"])["Stacks"]
    assert deleted["StackStatus"] == "DELETE_COMPLETE"
    account = machine.client("organizations").describe_account(AccountId=account_id)["Account"]
    assert account["Status"] == "ACTIVE"
    assert not machine.emulator.calls.select(since=since, operation="CloseAccount")
    assert machine.call("GET", f"/accounts/{account_id}").json()["status"] == "READY"


def test_what_cannot_be_accepted_is_a_dead_letter_and_its_stack_gives_up_and_closes_nothing(
    machine: Machine, launcher: Launcher, faults: Faults, since: int
) -> None:
    faults({"service": "dynamodb", "operation": "TransactWriteItems", "fault": "denied", "source": FUNCTION})
    record_id = launcher.launch("unlucky")
    assert launcher.record(record_id)["status"] == "IN_PROGRESS"
    (letter,) = dead_letters(machine)
    assert letter["body"]["RequestType"] == "Create"
    assert "TransactWriteItems" in letter["reason"]
    faults()
    machine.emulator.clock.advance(900)
    record = launcher.record(record_id)
    assert (record["status"], "did not receive a response" in record["reason"]) == ("FAILED", True)
    assert launcher.stack("unlucky")["StackStatus"] == "ROLLBACK_COMPLETE"
    # the dead letter is late: nobody waits for its account any more
    invoke(machine, letter["body"])
    assert machine.creations(since) == 0


def test_an_answer_goes_to_cloudformation_alone(machine: Machine, launcher: Launcher, since: int) -> None:
    stack = f"arn:aws:cloudformation:eu-west-1:{machine.emulator.application_account_id}:stack/SC-1-pp-1/{uuid.uuid4()}"
    forged = {
        "RequestType": "Create",
        "ResponseURL": f"https://{BUCKET}euwest1.s3.eu-west-1.amazonaws.com.example.org/answer",
        "StackId": stack,
        "RequestId": "1",
        "LogicalResourceId": "Account",
        "ResourceProperties": {"type": "development", "name": "forged", **{k: GOOD[k] for k in ("owner", "purpose")}},
    }
    invoke(machine, forged)
    (letter,) = dead_letters(machine)
    assert "not CloudFormation's" in letter["reason"]
    assert machine.creations(since) == 0
    assert not machine.emulator.calls.select(since=since, source=FUNCTION, service="dynamodb")


def invoke(machine: Machine, event: dict[str, Any]) -> None:
    """Invoke the function as CloudFormation does, and wait until it is done with it."""
    machine.application_client("lambda").invoke(
        FunctionName=FUNCTION, InvocationType="Event", Payload=json.dumps(event)
    )
    machine.settle_now()
