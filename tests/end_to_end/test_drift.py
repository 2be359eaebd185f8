"""What is broken is found and mended without help: by the events of the calls that have broken it."""

from __future__ import annotations

import json
import statistics
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from avm_emulator.application import deploy_application
from avm_emulator.engine import Options, start
from tests.end_to_end.breakers import BREAKERS, MENDED_BY_FOUNDATION, Place
from tests.end_to_end.conftest import Machine, hasten
from tests.names import ROOT

pytestmark = pytest.mark.timeout(1800)  # real seconds, on a busy machine: the first test vends

COOLED = 301
"""AWS-seconds after which the same control is looked at again (catalog: remediation.cooldown_seconds)."""


@pytest.fixture(scope="module")
def machine() -> Iterator[Machine]:
    with start(Options(speed="max", deploy=False)) as running:
        hasten(running.emulator)
        deploy_application(running.emulator, ROOT / ".build" / "host")
        yield Machine(running)


@pytest.fixture(scope="module")
def place(machine: Machine) -> Place:
    request = machine.vend("kept-true")
    assert request["status"] == "READY", json.dumps(request["errors"])
    return Place(machine, request["account_id"])


def test_all(place: Place) -> None:
    for control, break_it in BREAKERS.items():
        if control not in ("alternate-contacts","s3-public-access-block"): continue
        before = place.machine.emulator.clock.now()
        since = max(call.seq for call in place.machine.emulator.calls)
        break_it(place)
        place.machine.settle_now()
        ev = [json.loads(e["Detail"])|{"dt":e["DetailType"]} for e in []]
        import collections
        calls = place.machine.emulator.calls.select(since=since)
        print(control, round(place.machine.emulator.clock.now()-before,1), collections.Counter(c.operation for c in calls if c.source.startswith(("avm-Take","avm-ObserveD","avm-RecordD"))), [f"{c.operation} {c.error}" for c in calls if c.error and "Drift" in c.source])
        report = place.machine.call("GET", f"/accounts/{place.account_id}/drift").json()
        logs = place.machine.application_client("logs")
        for g in logs.describe_log_groups()["logGroups"]:
            for e in logs.filter_log_events(logGroupName=g["logGroupName"])["events"]:
                if "message done" in e["message"]: print(e["message"][:300])
        em=place.machine.emulator
        for q in ("RuleDead",):
            pass
        print([t for t in em.clock.pending()][:10])
        from moto.events.models import events_backends
        b=events_backends[place.account_id]["eu-west-1"]
        print([(r.name,r.state,r.targets) for r in b.describe_event_bus("default").rules.values()])
        print("   ", report["observation_id"], [r["control"] for r in report["controls"]])
        if control in MENDED_BY_FOUNDATION: MENDED_BY_FOUNDATION[control](place)
        place.machine.settle_now()
        place.machine.emulator.clock.advance(COOLED)
        place.machine.settle_now()
