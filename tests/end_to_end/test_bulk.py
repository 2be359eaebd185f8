"""``avm bulk`` with forty rows: nothing is sent while two are wrong, and what was broken off goes on, once."""

import csv
from pathlib import Path
from typing import Any

import pytest

from tests.end_to_end.conftest import GOOD, Avm, Machine

pytestmark = pytest.mark.timeout(1800)
WRONG = {7: ("type", "castle"), 23: ("owner", "nobody")}
ROWS = 40


@pytest.fixture
def rows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a file of forty rows, two of them wrong."""
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "rows.csv"
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, ["name", *GOOD])
        writer.writeheader()
        for number in range(ROWS):
            field, value = WRONG.get(number, ("name", f"bulk-{number}"))
            writer.writerow({"name": f"bulk-{number}", **GOOD, field: value})
    return path


def statuses(file: Path) -> list[str]:
    with file.open(newline="") as opened:
        return [row["status"] for row in csv.DictReader(opened)]


def stored(machine: Machine) -> int:
    items: list[dict[str, Any]] = machine.call("GET", "/requests?limit=100").json()["items"]
    return sum(item["name"].startswith("bulk-") for item in items)


def test_forty_rows_two_wrong(machine: Machine, avm: Avm, rows: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    refused = avm("bulk", str(rows))
    assert refused.exit_code == 2
    assert "2 of 40; nothing was sent" in refused.stderr
    assert all(text in refused.stderr for text in ("rows.csv:9", "castle", "rows.csv:25", "owner"))
    assert stored(machine) == 0

    def interrupted(*_: object) -> None:
        if stored(machine) >= ROWS // 2:
            raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr("avm_cli.bulk_view.Lines.update", interrupted)
        broken_off = avm("bulk", str(rows), "--partial")
    assert broken_off.exit_code == 130
    begun = stored(machine)
    assert 0 < begun < ROWS - len(WRONG)

    whole = avm("bulk", str(rows), "--partial")
    assert whole.exit_code == 2, whole.output
    found = statuses(rows.parent / "rows.csv.result.csv")
    assert (found.count("READY"), found.count("REFUSED")) == (ROWS - len(WRONG), len(WRONG))
    created = machine.emulator.calls.select(operation="CreateAccount", error=None)
    assert sum(call.source.startswith("avm-") for call in created) == stored(machine) == ROWS - len(WRONG)

    again = avm("bulk", str(rows), "--partial")
    assert statuses(rows.parent / "rows.csv.result.csv") == found
    assert again.exit_code == 2
    assert stored(machine) == ROWS - len(WRONG)
