"""State ``MoveAccount``, ``functions/move_account``, ``steps/move_account.py``, ``test_move_account.py``: one name."""

from __future__ import annotations

from pathlib import Path

import pytest
from samtranslator.yaml_helper import yaml_parse

from tests.names import ROOT, camel, folder, tasks

STEPS = ROOT / "layers" / "vending" / "avm" / "steps"

NO_STATE = {
    "api": "API Gateway calls it, no state machine does, and it does several things",
    "notice_drift": "a queue calls it: what an event hints at, no state of a workflow",
    "notify_ticket": "a queue calls it: what a ticketing system is told, no state of a workflow",
    "notify_provisioning": "a queue calls it: what Service Catalog is told, no state of a workflow",
    "parse_parameters": "Service Catalog calls it: what a product asks for, no state of a workflow",
    "watch_vends": "EventBridge calls it every minute: the watchdog looks after all vends, no vend calls it",
    "take_event": "a queue calls it: it is a door, no state of the vend",
    "take_message": "a queue calls it: it is a door, no state of the vend",
    "take_provisioning": "three queues call it: it is a door, no state of the vend",
    "take_stack": "CloudFormation calls it: it is a door, no state of the vend",
    "take_webhook": "API Gateway calls it: it is a door, no state of the vend",
}
"""Functions that are no step of a workflow, and why."""

NO_STEP = {
    "accept_adoption": "the API's: what a posted adoption becomes",
    "accept_request": "the API's: what a posted request becomes",
    "adoption": "what the door, the plan and AdoptAccount share",
    "cancel_request": "the API's: a request is cancelled",
    "control_rounds": "what the steps share that make controls true",
    "creation": "what CreateAccount and AwaitCreation share",
    "decide_approval": "the API's: a person's decision",
    "decide_repair": "the API's: a person's decision about a proposed repair",
    "drift_decisions": "the API's: exceptions, and whether repairs go on",
    "notice_drift": "the events': what they hint at",
    "notify_ticket": "the events': what a ticketing system is told of them",
    "notify_provisioning": "the events': what Service Catalog is told of them",
    "parse_parameters": "Service Catalog's: what a product asks for",
    "sweeps": "the API's: a sweep is started and shown",
    "foundation_findings": "what Security Hub is told of the foundation",
    "foundation_rounds": "what the steps share that bring the foundation on",
    "foundation_runs": "the API's: a plan or an apply of the foundation is started",
    "foundation_step": "what the steps of the foundation take and give",
    "gateways": "what steps get",
    "observe_account": "the API's: an account as people see it, observe it and repair it",
    "readiness": "what is told and marked when an account has kept its promises",
    "product_forms": "what the doors of Service Catalog share: the request that a form is",
    "preflight_request": "the API's: a request that is checked and not accepted",
    "report_keeping": "what the steps share that keep reports",
    "reach": "the ways to AWS that controls get",
    "retry_request": "the API's: the next attempt",
    "show_request": "the API's: a request as people see it",
    "slots": "what the steps share that ask for a slot or a turn",
    "start_plan": "the API's: a plan of a vend is started",
    "step": "what steps take and give",
    "targets": "what controls are about",
    "watch_vends": "the watchdog's",
    "membership": "who belongs to the organization, for events and sweeps",
    "messages": "what the doors share whose requests come as messages",
    "take_event": "the bus's: what an event becomes",
    "take_message": "the queue's: what a message becomes",
    "take_provisioning": "Service Catalog's: what a launch becomes",
    "take_stack": "CloudFormation's: what the stack of a product becomes",
    "take_webhook": "the ticketing systems': what a webhook becomes",
}
"""Modules in ``avm/steps`` that are no step, and why."""


def _modules(where: Path) -> set[str]:
    return {file.stem for file in where.glob("*.py")} - {"__init__"}


FUNCTIONS = {file.parent.name for file in (ROOT / "functions").glob("*/app.py")}
STATES = {state for state, _, _ in tasks()}


def test_a_state_calls_the_function_of_its_name() -> None:
    assert {state: function for state, function, _ in tasks() if function != f"{state}Function"} == {}


@pytest.mark.parametrize("state", sorted(STATES))
def test_a_states_name_is_in_every_place(state: str) -> None:
    name = folder(f"{state}Function")
    places = [
        ROOT / "functions" / name / "app.py",
        STEPS / f"{name}.py",
        ROOT / "tests" / "unit" / "steps" / f"test_{name}.py",
    ]
    assert [str(place.relative_to(ROOT)) for place in places if not place.is_file()] == []


def test_every_function_belongs_to_a_state() -> None:
    assert {camel(name) for name in FUNCTIONS - set(NO_STATE)} == STATES
    assert set(NO_STATE) <= FUNCTIONS


def test_every_function_is_in_the_template_under_its_name() -> None:
    resources = yaml_parse((ROOT / "template.yaml").read_text("utf-8"))["Resources"]
    written = {
        name: each["Properties"]["CodeUri"]
        for name, each in resources.items()
        if each["Type"] == "AWS::Serverless::Function"
    }
    assert written == {f"{camel(name)}Function": f"functions/{name}" for name in FUNCTIONS}


def test_every_step_belongs_to_a_state() -> None:
    assert {camel(name) for name in _modules(STEPS) - set(NO_STEP)} == STATES
    assert set(NO_STEP) <= _modules(STEPS)


def test_every_step_test_belongs_to_a_module() -> None:
    tested = {name.removeprefix("test_") for name in _modules(ROOT / "tests" / "unit" / "steps") if name[:5] == "test_"}
    assert tested <= _modules(STEPS)
