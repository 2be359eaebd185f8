"""One request id through all doors at once: Service Catalog, API, queue, EventBridge and a webhook. One account."""

import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from avm_emulator.application import deploy_application
from avm_emulator.engine import Options, start
from tests.end_to_end.artefacts import answer_on_loopback, few_promises
from tests.end_to_end.conftest import GOOD, Machine, hasten
from tests.end_to_end.receiver import Receiver
from tests.faults.doors import launch, launch_stack, post_ticket

ASKED = {name: value for name, value in GOOD.items() if name != "type"}
FORM = {"Owner": GOOD["owner"], "CostCenter": GOOD["cost_center"], "Purpose": GOOD["purpose"]}
TAKEN = {200, 202, 409}
"""It is a new request, the same one, or another one under an id that is taken."""


@pytest.fixture(scope="module")
def machine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machine]:
    """The machine; its ticketing systems are told on loopback."""
    with Receiver() as receiver, start(Options(speed="max", deploy=False)) as running:
        hasten(running.emulator)
        artefacts = few_promises(tmp_path_factory.mktemp("artefacts"))
        answer_on_loopback(artefacts, receiver.server_port)
        deploy_application(running.emulator, artefacts)
        yield Machine(running)
        receiver.shutdown()


def by_engine(machine: Machine, name: str) -> str:
    return launch(machine.application_client("servicecatalog"), "development", name, **ASKED)


def by_stack(machine: Machine, name: str) -> str:
    return launch_stack(machine.application_client, "development", name, **FORM)


def through_the_others(machine: Machine, name: str, request_id: str) -> list[Callable[[], Any]]:
    """Return what asks for the account under an id that Service Catalog has given, twice at each door."""
    body = {"name": name, **GOOD, "request_id": request_id}
    sqs, events = machine.application_client("sqs"), machine.application_client("events")
    secrets = machine.application_client("secretsmanager")
    (url,) = sqs.list_queues(QueueNamePrefix="avm-RequestQueue")["QueueUrls"]
    entry = {"Source": "test", "DetailType": "AccountRequested", "Detail": json.dumps(body), "EventBusName": "avm"}
    # the ticket asks for the same account, and is the request's: to the other doors it is another body
    ticket = {"account_name": name, "owner": GOOD["owner"]}
    ways: list[Callable[[], Any]] = [
        lambda: machine.call("POST", "/requests", body).status_code,
        lambda: sqs.send_message(QueueUrl=url, MessageBody=json.dumps(body)),
        lambda: events.put_events(Entries=[entry])["FailedEntryCount"],
        lambda: post_ticket(machine, secrets, request_id, **ticket).status_code,
    ]
    return ways * 2


@pytest.mark.parametrize("launched", [by_engine, by_stack])
def test_one_id_through_all_doors_at_once_is_one_account(
    machine: Machine, since: int, launched: Callable[[Machine, str], str]
) -> None:
    name = launched.__name__.replace("_", "-")
    request_id = launched(machine, name)
    with ThreadPoolExecutor(8) as pool:
        api, _, refused_entries, ticket, *again = [
            each.result() for each in [pool.submit(way) for way in through_the_others(machine, name, request_id)]
        ]
    assert {api, ticket, again[0], again[3]} <= TAKEN
    assert refused_entries == again[2] == 0
    assert machine.outcome(request_id)["status"] == "READY"
    machine.settle_now()
    assert machine.creations(since) == 1
    assert machine.accepted_once(request_id)
    accounts = machine.client("organizations").get_paginator("list_accounts").paginate()
    assert [each["Name"] for page in accounts for each in page["Accounts"]].count(name) == 1
    request = machine.call("GET", f"/requests/{request_id}").json()
    product = machine.application_client("servicecatalog").describe_provisioned_product(Name=name)
    detail = product["ProvisionedProductDetail"]
    # the door that came first has the request, and no other one is told that it was its own
    if request["requester"]["door"].startswith("service-catalog"):
        assert detail["Status"] == "AVAILABLE"
    else:
        assert (detail["Status"], "RequestConflict" in detail["StatusMessage"]) == ("ERROR", True)
