"""ValidateRequest."""

import pytest

from avm.domain.errors import InvalidRequest, RequestNotFound, RequestOutdated
from avm.steps import validate_request
from tests.unit.steps.conftest import World


def test_the_vend_begins(world: World) -> None:
    record = world.accepted()
    world.run(validate_request, record)
    assert world.table.request(record.request_id).status == "IN_PROGRESS"
    assert [row.action for row in world.table.audit(record.request_id)] == ["RequestAccepted", "VendStarted"]


def test_a_second_run_changes_nothing(world: World) -> None:
    record = world.accepted()
    world.run(validate_request, record)
    before = world.table.request(record.request_id)
    world.run(validate_request, record)
    assert world.table.request(record.request_id) == before


def test_a_request_that_the_catalog_no_longer_allows_is_refused(world: World) -> None:
    record = world.accepted()
    without_sandbox = {name: kind for name, kind in world.catalog.account_types.items() if name != "sandbox"}
    world.gateways.catalog = world.catalog.model_copy(update={"account_types": without_sandbox})
    with pytest.raises(InvalidRequest, match="sandbox"):
        world.run(validate_request, record)
    assert world.table.request(record.request_id).status == "QUEUED"


@pytest.mark.parametrize("changes", [{"account_id": "111111111111"}, {"creation_called_at": "2026-01-01T00:00:00Z"}])
def test_where_an_account_was_asked_for_nothing_is_rejected_any_more(world: World, changes: dict[str, str]) -> None:
    record = world.accepted()
    world.table.update_request(record.request_id, changes)
    without_sandbox = {name: kind for name, kind in world.catalog.account_types.items() if name != "sandbox"}
    world.gateways.catalog = world.catalog.model_copy(update={"account_types": without_sandbox})
    with pytest.raises(RequestOutdated, match=r"no longer admits the request: .*sandbox"):
        world.run(validate_request, record)


@pytest.mark.parametrize(("approval", "answer"), [(False, "NONE"), (True, "NEEDED")])
def test_the_catalog_says_whether_somebody_has_to_agree(
    world: World,
    approval: bool,  # noqa: FBT001  a parameter of the test
    answer: str,
) -> None:
    sandbox = world.catalog.account_types["sandbox"].model_copy(update={"approval": approval})
    types = {**world.catalog.account_types, "sandbox": sandbox}
    world.gateways.catalog = world.catalog.model_copy(update={"account_types": types})
    assert world.run(validate_request, world.accepted()).approval == answer


def test_an_unknown_request_is_named(world: World) -> None:
    record = world.accepted().model_copy(update={"request_id": "nobody"})
    with pytest.raises(RequestNotFound, match="nobody"):
        world.run(validate_request, record)
