"""Print how long things take on this machine. ``make bench``; figures of a laptop, not of AWS.

Cold starts are those of the built artefacts in fresh processes under AWS's runtime client. Everything else goes
through the command line, as people use it.
"""

from __future__ import annotations

import json
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from tests.names import ROOT
from tests.package.built import FUNCTIONS, configuration, invoke

AVM = ROOT / ".venv" / "bin" / "avm"
STARTS = 9
AT_ONCE = 10
SPEED = "max"  # the clock stands while anything computes: a busy machine makes nothing time out
REQUEST = "name: {name}\ntype: sandbox\nowner: jane.doe@example.com\ncost_center: CC-1042\npurpose: A figure\n"


def cold_start(function: str, work_dir: Path) -> float:
    """Return the median seconds from the process's start until it asks for its first event."""
    configured = configuration(function, work_dir)
    reports = (invoke(configured, {}).log[-1] for _ in range(STARTS))
    return statistics.median(_milliseconds(report) for report in reports) / 1000


def _milliseconds(report: str) -> float:
    found = re.search(r"Init Duration: ([\d.]+) ms", report)
    assert found is not None, report
    return float(found[1])


@contextmanager
def emulator() -> Iterator[dict[str, str]]:
    """Run the emulator; yield the environment that leads to it."""
    up = json.loads(_output([str(AVM), "local", "up", "--detach", "--port", "0", "--speed", SPEED]))
    port = up["endpoint_url"].rpartition(":")[2]
    try:
        exports = _output([str(AVM), "local", "env", "--port", port])
        yield dict(re.findall(r"^export (\w+)='?([^'\n]*)'?$", exports, re.MULTILINE))
    finally:
        _output([str(AVM), "local", "down", "--port", port])


def vend(name: str, environment: dict[str, str], folder: Path) -> None:
    """Vend one account; the command fails where it does not become READY."""
    file = folder / f"{name}.yaml"
    file.write_text(REQUEST.format(name=name), "utf-8")
    _output([str(AVM), "vend", str(file), "--json"], environment)


def _output(command: list[str], environment: dict[str, str] | None = None) -> str:
    base = {"PATH": "/usr/bin:/bin", "HOME": str(Path.home()), "NO_PROXY": "127.0.0.1"}
    ended = subprocess.run(  # noqa: S603  our own command
        command, env=base | (environment or {}), check=False, capture_output=True, text=True
    )
    if ended.returncode:
        sys.exit(f"{' '.join(command)} ended with {ended.returncode}:\n{ended.stderr}")
    return ended.stdout


def main() -> None:
    """Print the figures."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        starts = {name: cold_start(name, folder) for name in FUNCTIONS}
        slowest = max(starts, key=starts.__getitem__)
        median = statistics.median(starts.values())
        print(f"cold start of a function     {median:6.2f} s (slowest: {slowest}, {starts[slowest]:.2f} s)")
        began = time.perf_counter()
        with emulator() as environment:
            print(f"emulator, application in it  {time.perf_counter() - began:6.2f} s")
            began = time.perf_counter()
            vend("figure-0", environment, folder)
            print(f"first account READY          {time.perf_counter() - began:6.2f} s at speed {SPEED}")
            began = time.perf_counter()
            with ThreadPoolExecutor(AT_ONCE) as pool:
                list(pool.map(lambda number: vend(f"figure-{number}", environment, folder), range(1, AT_ONCE + 1)))
            print(f"{AT_ONCE} accounts at once READY    {time.perf_counter() - began:6.2f} s at speed {SPEED}")


if __name__ == "__main__":
    main()
