"""The body of a repair, and that of a call which takes no fields."""

import pytest

from avm.contracts.body import check_empty
from avm.contracts.repair import controls_of
from avm.domain.errors import FieldProblem, InvalidRequest, RequestTooLarge

HINT = 'send {"controls": ["NAME", ...]}; {} is all of the account\'s type'


def problems(error: InvalidRequest) -> list[tuple[str, str]]:
    assert all(problem.hint for problem in error.problems)
    return [(problem.field, problem.reason) for problem in error.problems]


@pytest.mark.parametrize(("body", "controls"), [({}, []), ({"controls": ["placement"]}, ["placement"])])
def test_controls_are_those_named_or_none(body: object, controls: list[str]) -> None:
    assert controls_of(body) == controls


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ([], [("", "the body must be a JSON object")]),
        (None, [("", "the body must be a JSON object")]),
        ("x", [("", "the body must be a JSON object")]),
        ({"controls": "placement"}, [("controls", "must be a list")]),
        ({"controls": None}, [("controls", "must be a list")]),
        (
            {"controls": ["placement", 7, ""]},
            [("controls[1]", "must be a text"), ("controls[2]", "has less than 1 characters")],
        ),
        ({"control": []}, [("control", "is not a field of this call")]),
    ],
)
def test_all_that_is_wrong_is_named_at_once_in_words_of_the_api(body: object, expected: list[tuple[str, str]]) -> None:
    with pytest.raises(InvalidRequest) as refused:
        controls_of(body)
    assert problems(refused.value) == expected
    assert refused.value.problems[0] == FieldProblem(*expected[0], HINT)


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ([], [("", "the body must be an empty JSON object")]),
        (None, [("", "the body must be an empty JSON object")]),
        ({"controls": [], "x": 1}, [("controls", "is not a field of this call"), ("x", "is not a field of this call")]),
    ],
)
def test_a_call_without_fields_takes_none(body: object, expected: list[tuple[str, str]]) -> None:
    check_empty({})
    with pytest.raises(InvalidRequest) as refused:
        check_empty(body)
    assert problems(refused.value) == expected


@pytest.mark.parametrize("error", [InvalidRequest, RequestTooLarge])
def test_a_hint_that_every_call_can_get_speaks_of_no_account_request(
    error: type[InvalidRequest | RequestTooLarge],
) -> None:
    assert "request" not in error.hint.lower()
