"""The error tree."""

import re

import pytest

from avm.domain import errors
from avm.domain.errors import (
    ERRORS,
    FieldProblem,
    InvalidRequest,
    NeedsOperator,
    Rejected,
    Transient,
    VendingError,
    problem_details,
)

LEAVES = {code: kind for code, kind in ERRORS.items() if kind not in {Rejected, Transient, NeedsOperator}}


def test_the_docstring_draws_the_whole_tree() -> None:
    drawn = re.findall(r"[├└]── (\w+)", errors.__doc__ or "")
    assert sorted(drawn) == sorted(ERRORS)
    assert len(drawn) == len(set(drawn))


@pytest.mark.parametrize("code", sorted(LEAVES))
def test_every_error_belongs_to_one_family_and_says_what_to_do(code: str) -> None:
    kind = LEAVES[code]
    assert sum(issubclass(kind, family) for family in (Rejected, Transient, NeedsOperator)) == 1
    assert kind.hint != VendingError.hint
    assert problem_details(code, "m") == {"code": code, "message": "m", "hint": kind.hint}


def test_an_unknown_code_gets_the_hint_of_a_defect() -> None:
    assert problem_details("Nobody", "m")["hint"] == errors.UnexpectedError.hint


def test_an_invalid_request_names_all_fields_in_one_sentence() -> None:
    error = InvalidRequest([FieldProblem("name", "is required", "h"), FieldProblem("type", "is unknown", "h")])
    assert str(error) == "name: is required; type: is unknown"
    assert error.errors()[0] == {"field": "name", "reason": "is required", "hint": "h"}
