"""NotifyTicket."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from pydantic import ValidationError
from samtranslator.yaml_helper import yaml_parse

from avm.aws.sqs import DeadLetterQueues
from avm.contracts.ticket_answer import STATUS_AFTER
from avm.domain.errors import ServiceUnavailable, TicketNotTold
from avm.steps.notify_ticket import Input, give_up, run
from tests.names import ROOT
from tests.payloads import SECRET, timed
from tests.unit.steps.conftest import World

URL = "https://api.example.com"
ERROR = {"code": "AccessDenied", "message": "it is denied", "hint": "grant it"}


class Posts:
    """What was posted, and what the receiver makes of it."""

    def __init__(self) -> None:
        self.taken: list[tuple[str, bytes, Mapping[str, str]]] = []

    def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> None:
        self.taken.append((url, body, headers))


@pytest.fixture
def posts(world: World) -> Iterator[Posts]:
    posts = Posts()
    world.gateways.ticket_systems = posts  # type: ignore[assignment]
    world.gateways.api_url = URL
    secrets = world.emulator.clients.client("secretsmanager")
    secrets.create_secret(Name=f"webhooks-{world.number}/jira", SecretString="old-" * 10)
    secrets.put_secret_value(SecretId=f"webhooks-{world.number}/jira", SecretString=SECRET)
    yield posts
    assert all(SECRET not in str(post) for post in posts.taken)


def message(detail_type: str = "AccountReady", *, receives: int = 1, **detail: Any) -> Input:
    """Return the message of an event, as the rule puts it into the queue."""
    event = {
        "version": "0",
        "id": "6a7e8feb-b491-4cf7-a9f1-bf3703467718",
        "detail-type": detail_type,
        "source": "avm",
        "account": "123456789012",
        "time": "2026-01-01T00:00:00Z",
        "region": "eu-west-1",
        "resources": [],
        "detail": {
            "schema_version": 1,
            "request_id": "ACC-7",
            "account_id": "111122223333",
            "webhook": "jira",
            "ticket": {"system": "jira", "id": "ACC-7"},
            **detail,
        },
    }
    return Input.model_validate(
        {
            "messageId": "m-1",
            "body": json.dumps(event),
            "attributes": {
                "SenderId": "events",
                "SentTimestamp": "1767225600000",
                "ApproximateReceiveCount": str(receives),
            },
            "eventSourceARN": "arn:aws:sqs:eu-west-1:123456789012:answers",
        }
    )


def told(posts: Posts) -> dict[str, Any]:
    ((_, body, _),) = posts.taken
    found: dict[str, Any] = json.loads(body)
    return found


def test_what_is_posted_is_signed_as_it_is_with_the_current_secret(world: World, catalog: Any, posts: Posts) -> None:
    output = run(message(), world.gateways)
    ((url, body, headers),) = posts.taken
    assert url == catalog.webhooks["jira"].answers
    timestamp = int(headers["X-Avm-Timestamp"])
    assert abs(timestamp - world.gateways.real_time().timestamp()) < 60
    assert headers == {"Content-Type": "application/json", **timed(body, SECRET, timestamp)}
    assert output.model_dump() == {"event": "AccountReady", "request_id": "ACC-7"}


def test_a_ready_account_is_told_with_its_report(world: World, posts: Posts) -> None:
    run(message(), world.gateways)
    assert told(posts) == {
        "schema_version": 1,
        "event_id": "6a7e8feb-b491-4cf7-a9f1-bf3703467718",
        "event": "AccountReady",
        "time": "2026-01-01T00:00:00Z",
        "ticket": {"system": "jira", "id": "ACC-7"},
        "request_id": "ACC-7",
        "status": "READY",
        "account_id": "111122223333",
        "report": f"{URL}/v1/accounts/111122223333/report",
        "error": None,
    }


@pytest.mark.parametrize(("event", "status"), [("AccountParked", "PARKED"), ("AccountRequestRejected", "REJECTED")])
def test_what_has_failed_is_told_with_cause_and_hint_and_without_a_report(
    world: World, posts: Posts, event: str, status: str
) -> None:
    run(message(event, error=ERROR), world.gateways)
    found = told(posts)
    assert (found["status"], found["error"], found["report"]) == (status, ERROR, None)


def test_the_rule_lets_through_what_is_told_and_nothing_else() -> None:
    rule = yaml_parse((ROOT / "template.yaml").read_text("utf-8"))["Resources"]["TicketTransitionRule"]["Properties"]
    assert set(rule["EventPattern"]["detail-type"]) == set(STATUS_AFTER)


def test_a_source_without_a_secret_or_a_file_is_named(world: World, posts: Posts) -> None:
    with pytest.raises(TicketNotTold, match=r"webhooks/gone\.yaml"):
        run(message(webhook="gone"), world.gateways)
    with pytest.raises(TicketNotTold, match="'servicenow' has no secret"):
        run(message(webhook="servicenow"), world.gateways)
    assert posts.taken == []


def test_what_is_no_event_of_ours_is_signed_for_nobody(world: World, posts: Posts) -> None:
    for wrong in (message(ticket=None), message(webhook=None)):
        with pytest.raises(ValidationError):
            run(wrong, world.gateways)
    assert posts.taken == []


def test_at_its_last_try_it_is_put_aside_with_the_reason(world: World) -> None:
    sqs = world.emulator.clients.client("sqs")
    dead = sqs.create_queue(QueueName=f"answers-dead-{world.number}")["QueueUrl"]
    world.gateways.dead_letters = DeadLetterQueues(sqs, {"https://sqs/123456789012/answers": dead}, ())
    error = ServiceUnavailable("https://x answers 503")
    assert not give_up(message(receives=4), error, world.gateways)
    assert give_up(message(receives=5), error, world.gateways)
    (letter,) = world.gateways.dead_letters.letters()
    assert (letter.view()["code"], letter.view()["reason"]) == ("ServiceUnavailable", "https://x answers 503")
