"""TakeWebhook."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from avm.aws.webhook_secrets import MIN_CHARACTERS
from avm.contracts.json_document import MAX_BODY_BYTES
from avm.contracts.webhook import WebhookAnswer
from avm.domain.errors import InvalidRequest, RequestConflict, RequestTooLarge, ServiceUnavailable, SignatureInvalid
from avm.steps.take_webhook import take_webhook
from tests.payloads import OLD_SECRET, SECRET, hub, issue_created, request_item, timed
from tests.unit.steps.conftest import World
from tests.unit.steps.recorders import Executions


class Door:
    """The door of one world, as ticketing systems come to it."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.workflows = Executions()
        world.gateways.workflows = self.workflows
        self.secrets = world.emulator.clients.client("secretsmanager")
        self.put("servicenow", SECRET)
        self.put("jira", SECRET)

    def put(self, source: str, secret: str) -> None:
        """Put a secret; the one before counts, too."""
        name = f"webhooks-{self.world.number}/{source}"
        try:
            self.secrets.create_secret(Name=name, SecretString=secret)
        except self.secrets.exceptions.ResourceExistsException:
            self.secrets.put_secret_value(SecretId=name, SecretString=secret)

    def take(self, source: str, body: bytes, headers: Mapping[str, str]) -> WebhookAnswer:
        return take_webhook(source, body, headers, now=self.world.now(), gateways=self.world.gateways)

    def item(self, number: str = "RITM01", secret: str = SECRET, **variables: Any) -> WebhookAnswer:
        body = json.dumps(request_item(number, **variables)).encode()
        return self.take("servicenow", body, timed(body, secret, int(datetime.now(UTC).timestamp())))

    def requests(self) -> int:
        return len(self.world.table.requests(limit=100)[0])


@pytest.fixture
def door(world: World) -> Door:
    return Door(world)


def test_a_ticket_is_a_request_of_its_source_in_a_persons_name(world: World, door: Door) -> None:
    answer = door.item()
    record = world.table.request("RITM01")
    assert answer.request_id == record.request_id
    who = record.requester
    assert (who.door, who.principal, who.on_behalf_of) == ("ticketing", "servicenow", "jane.doe@example.com")
    ticket = {"system": "servicenow", "id": "RITM01"}
    assert record.told == {"webhook": "servicenow", "ticket": ticket}
    (row,) = world.table.audit("RITM01")
    assert (row.actor, row.details) == ("servicenow", {"door": "ticketing", **record.told})
    assert door.workflows.started == ["RITM01-1"]


def test_the_same_delivery_gets_the_same_answer_and_becomes_nothing_more(door: Door) -> None:
    body = json.dumps(issue_created("ACC-7")).encode()
    first = door.take("jira", body, hub(body, SECRET))
    assert door.take("jira", body, hub(body, SECRET)) == first
    assert (door.requests(), door.workflows.started) == (1, ["ACC-7-1"])


def test_a_delivery_with_another_body_is_refused(door: Door) -> None:
    door.item()
    with pytest.raises(RequestConflict, match="delivery 'c5a6"):
        door.item(purpose="another")
    assert door.requests() == 1


def test_a_function_that_is_killed_before_it_has_kept_the_delivery_makes_no_second_request(
    world: World, door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(*_: Any) -> None:
        raise ServiceUnavailable("killed")

    with monkeypatch.context() as patch:
        patch.setattr(type(world.gateways.deliveries), "keep", killed)
        with pytest.raises(ServiceUnavailable):
            door.item()
    assert door.item().request_id == "RITM01"
    assert door.requests() == 1


def test_two_secrets_count_and_no_third(door: Door) -> None:
    door.put("servicenow", OLD_SECRET)
    assert door.item(secret=SECRET) == door.item(secret=OLD_SECRET)
    door.put("servicenow", "z" * MIN_CHARACTERS)
    with pytest.raises(SignatureInvalid):
        door.item(secret=SECRET)


@pytest.mark.parametrize("secret", ["", "x" * (MIN_CHARACTERS - 1)])
def test_a_secret_that_can_be_guessed_counts_as_none(door: Door, secret: str) -> None:
    door.put("servicenow", secret or " ")
    with pytest.raises(SignatureInvalid):
        door.item(secret=secret or " ")


def test_an_unknown_source_and_one_without_a_secret_are_told_what_a_wrong_signature_is_told(door: Door) -> None:
    body = json.dumps(request_item()).encode()
    told = set()
    for source, secret in (("unknown", SECRET), ("servicenow", "y" * 40)):
        with pytest.raises(SignatureInvalid) as refused:
            door.take(source, body, timed(body, secret, int(datetime.now(UTC).timestamp())))
        told.add(str(refused.value))
    door.secrets.delete_secret(SecretId=f"webhooks-{door.world.number}/servicenow", ForceDeleteWithoutRecovery=True)
    with pytest.raises(SignatureInvalid) as refused:
        door.item()
    assert told == {str(refused.value)}


def test_nothing_of_a_body_is_looked_at_that_is_not_signed(door: Door) -> None:
    with pytest.raises(SignatureInvalid):
        door.take("jira", b"{", {"X-Hub-Signature": "sha256=0"})
    with pytest.raises(RequestTooLarge):
        door.take("jira", b" " * (MAX_BODY_BYTES + 1), {})


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60)
@given(body=st.binary(max_size=200) | st.text().map(str.encode) | st.just(b"[" * 30_000))
def test_no_body_that_is_signed_is_a_defect(door: Door, body: bytes) -> None:
    with pytest.raises(InvalidRequest):
        door.take("jira", body, hub(body, SECRET))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60)
@given(
    source=st.sampled_from(["jira", "servicenow"]) | st.text(max_size=40),
    body=st.binary(max_size=50),
    headers=st.dictionaries(
        st.sampled_from(["X-Hub-Signature", "X-Avm-Signature", "X-Avm-Timestamp"]), st.text(max_size=80)
    ),
)
def test_nothing_that_is_not_signed_is_a_defect(
    door: Door, source: str, body: bytes, headers: Mapping[str, str]
) -> None:
    with pytest.raises(SignatureInvalid):
        door.take(source, body, headers)
    assert door.requests() == 0
