"""Service Catalog as a door: launching a product becomes a ready account, and anything else a record that says why."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from avm.steps.take_provisioning import NO_TERMINATION, NO_UPDATE
from avm_emulator.application import deploy_application
from avm_emulator.engine import Options, start
from tests.end_to_end.artefacts import ask_somebody, few_promises
from tests.end_to_end.conftest import GOOD, Machine, hasten
from tests.end_to_end.records import Records

Faults = Callable[..., None]
ANSWERS = {name: value for name, value in GOOD.items() if name != "type"}
PROVISION_QUEUE = "ServiceCatalogExternalProvisionOperationQueue"


class Launcher(Records):
    """Launches what the engine makes."""

    def launch(self, name: str, product: str = "development", **answers: str) -> str:
        """Launch a product by its name, and return the record's id."""
        record = self.provision(product, name, {"name": name, **ANSWERS, **answers})
        assert record["Status"] == "CREATED"
        return str(record["RecordId"])

    def letters(self, queue: str = PROVISION_QUEUE) -> list[dict[str, Any]]:
        """Return the dead letters of a queue."""
        items = self.machine.call("GET", "/dead-letters").json()["items"]
        return [item for item in items if queue in item["queue"]]


@pytest.fixture(scope="module")
def machine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machine]:
    """The machine; test accounts need an approval."""
    with start(Options(speed="max", deploy=False)) as running:
        hasten(running.emulator)
        artefacts = few_promises(tmp_path_factory.mktemp("artefacts"))
        ask_somebody(artefacts, "test")
        deploy_application(running.emulator, artefacts)
        yield Machine(running)


@pytest.fixture(scope="module")
def launcher(machine: Machine) -> Launcher:
    return Launcher(machine)


def test_a_launched_product_is_a_ready_account(machine: Machine, launcher: Launcher, since: int) -> None:
    record_id = launcher.launch("by-product", tags="team=payments", access="payments-developers=DeveloperAccess")
    record = launcher.record(record_id)
    assert (record["status"], record["reason"]) == ("SUCCEEDED", "")
    request = machine.call("GET", f"/requests/{record_id}").json()
    assert (request["status"], request["name"]) == ("READY", "by-product")
    account_id = request["account_id"]
    assert record["outputs"]["AccountId"] == account_id
    assert record["outputs"]["Email"] == request["email"]
    assert record["outputs"]["Report"].endswith(f"/v1/accounts/{account_id}/report")
    application = machine.emulator.application_account_id
    who = request["requester"]
    assert (who["door"], who["principal"]) == ("service-catalog", f"arn:aws:iam::{application}:root")
    assert who["on_behalf_of"].startswith("AROA")
    outputs = launcher.catalog.get_provisioned_product_outputs(ProvisionedProductName="by-product")["Outputs"]
    assert account_id in {each["OutputValue"] for each in outputs}
    assert launcher.machine.creations(since) == 1


def test_a_form_says_what_the_catalog_allows(launcher: Launcher) -> None:
    products = {each["Name"]: each for each in launcher.catalog.search_products()["ProductViewSummaries"]}
    types = {"sandbox", "development", "test", "production"}
    assert set(products) == types | {f"{kind} account" for kind in types}, "by the engine, and by a stack"
    asked = launcher.catalog.describe_provisioning_parameters(
        ProductId=products["sandbox"]["ProductId"], ProvisioningArtifactName="v1"
    )["ProvisioningArtifactParameters"]
    descriptions = {each["ParameterKey"]: each["Description"] for each in asked}
    assert "eu-central-1" in descriptions["regions"]
    assert "AdministratorAccess" in descriptions["access"]
    must = {each["ParameterKey"] for each in asked if "DefaultValue" not in each}
    assert must == {"name", "owner", "cost_center", "purpose"}


def test_a_bad_parameter_fails_its_record_by_name_and_makes_no_account(
    machine: Machine, launcher: Launcher, since: int
) -> None:
    record = launcher.record(launcher.launch("bad", cost_center="nobody", budget="much", nonsense="1"))
    assert record["status"] == "FAILED"
    assert all(f"{field}: " in record["reason"] for field in ("cost_center", "budget", "nonsense")), record["reason"]
    assert record["reason"].startswith("InvalidRequest: ")
    assert launcher.machine.creations(since) == 0
    assert launcher.letters() == []
    product = launcher.catalog.describe_provisioned_product(Name="bad")["ProvisionedProductDetail"]
    assert (product["Status"], product["StatusMessage"]) == ("ERROR", record["reason"])


def test_a_record_that_is_delivered_twice_is_one_account(
    machine: Machine, launcher: Launcher, faults: Faults, since: int
) -> None:
    faults({"service": "servicecatalog", "operation": "ProvisionProduct", "fault": "duplicate_delivery", "nth": 1})
    record_id = launcher.launch("twice")
    assert launcher.record(record_id)["status"] == "SUCCEEDED"
    assert launcher.machine.creations(since) == 1
    assert machine.accepted_once(record_id)


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize(
    "call",
    [
        ("dynamodb", "TransactWriteItems"),
        ("stepfunctions", "StartExecution"),
        ("servicecatalog", "NotifyProvisionProductEngineWorkflowResult"),
    ],
)
def test_a_function_that_is_killed_loses_no_record_and_doubles_none(
    machine: Machine, launcher: Launcher, faults: Faults, since: int, *, call: tuple[str, str], when: str
) -> None:
    faults({"service": call[0], "operation": call[1], "fault": "kill_function", "nth": 1, "when": when})
    record_id = launcher.launch(f"killed-{when}-{call[0]}")
    record = launcher.record(record_id)
    assert (record["status"], record["reason"]) == ("SUCCEEDED", "")
    assert launcher.machine.creations(since) == 1
    assert machine.accepted_once(record_id)


def test_a_parked_vend_fails_its_record_with_the_cause_for_good(
    machine: Machine, launcher: Launcher, faults: Faults
) -> None:
    faults({"service": "organizations", "operation": "MoveAccount", "fault": "denied"})
    record_id = launcher.launch("parked")
    record = launcher.record(record_id)
    request = machine.call("GET", f"/requests/{record_id}").json()
    assert (record["status"], request["status"]) == ("FAILED", "PARKED")
    assert record["reason"].startswith("AccessDenied: ")
    assert "MoveAccount" in record["reason"]
    assert request["error"]["hint"] in record["reason"]
    faults()
    assert machine.call("POST", f"/requests/{record_id}/retry").status_code == 202
    assert machine.outcome(record_id)["status"] == "READY"
    assert launcher.record(record_id)["status"] == "FAILED"  # a record ends once
    assert launcher.letters("OutcomeQueue") == []


def test_a_refused_and_a_cancelled_request_fail_their_records(machine: Machine, launcher: Launcher) -> None:
    refused, cancelled = launcher.launch("refused", "test"), launcher.launch("cancelled", "test")
    assert launcher.record(refused)["status"] == "IN_PROGRESS"
    decision = {"decision": "reject", "comment": "not this year"}
    assert machine.call("POST", f"/requests/{refused}/approval", decision).ok
    assert machine.call("POST", f"/requests/{cancelled}/cancel").ok
    record = launcher.record(refused)
    assert (record["status"], "not this year" in record["reason"]) == ("FAILED", True)
    record = launcher.record(cancelled)
    assert (record["status"], record["reason"].partition(":")[0]) == ("FAILED", "RequestCancelled")


def test_changes_and_closing_are_refused_honestly_and_the_account_stays(
    machine: Machine, launcher: Launcher, since: int
) -> None:
    account_id = launcher.record(launcher.launch("staying"))["outputs"]["AccountId"]
    update = launcher.catalog.update_provisioned_product(
        ProvisionedProductName="staying",
        ProductName="development",
        ProvisioningArtifactName="v1",
        ProvisioningParameters=[{"Key": "purpose", "Value": "another"}],
    )["RecordDetail"]["RecordId"]
    assert launcher.record(update) == {"status": "FAILED", "outputs": {}, "reason": NO_UPDATE}
    end = launcher.catalog.terminate_provisioned_product(ProvisionedProductName="staying")["RecordDetail"]["RecordId"]
    assert launcher.record(end) == {"status": "FAILED", "outputs": {}, "reason": NO_TERMINATION}
    product = launcher.catalog.describe_provisioned_product(Name="staying")["ProvisionedProductDetail"]
    assert product["Status"] == "TAINTED"
    account = machine.client("organizations").describe_account(AccountId=account_id)["Account"]
    assert account["Status"] == "ACTIVE"
    assert not machine.emulator.calls.select(since=since, operation="CloseAccount")
    assert machine.call("GET", f"/accounts/{account_id}").json()["status"] == "READY"


def test_what_fails_again_and_again_is_put_aside_and_becomes_its_record_when_sent_back(
    machine: Machine, launcher: Launcher, faults: Faults, since: int
) -> None:
    faults({"service": "dynamodb", "operation": "TransactWriteItems", "fault": "denied"})
    record_id = launcher.launch("unlucky")
    machine.settle_now()
    (letter,) = machine.until(lambda: launcher.letters() or None)
    assert (letter["code"], launcher.record(record_id)["status"]) == ("AccessDenied", "IN_PROGRESS")
    assert "TransactWriteItems" in letter["reason"]
    faults()
    assert machine.call("POST", f"/dead-letters/{letter['id']}/replay").status_code == 202
    assert launcher.record(record_id)["status"] == "SUCCEEDED"
    assert launcher.machine.creations(since) == 1


def test_what_names_no_record_is_put_aside_with_the_reason(machine: Machine, launcher: Launcher) -> None:
    put_by_hand(machine, {"operation": "PROVISION_PRODUCT", "recordId": "rec-1"})
    letter = machine.until(lambda: next((each for each in launcher.letters() if "rec-1" in each["body"]), None))
    assert letter["code"] == "InvalidRequest"
    assert "token" in letter["reason"]


def test_nobody_sends_what_would_pass_for_a_message_of_service_catalog(machine: Machine) -> None:
    sqs = machine.application_client("sqs")
    url = sqs.get_queue_url(QueueName=PROVISION_QUEUE)["QueueUrl"]
    with pytest.raises(ClientError, match="AccessDenied"):
        sqs.send_message(QueueUrl=url, MessageBody="{}")


def put_by_hand(machine: Machine, message: dict[str, Any]) -> None:
    """Put a message into the queue of launches, past its policy."""
    from moto.sqs.models import sqs_backends  # noqa: PLC0415  of the emulator in this process

    backend = sqs_backends[machine.emulator.application_account_id][machine.emulator.region]
    backend.send_message(PROVISION_QUEUE, json.dumps(message))
