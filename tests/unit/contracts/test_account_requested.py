"""An event that asks for an account: whatever comes is an event, or refused."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from avm.contracts.account_requested import account_requested
from avm.contracts.json_document import json_document
from avm.domain.errors import InvalidRequest, Rejected

EVENT = {"id": "e-1", "account": "210987654321", "detail-type": "AccountRequested", "detail": {"name": "x"}}
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=10,
)


@given(st.text() | JSON.map(json.dumps) | st.dictionaries(st.sampled_from(sorted(EVENT)), JSON).map(json.dumps))
def test_whatever_comes_is_an_event_or_refused(text: str) -> None:
    try:
        event = account_requested(json_document(text))
    except Rejected:
        return
    assert (len(event.account), event.detail_type) == (12, "AccountRequested")


@pytest.mark.parametrize(
    "changed",
    [{"id": "no spaces"}, {"account": "1"}, {"detail-type": "accountrequested"}, {"detail": "text"}, {"detail": None}],
    ids=str,
)
def test_a_field_that_is_not_as_eventbridge_writes_it_is_named(changed: dict[str, Any]) -> None:
    assert account_requested(EVENT).detail == {"name": "x"}
    with pytest.raises(InvalidRequest) as caught:
        account_requested({**EVENT, **changed})
    assert [problem.field for problem in caught.value.problems] == list(changed)
