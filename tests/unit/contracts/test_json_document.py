"""What a door takes for a document."""

import pytest

from avm.contracts.json_document import MAX_BODY_BYTES, json_document
from avm.domain.errors import InvalidRequest, RequestTooLarge


def test_a_document_is_what_its_text_says() -> None:
    assert json_document('{"name": "\\u00e9", "tags": {"a": "b"}}') == {"name": "é", "tags": {"a": "b"}}


@pytest.mark.parametrize(
    "text",
    ["", "{", "name: x", "[" * 5000, '{"a": 1, "a": 1}', '{"a": NaN}', '{"a": -Infinity}', "1" * 5000, "\x00"],
)
def test_what_is_not_one_plain_document_is_refused(text: str) -> None:
    with pytest.raises(InvalidRequest):
        json_document(text)


def test_a_body_is_measured_in_bytes() -> None:
    fitting = '"' + "é" * ((MAX_BODY_BYTES - 2) // 2) + '"'
    assert len(fitting) < MAX_BODY_BYTES == len(fitting.encode())
    json_document(fitting)
    with pytest.raises(RequestTooLarge, match=str(MAX_BODY_BYTES + 1)):
        json_document(fitting + " ")
