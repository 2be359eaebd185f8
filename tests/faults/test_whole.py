"""The command behind ``make chaos``: its parts reach processes of their own."""

import subprocess
import sys

import pytest

from tests.names import ROOT


@pytest.mark.timeout(300)  # real seconds, on a busy machine: an emulator starts in a process of its own
def test_make_chaos_runs_vends_in_processes_of_its_own_and_tells_what_became_of_them() -> None:
    command = [sys.executable, "-m", "tests.faults", "--runs", "1", "--seed", "3"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)  # noqa: S603
    assert done.returncode == 0, done.stdout + done.stderr
    assert "seed 3: 1 vends in chaos, 1 held, duplicates 0, lost 0, leaked 0" in done.stdout
