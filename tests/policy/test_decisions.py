"""Decisions of the evaluator: as written in ``decisions/*.yaml``, and as a simulator from outside sees them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from avm.domain.policy import PolicyKind
from tests.policy.cases import Case, cases
from tests.policy.oracle import needs_simulator, simulate

CASES = list(cases(Path(__file__).parent / "decisions"))


@pytest.mark.parametrize("case", [pytest.param(case, id=case.name) for case in CASES])
def test_a_request_is_decided_as_written(case: Case) -> None:
    decision = case.decision()
    assert case.outcome == case.expect
    if case.because:
        assert decision.kind is PolicyKind(case.because)
    if case.sid:
        assert decision.sid == case.sid


@needs_simulator
def test_the_simulator_from_outside_agrees_where_nothing_says_why_not(tell: Callable[[str], None]) -> None:
    answers = simulate([case.simulation() for case in CASES])
    outcomes = {case.name: (case.expect, answer["result"], answer) for case, answer in zip(CASES, answers, strict=True)}
    known = {case.name for case in CASES if case.simulator}
    different = {name: found for name, found in outcomes.items() if found[0] != found[1]}
    assert {name: found for name, found in different.items() if name not in known} == {}
    assert known - set(different) == set(), "the simulator agrees by now"
    agreed = len(CASES) - len(known)
    tell(f"{len(CASES)} decisions written down; iam-simulate agrees on {agreed}, {len(known)} differ and say why")


@needs_simulator
def test_no_condition_key_is_ignored_by_the_simulator() -> None:
    answers = simulate([case.simulation() for case in CASES])
    ignored = [
        (case.name, keys)
        for case, answer in zip(CASES, answers, strict=True)
        if (keys := set(case.context) & set(answer.get("ignored", [])))
    ]
    assert ignored == []
