"""NotifyProvisioning."""

import json
from typing import Any

import pytest

from avm.aws.service_catalog import ProvisioningResults
from avm.contracts.provisioning_outcome import MAX_REASON_BYTES
from avm.domain.account_request import Requester
from avm.domain.errors import ERRORS, ProvisioningNotTold, RecordInconsistent
from avm.steps.notify_provisioning import Input, Output, run
from tests.unit.steps.conftest import World

URL = "https://api.example.com"
ERROR = {"code": "AccessDenied", "message": "it is denied", "hint": "grant it"}


class Results:
    """What Service Catalog was told, and whether it takes it."""

    def __init__(self) -> None:
        self.told: list[tuple[str, str, Any]] = []
        self.takes = True

    def provisioned(self, record_id: str, token: str, outputs: list[tuple[str, str, str]]) -> None:
        self._take(record_id, token, {key: value for key, value, _ in outputs})

    def not_provisioned(self, record_id: str, token: str, reason: str) -> None:
        self._take(record_id, token, reason)

    def _take(self, record_id: str, token: str, what: Any) -> None:
        if not self.takes:
            raise ProvisioningNotTold("the record has ended")
        self.told.append((record_id, token, what))


@pytest.fixture
def results(world: World) -> Results:
    world.gateways.api_url = URL
    results = Results()
    world.gateways.provisioning_results = results  # type: ignore[assignment]
    return results


@pytest.fixture
def record_id(world: World, results: Results) -> str:
    """Return the id of a record that has become a request."""
    record = world.accepted()
    who = Requester(door="service-catalog", principal="x").model_dump()
    world.table.update_request(record.request_id, {"requester": who})
    world.gateways.provisionings.keep(record.request_id, "token")
    return record.request_id


def message(record_id: str, detail_type: str, **detail: Any) -> Input:
    """Return the message of an event, as the rule puts it into the queue."""
    body = {"request_id": record_id, "record_id": record_id, "account_id": None, **detail}
    event = {"id": "1", "source": "avm", "detail-type": detail_type, "time": "2026-01-01T00:00:00Z", "detail": body}
    return Input.model_validate(
        {
            "messageId": "m-1",
            "body": json.dumps(event),
            "attributes": {"SenderId": "e", "SentTimestamp": "1767225600000", "ApproximateReceiveCount": "1"},
            "eventSourceARN": "arn:aws:sqs:eu-west-1:123456789012:outcomes",
        }
    )


def test_an_account_that_is_ready_ends_its_record_with_its_id_address_and_report(
    world: World, results: Results, record_id: str
) -> None:
    ready = message(record_id, "AccountReady", account_id="111122223333")
    assert run(ready, world.gateways) == Output(record_id=record_id, status="SUCCEEDED", told=True)
    outputs = {
        "AccountId": "111122223333",
        "Email": world.table.request(record_id).email,
        "Report": f"{URL}/v1/accounts/111122223333/report",
    }
    assert results.told == [(record_id, "token", outputs)]


@pytest.mark.parametrize("detail_type", ["AccountParked", "AccountRequestRejected"])
def test_what_fails_ends_its_record_with_cause_and_hint(
    world: World, results: Results, record_id: str, *, detail_type: str
) -> None:
    run(message(record_id, detail_type, error=ERROR), world.gateways)
    assert results.told == [(record_id, "token", "AccessDenied: it is denied. grant it")]


def test_a_request_that_is_cancelled_ends_its_record(world: World, results: Results, record_id: str) -> None:
    run(message(record_id, "AccountRequestCancelled", by="arn:x"), world.gateways)
    ((_, _, reason),) = results.told
    assert reason.startswith("RequestCancelled: ")
    assert reason.endswith(ERRORS["RequestCancelled"].hint)


def test_a_record_ends_once(world: World, results: Results, record_id: str) -> None:
    run(message(record_id, "AccountParked", error=ERROR), world.gateways)
    ready = message(record_id, "AccountReady", account_id="111122223333")
    assert run(ready, world.gateways) == Output(record_id=record_id, status="FAILED", told=False)
    assert len(results.told) == 1


def test_what_service_catalog_does_not_take_comes_again(world: World, results: Results, record_id: str) -> None:
    results.takes = False
    parked = message(record_id, "AccountParked", error=ERROR)
    with pytest.raises(ProvisioningNotTold):
        run(parked, world.gateways)
    results.takes = True
    assert run(parked, world.gateways).told


def test_a_record_whose_token_was_never_kept_is_told_to_an_operator(world: World, results: Results) -> None:
    with pytest.raises(RecordInconsistent, match="rec-none"):
        run(message("rec-none", "AccountParked", error=ERROR), world.gateways)


def test_a_reason_has_no_more_characters_than_service_catalog_takes(
    world: World, results: Results, record_id: str
) -> None:
    run(message(record_id, "AccountParked", error={**ERROR, "message": "ä" * 5000}), world.gateways)
    ((_, _, reason),) = results.told
    assert len(reason.encode()) <= MAX_REASON_BYTES


def test_a_result_has_the_records_id_as_its_idempotency_token() -> None:
    calls: list[tuple[str, dict[str, Any]]] = []

    class Client:
        def __getattr__(self, name: str) -> Any:
            return lambda **parameters: calls.append((name, parameters))

    results = ProvisioningResults(Client())
    results.provisioned("rec-1", "token", [("AccountId", "1", "The account")])
    for tell in (results.not_provisioned, results.not_updated, results.not_terminated):
        tell("rec-1", "token", "why")
    assert {name for name, _ in calls} == {
        "notify_provision_product_engine_workflow_result",
        "notify_update_provisioned_product_engine_workflow_result",
        "notify_terminate_provisioned_product_engine_workflow_result",
    }
    same = {"RecordId": "rec-1", "WorkflowToken": "token", "IdempotencyToken": "rec-1"}
    assert all(same.items() <= parameters.items() for _, parameters in calls)
    assert [parameters["Status"] for _, parameters in calls] == ["SUCCEEDED", "FAILED", "FAILED", "FAILED"]
