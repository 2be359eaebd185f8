"""The body of a decision."""

import pytest

from avm.contracts.approval import decision_of
from avm.domain.errors import InvalidRequest


@pytest.mark.parametrize(
    ("body", "decision"),
    [
        ({"decision": "approve"}, ("approve", "")),
        ({"decision": "reject", "comment": "too expensive"}, ("reject", "too expensive")),
        ({"decision": "approve", "comment": "x" * 1024}, ("approve", "x" * 1024)),
    ],
)
def test_decision_and_comment(body: object, decision: tuple[str, str]) -> None:
    assert decision_of(body) == decision


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        ({}, ["decision"]),
        ({"decision": "maybe"}, ["decision"]),
        ({"decision": "approve", "comment": "x" * 1025}, ["comment"]),
        ({"decision": "approve", "comment": None}, ["comment"]),
        ({"decision": 1, "comment": 2, "reason": "x"}, ["decision", "comment", "reason"]),
        ([], [""]),
        ("approve", [""]),
        (None, [""]),
    ],
)
def test_all_that_is_wrong_is_named_at_once(body: object, fields: list[str]) -> None:
    with pytest.raises(InvalidRequest) as refused:
        decision_of(body)
    assert [problem.field for problem in refused.value.problems] == fields
    assert all(problem.hint for problem in refused.value.problems)
    assert not any("_Decision" in problem.reason for problem in refused.value.problems)
