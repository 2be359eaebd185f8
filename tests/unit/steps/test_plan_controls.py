"""PlanControls."""

from typing import Any

import pytest

from avm.controls.registry import all_controls
from avm.domain.exemption import Exemption
from avm.steps import plan_controls
from avm_emulator.preparation.accounts import NewAccount, create_accounts
from tests.unit.steps.conftest import World
from tests.unit.steps.planted import Plant, Planted, plant

__all__ = ["plant"]


def planned(world: World, purpose: str, *controls: str) -> list[list[tuple[str, str | None, tuple[str, ...]]]]:
    record, account_id = world.created()
    output: Any = world.run(plan_controls, record, account_id=account_id, purpose=purpose, controls=controls)
    return [[(item.duty, item.region, item.controls) for item in wave.items] for wave in output.waves]


def test_controls_of_one_duty_in_one_place_are_one_item_and_need_earlier_waves(world: World, plant: Plant) -> None:
    plant(
        Planted("shelf", "compliant", scope="region"),
        Planted("lamp", "compliant", scope="region"),
        Planted("house", "compliant", duty="enroll_logging"),
        Planted("book", "compliant", needs=("shelf",)),
    )
    first, second = planned(world, "vend")
    regions = world.catalog.governed_regions
    assert set(regions) == {"eu-west-1", "eu-central-1", "us-east-1"}
    assert first == [
        ("enroll_logging", None, ("house",)),
        *(("harden_account", region, ("lamp", "shelf")) for region in sorted(regions)),
    ]
    assert second == [("harden_account", None, ("book",))]


def test_a_vend_leaves_to_its_own_states_what_they_do(world: World) -> None:
    waves = planned(world, "vend")
    promised = {all_controls()[name].duty for name in world.catalog.account_type("sandbox").controls}
    assert {duty for wave in waves for duty, _, _ in wave} == promised - plan_controls.OWN_STATES
    assert ("attach_guardrails", None, ("account-tags", "budget", "ou-guardrails", "placement")) in waves[0]


def test_a_repair_takes_the_controls_that_are_named_or_all(world: World) -> None:
    assert planned(world, "repair", "account-tags") == [[("attach_guardrails", None, ("account-tags",))]]
    named = {name for wave in planned(world, "repair") for _, _, controls in wave for name in controls}
    assert named == set(world.catalog.account_type("sandbox").controls)


def test_a_repair_of_everything_leaves_what_may_be_untrue(world: World, plant: Plant) -> None:
    plant(Planted("book", "compliant"), Planted("lamp", "compliant"))
    record, account_id = world.created()
    about = {"account_id": account_id, "reason": "x", "owner": "y", "created_at": world.now()}
    world.gateways.drift.put_exemption(Exemption(control="book", until="2099-01-01T00:00:00Z", **about))
    world.gateways.drift.put_exemption(Exemption(control="lamp", until="2020-01-01T00:00:00Z", **about))

    def chosen(*controls: str) -> list[str]:
        output: Any = world.run(plan_controls, record, account_id=account_id, purpose="repair", controls=controls)
        return [name for wave in output.waves for item in wave.items for name in item.controls]

    assert chosen() == ["lamp"]
    assert chosen("book") == ["book"]


def test_to_look_nothing_is_enforced(world: World) -> None:
    assert planned(world, "observe") == planned(world, "verify") == []


def test_the_foundation_is_found_by_its_tags(world: World) -> None:
    record, account_id = world.placed(type="log-archive")
    before: Any = world.run(plan_controls, record, account_id=account_id, purpose="observe")
    assert before.foundation.log_archive_account_id != account_id, "it is still being vended"
    (tagged,) = {before.foundation.log_archive_account_id} - {None} or {account_id}
    world.organizations.tag(account_id, {"avm:released-at": world.now()})
    world.emulator.clock.advance(600)  # lists of accounts lag behind
    after: Any = world.run(plan_controls, record, account_id=account_id, purpose="observe")
    assert after.foundation.log_archive_account_id == tagged


def test_what_was_found_is_looked_at_and_not_searched_for_again(world: World) -> None:
    record, account_id = world.created()
    first: Any = world.run(plan_controls, record, account_id=account_id, purpose="observe")
    assert first.foundation.security_account_id
    since = world.last_call()
    assert world.run(plan_controls, record, account_id=account_id, purpose="observe") == first
    assert "ListAccountsForParent" not in world.calls(since)


@pytest.mark.parametrize("is_member", [True, False])
def test_what_is_another_account_now_is_searched_for(world: World, is_member: bool) -> None:  # noqa: FBT001
    record, account_id = world.created()
    first: Any = world.run(plan_controls, record, account_id=account_id, purpose="observe")
    world.table.keep_foundational_account("security", account_id if is_member else "999999999999")
    again: Any = world.run(plan_controls, record, account_id=account_id, purpose="observe")
    assert again == first
    assert world.table.foundational_account("security") == first.foundation.security_account_id


def test_one_that_is_closed_is_none_any_more(world: World) -> None:
    record, account_id = world.created()
    first: Any = world.run(plan_controls, record, account_id=account_id, purpose="observe")
    security = NewAccount("security-of-old", "old@example.com", "Security", (("avm:type", "security"),))
    (closed_id,) = create_accounts(world.emulator, [security]).values()
    world.emulator.clients.client("organizations").close_account(AccountId=closed_id)
    world.emulator.clock.advance(600)  # lists of accounts lag behind
    world.table.keep_foundational_account("security", closed_id)
    assert world.run(plan_controls, record, account_id=account_id, purpose="observe") == first
    assert world.table.foundational_account("security") == first.foundation.security_account_id != closed_id
