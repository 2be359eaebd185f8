"""Messages and dead letters."""

import pytest

from avm.contracts.queue_message import DeadLetter, Origin, QueueMessage, fitting, origin_of

OURS = {"AROAAPI", "AROATAKE"}
CARRIED = {"message_id": "m-1", "sender": "AROAUSER:jane"}


def message(sender: str, attributes: dict[str, str]) -> QueueMessage:
    return QueueMessage("m-2", "{}", sender, "2026-01-02T00:00:00.000Z", attributes)


def test_what_one_of_our_functions_has_sent_comes_from_who_sent_it_first() -> None:
    assert origin_of(message("AROAAPI:function", CARRIED), OURS) == Origin("m-1", "AROAUSER:jane")


@pytest.mark.parametrize("sender", ["AROAUSER:joe", "AIDAUSER", "123456789012", "AROAAPI2:function", ":AROAAPI"])
def test_what_anybody_else_says_of_its_origin_does_not_count(sender: str) -> None:
    assert origin_of(message(sender, CARRIED), OURS) == Origin("m-2", sender)


def test_half_an_origin_is_none() -> None:
    assert origin_of(message("AROAAPI:f", {"sender": "AROAUSER:jane"}), OURS) == Origin("m-2", "AROAAPI:f")


def test_a_letter_that_was_put_aside_shows_why_and_when_the_first_message_was_sent() -> None:
    attributes = {**CARRIED, "code": "NameTaken", "reason": "why", "request_id": "R1", "sent_at": "2026-01-01"}
    view = DeadLetter("requests", message("AROATAKE:f", attributes)).view()
    assert view == {
        "id": "m-2",
        "queue": "requests",
        "time": "2026-01-01",
        "code": "NameTaken",
        "reason": "why",
        "request_id": "R1",
        "body": "{}",
    }


def test_a_letter_that_sqs_has_moved_has_no_reason_and_a_long_body_is_cut() -> None:
    long = QueueMessage("m-2", "x" * 5000, "AIDA", "2026-01-02T00:00:00.000Z")
    view = DeadLetter("requests", long).view()
    assert (view["time"], view["code"], view["reason"], view["request_id"]) == (long.sent_at, None, None, None)
    assert view["body"] == "x" * 4096


@pytest.mark.parametrize(
    ("text", "attribute"),
    [
        ("plain\ttext\n", "plain\ttext\n"),
        ("a\x00b\ud800c\uffff", "a?b?c?"),
        ("", "?"),
        ("é" * 512, "é" * 512),
        ("é" * 513, "é" * 510 + "…"),
        ("😀" * 300, "😀" * 255 + "…"),
    ],
)
def test_an_attribute_is_what_sqs_takes(text: str, attribute: str) -> None:
    assert fitting(text) == attribute
    assert len(fitting(text).encode()) <= 1024
