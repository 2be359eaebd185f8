"""A vend in discrete time: nothing is left running, nothing is stuck, whoever looks does not hold it up."""

import threading
from typing import Any

import requests

from tests.end_to_end.conftest import GOOD, Machine


def control(machine: Machine, name: str) -> dict[str, Any]:
    answer: dict[str, Any] = requests.get(f"{machine.emulator.endpoint_url}/_emulator/{name}", timeout=30).json()
    return answer


def test_after_a_vend_with_many_onlookers_nothing_runs_and_nothing_is_stuck(machine: Machine) -> None:
    over = threading.Event()
    answer = machine.call("POST", "/requests", {"name": "looked-at", **GOOD}, key="RITMTIME1")
    assert answer.status_code == 202, answer.text

    def look() -> None:
        while not over.is_set():
            assert machine.call("GET", "/requests/RITMTIME1").status_code == 200
            over.wait(0.1)

    lookers = [threading.Thread(target=look) for _ in range(5)]
    for looker in lookers:
        looker.start()
    request = machine.outcome("RITMTIME1")
    over.set()
    for looker in lookers:
        looker.join(60)
    assert request["status"] == "READY"
    clock = machine.emulator.clock
    with clock._lock:
        assert (clock.active, clock._activities._known) == (0, {})
        assert not clock._timers.has("work")
    assert control(machine, "health")["stuck"] is None
    compute = control(machine, "compute")
    assert any("MoveAccount" in name for name in compute["functions"])
    assert compute["functions_cpu_ms"] > 0
    assert compute["states"]["cpu_ms"] > 0
