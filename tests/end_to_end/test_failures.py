"""What goes wrong ends in a place that people can act on."""

import json
from typing import Any

import pytest

from tests.end_to_end.conftest import Machine


def test_what_keeps_a_control_from_being_true_ends_the_vend_under_its_own_name_and_the_account_stays_held(
    machine: Machine,
) -> None:
    request = machine.vend("parked", access=[{"group": "nobody", "permission_set": "ReadOnlyAccess"}])
    assert request["status"] == "PARKED"
    assert request["error"]["code"] == "PrincipalNotFound"
    assert "nobody" in request["error"]["message"]
    assert request["error"]["hint"]
    assert [step["name"] for step in request["steps"] if step["status"] == "FAILED"] == ["AssignAccess"]
    account_id = request["account_id"]
    assert "avm-quarantine" in machine.scps(account_id)
    assert machine.ou(account_id) == "Dev"
    assert machine.call("GET", f"/accounts/{account_id}").json()["status"] == "PARKED"
    history = execution_history(machine, "parked-1")
    assert history[-1]["executionFailedEventDetails"]["error"] == "PrincipalNotFound"


def test_an_email_that_a_foreign_account_has_is_rejected_and_nothing_is_spent(machine: Machine) -> None:
    organizations = machine.client("organizations")
    taken = "aws-foreign@example.com"
    organizations.create_account(AccountName="foreign", Email=taken)
    machine.emulator.clock.advance(3600)
    accounts = len(list(organizations.get_paginator("list_accounts").paginate().search("Accounts[]")))
    request = machine.vend("email-taken", name="rejected-one", email=taken)
    assert (request["status"], request["error"]["code"], request["account_id"]) == ("REJECTED", "EmailTaken", None)
    assert "EMAIL_ALREADY_EXISTS" in request["error"]["message"]
    assert len(list(organizations.get_paginator("list_accounts").paginate().search("Accounts[]"))) == accounts
    assert machine.vend("name-free-again", name="rejected-one")["status"] == "READY"


@pytest.mark.parametrize("state_machine_input", [{}, {"request_id": "nobody", "attempt": 1}])
def test_an_execution_without_a_request_fails_and_says_so(
    machine: Machine, state_machine_input: dict[str, object]
) -> None:
    workflows = machine.application_client("stepfunctions")
    arn = next(
        m["stateMachineArn"]
        for m in workflows.list_state_machines()["stateMachines"]
        if m["name"].endswith("vend-account")
    )
    execution = workflows.start_execution(stateMachineArn=arn, input=json.dumps(state_machine_input))["executionArn"]
    machine.settle_now()
    described = workflows.describe_execution(executionArn=execution)
    assert described["status"] == "FAILED"
    assert described["error"]


def execution_history(machine: Machine, name: str) -> list[dict[str, Any]]:
    workflows = machine.application_client("stepfunctions")
    arn = next(
        m["stateMachineArn"]
        for m in workflows.list_state_machines()["stateMachines"]
        if m["name"].endswith("vend-account")
    )
    pages = workflows.get_paginator("get_execution_history").paginate(
        executionArn=f"{arn.replace(':stateMachine:', ':execution:')}:{name}"
    )
    return [event for page in pages for event in page["events"]]
