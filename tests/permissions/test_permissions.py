"""Roles hold what they need, and nothing else; what they hold matters."""

from collections.abc import Iterator

import pytest

from avm_emulator.calls import CallRecord
from tests.faults.world import World, world
from tests.permissions import outcomes, removals, report
from tests.permissions.explained import not_granted
from tests.permissions.recording import Recording, record
from tests.permissions.removals import Removal
from tests.permissions.unrestricted import why_unrestricted

SAMPLE = 8

pytestmark = [
    pytest.mark.whole,
    pytest.mark.timeout(2700),  # real seconds, on a busy machine: the first test records
]


@pytest.fixture(scope="module")
def here() -> Iterator[World]:
    with world(foundation=False) as running:
        yield running


@pytest.fixture(scope="module")
def recording(here: World) -> Recording:
    return record(here)


def test_every_grant_of_every_role_is_explained(recording: Recording, figure: list[str]) -> None:
    figure.append(f"permissions: {report.line(recording)}")
    assert report.unexplained(recording) == []


def test_what_a_role_was_allowed_is_among_its_grants(recording: Recording) -> None:
    assert [str(need) for need in not_granted(recording.grants, list(recording.needs))] == []


def test_nothing_that_functions_ask_for_is_refused(recording: Recording) -> None:
    assert report.refused(recording) == []


def test_what_is_granted_on_every_resource_takes_none_or_has_a_reason(recording: Recording) -> None:
    unrestricted = {grant for grant in recording.grants if grant.resource == "*"}
    assert {(grant.principal, grant.action) for grant in unrestricted if why_unrestricted(grant) is None} == set()
    assert unrestricted


def test_every_function_is_seen_to_need_something(recording: Recording) -> None:
    seen = {grant.principal for grant, reason in recording.reasons().items() if reason == "observed"}
    assert {grant.principal for grant in recording.grants} - seen == {"Forwarder", "avm-events"}


def test_in_the_management_account_functions_act_as_the_broker_alone(here: World, recording: Recording) -> None:
    roles = {principal_role(call) for call in here.emulator.calls if is_in(call, here.emulator.management_account_id)}
    assert roles - {"avm-operator"} == {"avm-broker"}, "beside the operator, who breaks what is to be mended"
    assert recording.journeys


def test_in_an_account_functions_act_in_its_vending_roles_alone_once_the_bootstrap_role_is_shut(
    here: World, recording: Recording
) -> None:
    ready = next(each.last for each in recording.journeys if each.last and each.statuses == ["READY"])
    inside = [call for call in here.emulator.calls if is_in(call, ready["account_id"])]
    shut = next(call.seq for call in inside if call.operation == "UpdateAssumeRolePolicy")
    assert {principal_role(call) for call in inside if call.seq > shut} <= {"avm-enforce", "avm-observe"}
    assert {principal_role(call) for call in inside if call.seq < shut} == {
        "OrganizationAccountAccessRole",
        "avm-enforce",
        "avm-observe",
    }


def is_in(call: CallRecord, account_id: str) -> bool:
    """Say whether a function, or the workflow, has made a call as somebody of the account."""
    return call.account == account_id and call.source.startswith("avm-")


def principal_role(call: CallRecord) -> str:
    """Return the role of ``arn:…:assumed-role/ROLE/SESSION``."""
    return call.principal.split("/")[1]


def test_with_an_action_taken_away_somebody_is_told_and_all_goes_on_when_it_is_back(
    here: World, recording: Recording, figure: list[str]
) -> None:
    every = removals.removals(recording)
    found = list(removals.run(here, removals.sample(every, SAMPLE)))
    figure.append(f"{outcomes.line(found)} (of {len(every)})")
    assert outcomes.failures(found) == []


def test_an_action_that_nothing_needs_shows_that_it_is_not_missed(here: World) -> None:
    removal = Removal("JoinCreationQueueFunction", "events:PutEvents", "vend")
    outcome = removals.run_one(here, removal, "not-missed")
    assert next(violation.sentence for violation in outcome.violations) == "no call was refused"
