"""``avm foundation plan|apply|status``."""

import json
from typing import Any

import pytest

from tests.cli.fakes import Avm, FakeApi, FakeClock

STARTED = {"observation_id": "plan-2", "status": "PENDING"}
STEP = {"operation": "organizations:CreateOrganizationalUnit", "subject": "OU Prod", "before": None, "after": "Prod"}


def row(control: str, status: str = "compliant", **facts: Any) -> dict[str, Any]:
    empty: dict[str, Any] = {name: [] for name in ("steps", "by_hand", "waits_for", "to_look_at", "left_alone")}
    return {
        "control": control,
        "status": status,
        **empty,
        "evidence": {},
        "observed_at": "2026-11-25T10:00:00Z",
        **facts,
    }


def found(observation_id: str, *controls: dict[str, Any], made: tuple[str, ...] = ()) -> dict[str, Any]:
    return {
        "organization_id": "o-exampleorgid",
        "catalog_version": "0123456789ab",
        "time": "2026-11-25T10:00:00Z",
        "observation_id": observation_id,
        "purpose": observation_id.partition("-")[0],
        "ready": all(each["status"] == "compliant" for each in controls),
        "made": list(made),
        "controls": list(controls),
    }


UNITS = row("organizational-units", "violated", steps=[STEP], left_alone=["OU A", "OU B", "OU C", "OU D"])
CENTER = row("permission-sets", "violated", by_hand=["Enable IAM Identity Center in its console."])
TRAIL = row("organization-trail", "deferred", waits_for=["log-archive"])
BLIND = row(
    "policy-types", "unknown", evidence={"code": "AccessDenied", "message": "ListRoots: no", "hint": "Grant it."}
)


def test_a_plan_waits_for_its_report_and_shows_each_step(avm: Avm, api: FakeApi) -> None:
    missing = (404, {"status": 404, "code": "ReportNotFound", "detail": "none yet"})
    api.script((202, STARTED), missing, (200, found("plan-1")), (200, found("plan-2", UNITS, CENTER, TRAIL, BLIND)))
    result = avm("foundation", "plan")
    assert result.exit_code == 1
    _, *shown = result.stdout.splitlines()
    assert [line.split()[:3] for line in shown] == [
        ["organizational-units", "organizations:CreateOrganizationalUnit", "OU"],
        ["permission-sets", "by", "hand"],
        ["organization-trail", "waits", "log-archive"],
        ["policy-types", "unknown", "AccessDenied:"],
    ]
    assert "left alone (organizational-units): OU A, OU B, OU C and 1 more" in result.stderr
    assert "4 of 4 controls are not as catalog 0123456789ab says." in result.stderr
    assert [(call.method, call.path) for call in api.calls[:2]] == [
        ("POST", "/v1/foundation/plan"),
        ("GET", "/v1/foundation"),
    ]


@pytest.mark.parametrize("command", ["plan", "apply", "status"])
def test_json_is_the_api_object_and_nothing_else(avm: Avm, api: FakeApi, command: str) -> None:
    api.script((202, STARTED), (200, found("plan-2", UNITS)))
    result = avm("foundation", command, "--json")
    assert (result.exit_code, json.loads(result.stdout)) == (1, found("plan-2", UNITS))


def test_an_apply_shows_what_it_has_done_and_what_is_left(avm: Avm, api: FakeApi) -> None:
    made = ("organizations:CreateOrganizationalUnit: OU Prod under the root",)
    failed = row("ou-guardrails", "violated", evidence={"enforcement": {"message": "AttachPolicy: too many"}})
    api.script((202, STARTED), (200, found("plan-2", row("organizational-units"), failed, made=made)))
    result = avm("foundation", "apply")
    assert result.exit_code == 1
    assert result.stdout.splitlines()[0] == f"done: {made[0]}"
    assert "AttachPolicy: too many" in result.stdout
    assert api.calls[0].path == "/v1/foundation/apply"


def test_where_all_is_as_it_should_be_the_exit_code_says_so(avm: Avm, api: FakeApi) -> None:
    api.script((202, STARTED), (200, found("plan-2", row("policy-types"))))
    result = avm("foundation", "status")
    assert result.exit_code == 0
    assert result.stdout.splitlines()[1].split() == ["policy-types", "compliant"]
    assert "The foundation is as catalog 0123456789ab says." in result.stderr
    assert api.calls[0].path == "/v1/foundation/plan"


def test_what_is_left_to_people_is_told_and_the_foundation_is_ready(avm: Avm, api: FakeApi) -> None:
    source = row("identity-source", to_look_at=["Settings, 'Identity source'"])
    root_user = row("management-root-user", "violated", by_hand=["assign a device"])
    report = {**found("plan-2", source, root_user), "ready": True}
    api.script((202, STARTED), (200, report))
    result = avm("foundation", "plan")
    assert result.exit_code == 0
    assert [line.split()[:4] for line in result.stdout.splitlines()[1:]] == [
        ["identity-source", "look", "at", "Settings,"],
        ["management-root-user", "by", "hand", "assign"],
    ]
    assert "1 control that no vend needs is left to AWS, or to people." in result.stderr


def test_a_run_that_takes_too_long_goes_on(avm: Avm, api: FakeApi, clock: FakeClock) -> None:
    api.script((202, STARTED), (200, found("plan-1")))
    result = avm("foundation", "apply", "--timeout", "10")
    assert result.exit_code == 4
    assert "it goes on" in result.stderr
    assert sum(clock.sleeps) == 10
