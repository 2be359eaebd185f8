"""Names that the application makes."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from avm.domain.account_request import EMAIL_PATTERN
from avm.domain.naming import EMAIL_MAX, email_from_pattern, execution_name, short_id, slug, ulid

PATTERN = "aws+{slug}-{short_id}@example.com"


@given(
    name=st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=50),
    request_id=st.text(min_size=1),
)
def test_every_name_gives_an_email_that_aws_takes(name: str, request_id: str) -> None:
    email = email_from_pattern(PATTERN, name, request_id)
    assert len(email) <= EMAIL_MAX
    assert re.match(EMAIL_PATTERN, email)


def test_an_email_is_a_function_of_name_and_request() -> None:
    first = email_from_pattern(PATTERN, "payments-dev", "R1")
    assert first == email_from_pattern(PATTERN, "payments-dev", "R1")
    assert first != email_from_pattern(PATTERN, "payments-dev", "R2")
    assert first == f"aws+payments-dev-{short_id('R1')}@example.com"


@pytest.mark.parametrize(
    ("name", "expected"), [("Payments  Dev!", "payments-dev"), ("Größe", "groe"), ("***", "account"), ("a_b", "a-b")]
)
def test_a_slug_is_plain(name: str, expected: str) -> None:
    assert slug(name) == expected


def test_the_longest_request_id_fits_an_execution_name() -> None:
    assert len(execution_name("x" * 64, 99999)) <= 80


@given(first=st.integers(0, 2**48 - 2), randomness=st.integers(0, 2**80 - 1))
def test_ulids_sort_by_time(first: int, randomness: int) -> None:
    assert len(ulid(first, randomness)) == 26
    assert ulid(first, randomness) < ulid(first + 1, 0) or randomness == 2**80 - 1
