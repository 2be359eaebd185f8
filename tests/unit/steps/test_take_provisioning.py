"""TakeProvisioning."""

from typing import Any

import pytest

from avm.domain.errors import AccessDenied, FieldProblem, InvalidRequest
from avm.steps import take_provisioning, validate_request
from avm.steps.take_provisioning import NO_TERMINATION, NO_UPDATE, Output
from tests.unit.steps.conftest import World
from tests.unit.steps.message_door import Door
from tests.unit.steps.recorders import Published

RECORD = "rec-rf5pmkrnabmx4"
TOKEN = "965d4597-3088-41ae-87dc-3498daf1d69d"  # noqa: S105  of nothing
ROLE = "arn:aws:iam::123456789012:role/avm-service-catalog/avm-launch"
ANSWERS = {"name": "by-product", "owner": "jane.doe@example.com", "cost_center": "CC-1042", "purpose": "x"}


class Results:
    """What Service Catalog was told."""

    def __init__(self) -> None:
        self.told: list[tuple[str, str, str, str]] = []

    def not_updated(self, record_id: str, token: str, reason: str) -> None:
        self.told.append(("update", record_id, token, reason))

    def not_terminated(self, record_id: str, token: str, reason: str) -> None:
        self.told.append(("termination", record_id, token, reason))


class Artifacts:
    """The artifact of a product, whatever its path."""

    def __init__(self, text: str = '{"account_type": "sandbox"}') -> None:
        self.text = text

    def read(self, path: str, launch_role_arn: str) -> str:
        assert (path, launch_role_arn) == ("S3://sc-x/out/y", ROLE)
        return self.text


@pytest.fixture
def results(world: World) -> Results:
    results = Results()
    world.gateways.provisioning_results = results  # type: ignore[assignment]
    world.gateways.product_artifacts = Artifacts()  # type: ignore[assignment]
    return results


@pytest.fixture
def door(world: World, results: Results) -> Door:
    return Door(world, take_provisioning)


def message(
    operation: str = "PROVISION_PRODUCT", answers: dict[str, str] | None = None, **fields: Any
) -> dict[str, Any]:
    """Return a message as AWS has sent one (admin guide, "External Engines"; names of one that was seen)."""
    return {
        "token": TOKEN,
        "operation": operation,
        "provisionedProductId": "pp-ctfiwih3iodci",
        "provisionedProductName": "by-product",
        "productId": "prod-xayh7l3a7e66m",
        "provisioningArtifactId": "pa-qhjerwxbaulto",
        "recordId": RECORD,
        "launchRoleArn": ROLE,
        "artifact": {"path": "S3://sc-x/out/y", "type": "AWS_S3"},
        "identity": {"principal": "AROASGNG33TL2BDDOJDZK", "awsAccountId": "210987654321", "organizationId": None},
        "parameters": [{"key": key, "value": value} for key, value in (ANSWERS | (answers or {})).items()],
        "tags": [],
        **fields,
    }


def test_a_launch_is_a_request_under_the_records_id(world: World, door: Door) -> None:
    assert door.take(message()) == Output(request_id=RECORD)
    record = world.table.request(RECORD)
    assert (record.request.type, record.request.name) == ("sandbox", "by-product")
    who = record.requester
    assert (who.door, who.principal) == ("service-catalog", "arn:aws:iam::210987654321:root")
    assert who.on_behalf_of == "AROASGNG33TL2BDDOJDZK"
    assert door.started == [(RECORD, 1)]
    known = world.gateways.provisionings.known(RECORD)
    assert known
    assert (known.token, known.told) == (TOKEN, None)


def test_the_same_record_again_is_the_same_request(world: World, door: Door) -> None:
    door.take(message())
    assert door.take(message(), message_id="m-2") == Output(request_id=RECORD)
    assert len(world.table.requests(limit=5)[0]) == 1
    assert door.letters() == []


@pytest.mark.parametrize("identity", [None, {}, {"principal": "", "awsAccountId": None}])
def test_whom_service_catalog_does_not_name_is_nobody(world: World, door: Door, identity: Any) -> None:
    door.take(message(identity=identity))
    who = world.table.request(RECORD).requester
    assert (who.principal, who.on_behalf_of) == ("servicecatalog.amazonaws.com", None)


def test_what_is_told_of_the_request_names_the_record(world: World, door: Door, published: Published) -> None:
    door.take(message())
    world.run(validate_request, world.table.request(RECORD))
    ((_, details),) = published.events
    assert details["record_id"] == RECORD


@pytest.mark.parametrize(
    ("answers", "named"),
    [
        ({"cost_center": "nobody"}, ["cost_center: "]),
        ({"budget": "much", "cost_center": "nobody"}, ["budget: 'much' is no number", "cost_center: "]),
        ({"access": "payments-developers"}, ["access: 'payments-developers' has no '='"]),
        ({"tags": "a=1,a=2"}, ["tags: a key is given twice"]),
        ({"type": "production"}, ["type: is no parameter of this product"]),
        ({"regions": "eu-west-1, us-west-2"}, ["regions[1]: "]),
        ({"name": ""}, ["name: "]),
    ],
)
def test_a_refusal_is_told_with_the_fields_and_is_no_dead_letter(
    door: Door, published: Published, *, answers: dict[str, str], named: list[str]
) -> None:
    assert door.take(message(answers=answers)) == Output(request_id=RECORD, code="InvalidRequest")
    ((detail_type, details),) = published.events
    assert (detail_type, details["record_id"], details["door"]) == ("AccountRequestRejected", RECORD, "service-catalog")
    assert [text for text in named if text not in details["error"]["message"]] == []
    assert (door.letters(), door.started) == ([], [])


@pytest.mark.parametrize("artifact", ["{", '{"account_type": 1}', "[]", '{"account_type": "castle"}'])
def test_a_product_that_is_not_ours_is_refused(world: World, door: Door, published: Published, artifact: str) -> None:
    world.gateways.product_artifacts = Artifacts(artifact)  # type: ignore[assignment]
    assert door.take(message()).code == "InvalidRequest"
    assert published.types() == ["AccountRequestRejected"]


@pytest.mark.parametrize("missing", ["artifact", "launchRoleArn"])
def test_a_product_without_artifact_or_launch_role_is_refused(door: Door, published: Published, missing: str) -> None:
    assert door.take({**message(), missing: None}).code == "InvalidRequest"
    assert published.types() == ["AccountRequestRejected"]


def test_a_record_id_that_stands_for_a_request_of_another_door_is_refused(
    world: World, door: Door, published: Published
) -> None:
    door.take(message())
    stored = world.table.request(RECORD)
    other = {"requester": {"door": "api", "principal": "arn:x", "on_behalf_of": None}}
    world.table.update_request(stored.request_id, other)
    assert door.take(message()) == Output(request_id=RECORD, code="RequestConflict")
    assert published.types() == ["AccountRequestRejected"]


@pytest.mark.parametrize(
    ("operation", "kind", "reason"),
    [
        ("UPDATE_PROVISION_PRODUCT", "update", NO_UPDATE),
        ("UPDATE_PROVISIONED_PRODUCT", "update", NO_UPDATE),
        ("TERMINATE_PROVISION_PRODUCT", "termination", NO_TERMINATION),
        ("TERMINATE_PROVISIONED_PRODUCT", "termination", NO_TERMINATION),
    ],
)
def test_changes_and_closing_are_refused_at_once(
    door: Door, results: Results, *, operation: str, kind: str, reason: str
) -> None:
    assert door.take(message(operation)).request_id is None
    assert results.told == [(kind, RECORD, TOKEN, reason)]
    assert (door.started, door.letters()) == ([], [])


@pytest.mark.parametrize(
    "body",
    [
        "{",
        [],
        {},
        message(token=""),
        message(token="x" * 20_001),
        message(recordId="no id"),
        message("DANCE"),
        message(parameters="none"),
    ],
)
def test_what_names_no_record_is_put_aside_with_the_reason(door: Door, published: Published, body: Any) -> None:
    assert door.take(body) == Output(request_id=None, code="InvalidRequest")
    (letter,) = door.letters()
    assert letter["code"] == "InvalidRequest"
    assert published.events == []


def test_what_an_operator_must_mend_comes_back_and_is_put_aside_at_last(world: World, door: Door) -> None:
    def denied(path: str, launch_role_arn: str) -> str:
        raise AccessDenied(f"AssumeRole: AccessDenied: {launch_role_arn} for {path}")

    world.gateways.product_artifacts.read = denied  # type: ignore[method-assign]
    with pytest.raises(AccessDenied):
        door.take(message())
    assert not door.give_up(message(), AccessDenied("no"), receives=4)
    assert door.give_up(message(), AccessDenied("no"), receives=5)
    (letter,) = door.letters()
    assert (letter["code"], letter["reason"]) == ("AccessDenied", "no")


def test_a_parameter_that_is_given_twice_is_refused_by_its_name(door: Door, published: Published) -> None:
    twice = [{"key": "name", "value": "a"}, {"key": "name", "value": "b"}]
    assert door.take(message(parameters=twice)).code == "InvalidRequest"
    ((_, details),) = published.events
    expected = InvalidRequest([FieldProblem("name", "is given twice", "give each parameter once")])
    assert details["error"]["message"].startswith(str(expected))
