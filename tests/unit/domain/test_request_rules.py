"""What a request must fulfil."""

import contextlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from avm.domain.catalog import Catalog
from avm.domain.errors import InvalidRequest
from avm.domain.request_rules import parse_request

GOOD: dict[str, Any] = {
    "name": "payments-dev",
    "type": "development",
    "owner": "jane.doe@example.com",
    "cost_center": "CC-1042",
    "purpose": "Card payments, development",
}

FULL: dict[str, Any] = GOOD | {
    "request_id": "RITM0012345",
    "email": "aws-payments-dev@example.com",
    "regions": ["eu-west-1"],
    "access": [{"group": "payments-developers", "permission_set": "DeveloperAccess"}],
    "budget": {"monthly_usd": 500},
    "contacts": {
        "security": {"name": "Security Team", "title": "SOC", "email": "security@example.com", "phone": "+4930123456"}
    },
    "tags": {"team": "payments"},
    "ticket": {"system": "servicenow", "id": "RITM0012345"},
}


def fields(body: object, catalog: Catalog) -> set[str]:
    with pytest.raises(InvalidRequest) as caught:
        parse_request(body, catalog)
    assert all(problem.reason and problem.hint for problem in caught.value.problems)
    return {problem.field for problem in caught.value.problems}


@pytest.mark.parametrize("body", [GOOD, FULL])
def test_a_good_request_is_taken(body: dict[str, Any], catalog: Catalog) -> None:
    assert parse_request(body, catalog).name == "payments-dev"


def test_the_same_request_has_one_canonical_form_whatever_the_order_and_id(catalog: Catalog) -> None:
    backwards = dict(reversed(FULL.items()))
    first, second = parse_request(FULL, catalog), parse_request({**backwards, "request_id": "other"}, catalog)
    assert first.canonical() == second.canonical()
    assert first.digest() == second.digest()
    assert first.digest() != parse_request({**FULL, "purpose": "else"}, catalog).digest()


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": "x" * 51}, "name"),
        ({"name": "a<b"}, "name"),
        ({"name": " a"}, "name"),
        ({"name": "größe"}, "name"),
        ({"name": "a\n"}, "name"),
        ({"name": 7}, "name"),
        ({"type": "castle"}, "type"),
        ({"owner": "jane"}, "owner"),
        ({"cost_center": "1042"}, "cost_center"),
        ({"purpose": ""}, "purpose"),
        ({"purpose": "   "}, "purpose"),
        ({"purpose": "x" * 257}, "purpose"),
        ({"request_id": "a b"}, "request_id"),
        ({"request_id": "x" * 65}, "request_id"),
        ({"request_id": ""}, "request_id"),
        ({"email": "a@other.example"}, "email"),
        ({"email": "no-address"}, "email"),
        ({"email": "x" * 60 + "@example.com"}, "email"),
        ({"email": ".a@example.com"}, "email"),
        ({"regions": []}, "regions"),
        ({"regions": "eu-west-1"}, "regions"),
        ({"regions": ["us-west-2"]}, "regions[0]"),
        ({"regions": ["eu-west-1", "eu-west-1"]}, "regions[1]"),
        ({"access": [{"permission_set": "DeveloperAccess"}]}, "access[0]"),
        ({"access": [{"group": "a", "user": "b", "permission_set": "DeveloperAccess"}]}, "access[0]"),
        ({"access": [{"group": "a", "permission_set": "Nothing"}]}, "access[0].permission_set"),
        ({"access": [{"group": "a", "permission_set": "AdministratorAccess"}]}, "access[0].permission_set"),
        ({"budget": {"monthly_usd": 0}}, "budget.monthly_usd"),
        ({"budget": {"monthly_usd": True}}, "budget.monthly_usd"),
        ({"budget": {"monthly_usd": "500"}}, "budget.monthly_usd"),
        ({"budget": {}}, "budget.monthly_usd"),
        ({"contacts": {"legal": {}}}, "contacts.legal"),
        (
            {"contacts": {"security": {"name": "a", "title": "b", "email": "c", "phone": "d"}}},
            "contacts.security.phone",
        ),
        ({"tags": {"avm:type": "x"}}, "tags.avm:type"),
        ({"tags": {"AWS:x": "x"}}, "tags.AWS:x"),
        ({"tags": {"owner": "x"}}, "tags.owner"),
        ({"tags": {"team": 7}}, "tags.team"),
        ({"tags": {"team;": "x"}}, "tags.team;"),
        ({"ticket": {"system": "nobody", "id": "1"}}, "ticket.system"),
        ({"tikcet": {}}, "tikcet"),
    ],
)
def test_a_fault_is_refused_by_its_field(change: dict[str, Any], field: str, catalog: Catalog) -> None:
    assert field in fields(FULL | change, catalog)


@pytest.mark.parametrize("missing", sorted(GOOD))
def test_a_missing_field_is_named(missing: str, catalog: Catalog) -> None:
    assert fields({name: value for name, value in GOOD.items() if name != missing}, catalog) == {missing}


def test_all_problems_are_named_at_once(catalog: Catalog) -> None:
    body = {
        "name": "<>",
        "type": "castle",
        "cost_center": "x",
        "email": "a@b.example",
        "extra": 1,
        "regions": ["us-west-2"],
    }
    assert fields(body, catalog) == {"name", "type", "cost_center", "email", "extra", "regions[0]", "owner", "purpose"}


@pytest.mark.parametrize("body", [None, [], "name: x", 7])
def test_what_is_no_mapping_is_refused(body: object, catalog: Catalog) -> None:
    assert fields(body, catalog) == {""}


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@given(body=st.dictionaries(st.sampled_from([*FULL, "other"]), json_values))
def test_whatever_is_sent_is_taken_or_refused_with_problems(body: dict[str, Any], catalog: Catalog) -> None:
    with contextlib.suppress(InvalidRequest):
        assert parse_request(body, catalog).name
