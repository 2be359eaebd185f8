"""Every shipped SCP and RCP does what its table says, the table covers it, and each part of it matters."""

from __future__ import annotations

import copy
import fnmatch
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from avm.domain.guardrail import GuardrailKind
from tests.policy.cases import Case
from tests.policy.guardrail_rows import (
    FOLDER,
    GUARDRAILS,
    NAMES,
    decide,
    document,
    is_as_written,
    rows,
    simulation,
)
from tests.policy.oracle import needs_simulator, simulate

ALL = [row for name in NAMES for row in rows(name)]


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


@pytest.mark.parametrize("kind", GuardrailKind)
def test_every_guardrail_has_its_table_and_every_table_its_guardrail(kind: GuardrailKind) -> None:
    names = [name for name in NAMES if GUARDRAILS[name].kind is kind]
    assert sorted(file.stem for file in (FOLDER / kind.field).glob("*.yaml")) == names


@pytest.mark.parametrize("row", [pytest.param(row, id=row.name) for row in ALL])
def test_a_guardrail_does_what_its_table_says(row: Case) -> None:
    decision = decide(row, document(row.name.partition(" ")[0]))
    assert (decision.allowed, None if decision.allowed else decision.sid) == (row.expect == "allow", row.because)


@needs_simulator
def test_the_simulator_from_outside_reads_the_guardrails_in_the_same_way(tell: Callable[[str], None]) -> None:
    answers = simulate([simulation(row) for row in ALL])
    different = []
    for row, answer in zip(ALL, answers, strict=True):
        wanted = "explicit" if row.expect == "deny" else "allow"
        by = [sid for _, sid in answer.get("denied_by", [])]
        is_same = answer["result"] == wanted and (row.because is None or row.because in by)
        if not is_same or set(answer["ignored"]) & set(row.context):
            different.append((row.name, row.context, answer))
    assert different == []
    tell(f"{len(ALL)} rows for {len(NAMES)} SCPs and RCPs; iam-simulate agrees on all, down to the statement")


@pytest.mark.parametrize("name", NAMES)
def test_every_statement_denies_in_a_row(name: str) -> None:
    covered = {row.because for row in rows(name) if row.expect == "deny"}
    assert covered == {statement["Sid"] for statement in document(name)["Statement"]}


def _fits(action: str, pattern: str) -> bool:
    return fnmatch.fnmatchcase(action.lower(), pattern.lower())


@pytest.mark.parametrize("name", NAMES)
def test_every_entry_of_an_action_list_has_a_row(name: str) -> None:
    missing = []
    for statement in document(name)["Statement"]:
        denied = [row.action for row in rows(name) if row.because == statement["Sid"]]
        allowed = [row.action for row in rows(name) if row.expect == "allow"]
        for element, actions in (("Action", denied), ("NotAction", allowed)):
            patterns = [each for each in _list(statement.get(element, [])) if each not in WITHOUT_ACTION]
            missing += [each for each in patterns if not any(_fits(action, each) for action in actions)]
    assert missing == []


WITHOUT_ACTION = {"iam:Acquire*"}
"""No such action is in the simulator's data yet."""


@pytest.mark.parametrize("name", NAMES)
def test_everybody_who_is_spared_has_a_row_that_allows(name: str) -> None:
    spared = {arn for arn in GUARDRAILS[name].exempt if arn.startswith("arn:")}
    allowed = {row.principal.role_arn for row in rows(name) if row.expect == "allow"}
    assert {arn for arn in spared if not any(role and fnmatch.fnmatchcase(role, arn) for role in allowed)} == set()


def mutants(guardrail: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the document with one part gone: a statement, a condition, a key, or one of several values."""
    for position, statement in enumerate(guardrail["Statement"]):
        sid = statement["Sid"]
        rest = [each for number, each in enumerate(guardrail["Statement"]) if number != position]
        if rest:
            yield f"{sid} gone", {**guardrail, "Statement": rest}
        for element in ("Action", "NotAction", "Resource"):
            for value in _list(statement.get(element, [])):
                if len(_list(statement[element])) > 1 and value not in WITHOUT_ACTION:
                    yield f"{sid}.{element} without {value}", _without(guardrail, position, (element,), value)
        for operator, tests in statement.get("Condition", {}).items():
            for key, values in tests.items():
                yield f"{sid} without {operator} {key}", _without(guardrail, position, ("Condition", operator), key)
                for value in _list(values) if len(_list(values)) > 1 else []:
                    path = ("Condition", operator, key)
                    yield f"{sid}.{operator}.{key} without {value}", _without(guardrail, position, path, value)


def _without(guardrail: dict[str, Any], position: int, path: tuple[str, ...], part: str) -> dict[str, Any]:
    mutant = copy.deepcopy(guardrail)
    inside = mutant["Statement"][position]
    for key in path[:-1]:
        inside = inside[key]
    if isinstance(inside[path[-1]], list):
        inside[path[-1]].remove(part)
    else:
        del inside[path[-1]][part]
        if not inside[path[-1]]:
            del inside[path[-1]]
    return mutant


def _survivors(name: str) -> Iterator[str]:
    for what, mutant in mutants(document(name)):
        if all(is_as_written(row, mutant) for row in rows(name)):
            yield what


@pytest.mark.parametrize("name", NAMES)
def test_a_row_turns_red_when_any_part_of_a_guardrail_goes(name: str, tell: Callable[[str], None]) -> None:
    made = sum(1 for _ in mutants(document(name)))
    assert list(_survivors(name)) == []
    statements = len(document(name)["Statement"])
    tell(f"{name}: {len(rows(name))} rows, {statements} of {statements} statements denied, {made} mutants, all found")
