"""AdoptAccount."""

import pytest

from avm.domain.account import RELEASED_TAG
from avm.domain.errors import AccountNotAdoptable, AccountNotFound, RecordInconsistent, RequestCancelled
from avm.steps import adopt_account, move_account, park_account
from avm.steps.watch_vends import ATTEMPTS, watch_vends
from tests.unit.steps.conftest import World
from tests.unit.steps.recorders import Executions, Published

MANAGEMENT = "123456789012"
FAILURE = {"failed_state": "MoveAccount", "error": "AccessDenied", "cause": "no"}


def test_the_account_is_marked_as_released_and_becomes_the_requests(world: World, published: Published) -> None:
    account_id = world.by_hand()
    record = world.adopting(account_id, type="development")
    assert world.run(adopt_account, record).account_id == account_id
    assert RELEASED_TAG in world.organizations.tags(account_id)
    stored, account = world.table.request(record.request_id), world.table.account(account_id)
    assert account is not None
    assert (stored.account_id, stored.adopted_from) == (account_id, world.organizations.root_id())
    assert (account.status, account.request_id, account.ou) == ("VENDING", record.request_id, "Dev")
    assert published.types() == ["AccountAdopted"]


def test_a_second_run_changes_nothing(world: World, published: Published) -> None:
    record = world.adopting(world.by_hand())
    world.run(adopt_account, record)
    since = world.last_call()
    world.run(adopt_account, record)
    assert world.mutating_calls(since) == []
    assert published.types() == ["AccountAdopted"]


def test_the_account_moves_from_where_it_was_taken_and_from_nowhere_else(world: World) -> None:
    account_id = world.by_hand()
    organizations = world.organizations
    organizations.move_account(account_id, organizations.root_id(), organizations.ou_id("Test"))
    record = world.adopting(account_id, type="sandbox")
    world.run(adopt_account, record)
    world.run(move_account, record, account_id=account_id)
    assert organizations.parent_id(account_id) == organizations.ou_id("Sandbox")


@pytest.mark.parametrize("why", ["no request of the machine", "closed", "foreign OU", "no way in", "management"])
def test_what_cannot_be_adopted_is_rejected_and_nothing_is_changed(world: World, why: str) -> None:
    account_id = world.by_hand(**({"RoleName": "Other"} if why == "no way in" else {}))
    client = world.emulator.clients.client("organizations")
    if why == "closed":
        client.close_account(AccountId=account_id)
        world.emulator.clock.advance(600)
    elif why == "foreign OU":
        root = world.organizations.root_id()
        unit = client.create_organizational_unit(ParentId=root, Name=f"Others-{world.number}")["OrganizationalUnit"]
        client.move_account(AccountId=account_id, SourceParentId=root, DestinationParentId=unit["Id"])
    adopted = MANAGEMENT if why == "management" else account_id
    record = world.started() if why == "no request of the machine" else world.adopting(adopted)
    since = world.last_call()
    with pytest.raises((AccountNotAdoptable, RecordInconsistent)):
        world.run(adopt_account, record)
    assert world.mutating_calls(since) == []
    assert world.table.request(record.request_id).account_id is None


def test_an_account_that_the_organization_does_not_have_is_named(world: World) -> None:
    with pytest.raises(AccountNotFound, match="999999999999"):
        world.run(adopt_account, world.adopting("999999999999"))


def test_an_account_of_another_request_is_left_to_it(world: World) -> None:
    born, account_id = world.created()
    with pytest.raises(AccountNotAdoptable, match=born.request_id):
        world.run(adopt_account, world.adopting(account_id))


def test_the_tag_of_an_earlier_machine_is_no_obstacle(world: World) -> None:
    account_id = world.by_hand()
    world.organizations.tag(account_id, {"avm:request-id": "of-an-earlier-machine"})
    assert world.run(adopt_account, world.adopting(account_id)).account_id == account_id


def test_a_request_that_was_cancelled_meanwhile_takes_nothing(world: World) -> None:
    account_id = world.by_hand()
    record = world.adopting(account_id)
    world.table.update_request(record.request_id, {"status": "CANCELLED"})
    with pytest.raises(RequestCancelled):
        world.run(adopt_account, record)
    assert world.table.account(account_id) is None


@pytest.mark.usefixtures("executions")
@pytest.mark.parametrize("known", [True, False])
def test_an_adopted_account_is_never_quarantined_even_where_its_mark_is_gone(world: World, *, known: bool) -> None:
    account_id = world.by_hand()
    record = world.adopting(account_id)
    world.run(adopt_account, record)
    client = world.emulator.clients.client("organizations")
    client.untag_resource(ResourceId=account_id, TagKeys=[RELEASED_TAG])
    ids = {"account_id": account_id, "adopts": account_id} if known else {}
    world.run(park_account, record, **ids, **FAILURE)
    account = world.table.account(account_id)
    assert account is not None
    assert (world.table.request(record.request_id).status, account.status) == ("PARKED", "PARKED")
    assert world.catalog.quarantine.aws_name not in world.organizations.attached_scps(account_id)


def test_the_watchdog_does_not_quarantine_it_either(world: World, executions: Executions) -> None:
    account_id = world.by_hand()
    record = world.adopting(account_id)
    world.run(adopt_account, record)
    world.emulator.clients.client("organizations").untag_resource(ResourceId=account_id, TagKeys=[RELEASED_TAG])
    world.table.update_request(record.request_id, {"interruptions": ATTEMPTS})
    executions.statuses[f"{record.request_id}-{record.attempt}"] = "FAILED"
    world.emulator.clock.advance(600)
    watch_vends(world.now(), world.gateways)
    assert world.table.request(record.request_id).status == "PARKED"
    assert world.catalog.quarantine.aws_name not in world.organizations.attached_scps(account_id)
