"""ReserveAccount."""

import pytest

from avm.aws.dynamodb import Audit
from avm.domain.errors import NameTaken, RequestCancelled
from avm.steps import reserve_account
from tests.unit.steps.conftest import World


def test_what_the_door_has_reserved_stays_reserved(world: World) -> None:
    record = world.accepted()
    world.run(reserve_account, record)
    world.run(reserve_account, record)


def test_what_was_freed_and_taken_by_another_is_refused(world: World) -> None:
    record = world.accepted(name="contended")
    world.table.close_request(record, {"status": "REJECTED"}, Audit(world.now(), "x", "RequestRejected"))
    world.accepted(name="Contended")
    with pytest.raises(RequestCancelled):
        world.run(reserve_account, record)
    world.table.update_request(record.request_id, {"status": "QUEUED"})
    with pytest.raises(NameTaken):
        world.run(reserve_account, record)
