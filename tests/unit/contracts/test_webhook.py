"""What payloads ask for: those that ticketing systems send, and whatever else has been signed."""

import re
from typing import Any

import pytest
from hypothesis import event, given
from hypothesis import strategies as st

from avm.contracts.webhook import delivery_of
from avm.domain.account_request import REQUEST_ID_PATTERN
from avm.domain.catalog import Catalog
from avm.domain.errors import InvalidRequest
from avm.domain.request_rules import parse_request
from tests.payloads import issue_created, request_item

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


def test_a_request_item_is_a_request(catalog: Catalog) -> None:
    delivery = delivery_of(catalog.webhooks["servicenow"], request_item("RITM0012345"))
    request = parse_request(delivery.body, catalog)
    assert (request.request_id, request.name, request.type) == ("RITM0012345", "snow-ritm0012345", "development")
    assert (request.owner, request.cost_center) == ("jane.doe@example.com", "CC-1042")
    assert request.budget
    assert request.budget.monthly_usd == 500
    assert request.ticket
    assert request.ticket.model_dump() == {"system": "servicenow", "id": "RITM0012345"}
    assert delivery.requested_by == "jane.doe@example.com"
    assert re.fullmatch(r"c5a6[0-9a-f]{28}@2026-11-25 09:31:02", delivery.id)


def test_an_issue_is_a_request(catalog: Catalog) -> None:
    delivery = delivery_of(catalog.webhooks["jira"], issue_created("ACC-42"))
    request = parse_request(delivery.body, catalog)
    assert (request.request_id, request.name, request.type) == ("ACC-42", "jira-acc-42", "sandbox")
    assert (request.owner, request.purpose, request.budget) == ("jane.doe@example.com", "Spike", None)
    assert request.ticket
    assert request.ticket.model_dump() == {"system": "jira", "id": "ACC-42"}
    assert delivery.requested_by == "5b10a2844c20165700ede21g"


@pytest.mark.parametrize("kind", ["jira:issue_updated", "jira:issue_deleted", "comment_created", None])
def test_another_event_of_jira_asks_for_nothing(catalog: Catalog, kind: str | None) -> None:
    with pytest.raises(InvalidRequest, match="makes a request of"):
        delivery_of(catalog.webhooks["jira"], {**issue_created(), "webhookEvent": kind})


def test_what_is_left_out_is_missing_all_of_it_at_once(catalog: Catalog) -> None:
    payload = request_item(account_type=None, cost_center=None)
    with pytest.raises(InvalidRequest) as refused:
        parse_request(delivery_of(catalog.webhooks["servicenow"], payload).body, catalog)
    assert {problem.field for problem in refused.value.problems} == {"type", "cost_center"}


@pytest.mark.parametrize("value", [None, 7, "", "x" * 257, "a\nb", "\ud800", ["x"]])
def test_whoever_asks_is_named_by_a_short_text(catalog: Catalog, value: Any) -> None:
    payload = {**request_item(), "requested_for": {"user_name": value}}
    with pytest.raises(InvalidRequest) as refused:
        delivery_of(catalog.webhooks["servicenow"], payload)
    assert [problem.field for problem in refused.value.problems] == ["requested_by"]


@pytest.mark.parametrize("number", ["nan", "Infinity", "1e999"])
def test_what_is_no_number_of_json_is_refused(catalog: Catalog, number: str) -> None:
    with pytest.raises(InvalidRequest, match="no number of JSON"):
        delivery_of(catalog.webhooks["servicenow"], request_item(monthly_budget=number))


def test_the_same_delivery_has_the_same_id_where_the_payload_gives_none(catalog: Catalog) -> None:
    source = catalog.webhooks["servicenow"].model_copy(update={"request": "{name: number}"})
    first, again, other = (delivery_of(source, request_item(number)).own_id for number in ("R-01", "R-01", "R-02"))
    assert first == again != other
    assert re.match(REQUEST_ID_PATTERN, first)


@pytest.mark.parametrize("source", ["servicenow", "jira"])
@given(payload=JSON)
def test_no_payload_is_a_defect(catalog: Catalog, source: str, payload: Any) -> None:
    with pytest.raises(InvalidRequest):
        parse_request(delivery_of(catalog.webhooks[source], payload).body, catalog)


@given(data=st.data())
def test_no_payload_of_the_right_shape_is_a_defect(catalog: Catalog, data: st.DataObject) -> None:
    payload = request_item()
    for place in (payload, payload["variables"], payload["requested_for"]):
        for name in data.draw(st.sets(st.sampled_from(sorted(place)), max_size=3)):
            place[name] = data.draw(JSON)
    try:
        parse_request(delivery_of(catalog.webhooks["servicenow"], payload).body, catalog)
    except InvalidRequest:
        event("refused")
    else:
        event("accepted")
