"""The second opinion: iam-simulate, run by Node, as a process of its own."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Sequence
from typing import Any

import pytest

from tests.names import ROOT

SCRIPT = ROOT / "tests" / "oracles" / "iam_simulate.cjs"
PACKAGE = ROOT / "node_modules" / "@cloud-copilot" / "iam-simulate"
OUTCOMES = {"Allowed": "allow", "ImplicitlyDenied": "deny", "ExplicitlyDenied": "explicit", "error": "error"}


def reason_to_skip() -> str | None:
    """Return why there is no second opinion here; None where there is one."""
    if shutil.which("node") is None:
        return "node is not installed: the evaluator is checked against its own tables only"
    if not PACKAGE.is_dir():
        return "iam-simulate is not installed (npm ci --ignore-scripts): the evaluator is checked alone"
    return None


needs_simulator = pytest.mark.skipif(reason_to_skip() is not None, reason=str(reason_to_skip()))


def simulate(simulations: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return iam-simulate's answers, ``result`` in the words of ``expect``, or ``error``."""
    done = subprocess.run(  # noqa: S603
        [str(shutil.which("node")), str(SCRIPT)],
        input=json.dumps(list(simulations)),
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
    )
    answers: list[dict[str, Any]] = json.loads(done.stdout)
    return [{**answer, "result": OUTCOMES[answer["result"]]} for answer in answers]
