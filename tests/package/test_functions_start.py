"""Every built function starts under AWS's runtime client, with the built layers and nothing else to import from."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from tests.package.built import FUNCTIONS, configuration, invoke

QUEUES = (
    *("NoticeDriftFunction", "NotifyProvisioningFunction", "NotifyTicketFunction"),
    *("TakeEventFunction", "TakeMessageFunction", "TakeProvisioningFunction"),
)
NO_STEPS = {"ApiFunction", "TakeWebhookFunction", "WatchVendsFunction", *QUEUES}


@pytest.mark.parametrize("name", [name for name in FUNCTIONS if name not in NO_STEPS])
def test_a_step_starts_and_answers_an_invalid_event_with_an_error_of_the_domain(name: str, tmp_path: Path) -> None:
    outcome = invoke(configuration(name, tmp_path), {})
    error = json.loads(outcome.payload)
    assert outcome.is_error
    assert error["errorType"] == "UnexpectedError"
    assert "validation error" in error["errorMessage"]
    assert "Field required" in error["errorMessage"]


@pytest.mark.parametrize("name", ["ApiFunction", "TakeWebhookFunction"])
def test_what_api_gateway_calls_starts_and_answers_an_unknown_path_with_a_problem(name: str, tmp_path: Path) -> None:
    event = {
        "httpMethod": "GET",
        "path": "/nowhere",
        "headers": {},
        "requestContext": {"stage": "v1", "requestId": "id", "identity": {}},
    }
    outcome = invoke(configuration(name, tmp_path), event)
    assert not outcome.is_error
    assert json.loads(outcome.payload)["statusCode"] == 404


@pytest.mark.parametrize("name", QUEUES)
def test_a_queues_function_starts_and_reports_a_message_that_is_none(name: str, tmp_path: Path) -> None:
    outcome = invoke(configuration(name, tmp_path), {"Records": [{"messageId": "m-1"}]})
    assert not outcome.is_error
    assert json.loads(outcome.payload) == {"batchItemFailures": [{"itemIdentifier": "m-1"}]}


def test_the_watchdog_starts_and_asks_for_the_time_of_its_event(tmp_path: Path) -> None:
    outcome = invoke(configuration("WatchVendsFunction", tmp_path), {})
    error = json.loads(outcome.payload)
    assert outcome.is_error
    assert (error["errorType"], error["errorMessage"]) == ("KeyError", "'time'")


def test_a_function_without_its_layer_fails_as_on_aws(tmp_path: Path) -> None:
    without_layers = replace(configuration("MoveAccountFunction", tmp_path), opt=None)
    error = json.loads(invoke(without_layers, {}).payload)
    assert error["errorType"] == "Runtime.ImportModuleError"
    assert "No module named 'avm'" in error["errorMessage"]
