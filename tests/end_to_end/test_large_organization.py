"""In an organization of many accounts AWS shows fewer pages at once than a list has."""

from collections.abc import Iterator

import pytest

from avm_emulator.application import deploy_application
from avm_emulator.engine import Options, start
from tests.end_to_end.artefacts import few_promises
from tests.end_to_end.conftest import Machine, hasten

ACCOUNTS = 240
"""Twelve pages; of those of an OU AWS shows 8 at once, and then 5 a second (aws-semantics 1.3)."""


@pytest.fixture(scope="module")
def machine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machine]:
    with start(Options(speed="max", deploy=False)) as running:
        hasten(running.emulator)
        running.emulator.latencies.change({"organizations:CreateAccount": 0}, 0)
        organizations = running.emulator.clients.client("organizations")
        for number in range(ACCOUNTS):
            organizations.create_account(AccountName=f"other-{number}", Email=f"aws+other-{number}@example.com")
            running.emulator.clock.advance(1)
        deploy_application(running.emulator, few_promises(tmp_path_factory.mktemp("artefacts")))
        yield Machine(running)


def test_a_vend_is_ready_and_the_next_does_not_search_again(machine: Machine) -> None:
    asked: list[int] = []
    for number in range(2):
        since = max(call.seq for call in machine.emulator.calls)
        request = machine.vend(f"large-{number}", name=f"large-{number}")
        assert request["status"] == "READY", request
        calls = machine.emulator.calls.select(since=since)
        asked.append(sum(call.operation == "ListAccountsForParent" for call in calls))
    assert asked[0] > ACCOUNTS / 20
    assert asked[1] == 0


def test_an_email_of_the_last_account_of_the_list_is_found(machine: Machine) -> None:
    """Its domain is one of the catalog's, so that AWS alone refuses it."""
    request = machine.vend("large-taken", name="large-taken", email=f"aws+other-{ACCOUNTS - 1}@example.com")
    assert request["status"] == "REJECTED"
    assert request["error"]["code"] == "EmailTaken"
