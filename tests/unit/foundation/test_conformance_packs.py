"""The conformance packs of the OUs, as the security account deploys them, on the emulator's organization."""

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest

from avm.aws.organization_packs import OrganizationPacks
from avm.aws.organizations import Account, Organizations
from avm.domain.account import RELEASED_TAG, REQUEST_ID_TAG
from avm.domain.errors import ConcurrentChange, FoundationBehind
from avm.foundation.control import Look, Step
from avm.foundation.registry import all_foundation_controls
from avm_emulator.preparation.accounts import NewAccount, create_accounts
from tests.unit.foundation.conftest import HOME, REGIONS, Hands

PACKS = "conformance-packs"
EXPOSURE, RESILIENCE, IDENTITY = "avm-exposure", "avm-resilience", "avm-identity"
PUT, DELETE = "config:PutOrganizationConformancePack", "config:DeleteOrganizationConformancePack"


@pytest.fixture(scope="module", autouse=True)
def accounts(hands: Hands) -> dict[str, str]:
    """Return an account in Prod and one in Sandbox, which record, as those of the foundation do."""
    hands.apply("service-administrators")
    wanted = [NewAccount("live", "live@example.com", "Prod"), NewAccount("try", "try@example.com", "Sandbox")]
    ids = create_accounts(hands.ground.emulator, wanted)
    for account_id in (*ids.values(), hands.account_id, hands.other_id):
        record_everywhere(hands, account_id)
    return {**ids, "security": hands.account_id, "other": hands.other_id}


def inside(hands: Hands, account_id: str, service: str, region: str = HOME) -> Any:
    role = f"arn:aws:iam::{account_id}:role/OrganizationAccountAccessRole"
    return hands.ground.emulator.clients.client(service, region, role_arn=role)


def record_everywhere(hands: Hands, account_id: str) -> None:
    inside(hands, account_id, "iam").create_service_linked_role(AWSServiceName="config.amazonaws.com")
    for region in REGIONS:
        record(hands, account_id, region)


def record(hands: Hands, account_id: str, region: str) -> None:
    role = f"arn:aws:iam::{account_id}:role/aws-service-role/config.amazonaws.com/AWSServiceRoleForConfig"
    recorder = {"name": "default", "roleARN": role}
    inside(hands, account_id, "config", region).put_configuration_recorder(ConfigurationRecorder=recorder)


def settle(hands: Hands) -> None:
    hands.ground.emulator.clock.advance(3600)


@contextlib.contextmanager
def at_work(hands: Hands) -> Iterator[None]:
    """Let AWS end nothing that it has begun."""
    clock = hands.ground.emulator.clock
    clock.hold(held=True)
    yield
    clock.hold(held=False)
    settle(hands)


def aws_name(hands: Hands, name: str) -> str:
    return hands.ground.catalog.conformance_packs[name].aws_name


def excluded(hands: Hands, name: str, region: str = HOME) -> set[str]:
    packs = OrganizationPacks(hands.security(region), region).all()
    return set(packs[aws_name(hands, name)].excluded)


def changes(look: Look) -> list[tuple[str, str]]:
    return [(step.operation, step.subject) for step in look.steps]


def subject(hands: Hands, name: str, region: str = HOME) -> str:
    return f"conformance pack {aws_name(hands, name)} in {region}"


def test_every_pack_is_put_once_into_each_region_in_which_it_judges(hands: Hands, accounts: dict[str, str]) -> None:
    since = hands.ground.last_call()
    found = hands.look(PACKS)
    wanted = [subject(hands, name, region) for region in REGIONS for name in (EXPOSURE, RESILIENCE)]
    assert {step.subject for step in found.steps} == {subject(hands, IDENTITY), *wanted}
    assert hands.ground.mutating_calls(since) == []
    with at_work(hands):
        hands.apply(PACKS)
        found = hands.look(PACKS)
        assert (found.status, found.steps, len(found.waits_for)) == ("pending", (), 7)
    since = hands.ground.last_call()
    assert (hands.look(PACKS).status, hands.apply(PACKS)) == ("compliant", [])
    assert hands.ground.mutating_calls(since) == []
    management = hands.ground.emulator.management_account_id
    assert excluded(hands, EXPOSURE) == {management}
    assert excluded(hands, RESILIENCE) == {management, *accounts.values()} - {accounts["live"]}


def _gone(hands: Hands, _: dict[str, str]) -> None:
    name = aws_name(hands, EXPOSURE)
    hands.security(REGIONS[1]).client("config").delete_organization_conformance_pack(
        OrganizationConformancePackName=name
    )


def _without_production(hands: Hands, accounts: dict[str, str]) -> None:
    pack = hands.ground.catalog.conformance_packs[EXPOSURE]
    OrganizationPacks(hands.security(REGIONS[1]), REGIONS[1]).put(pack.aws_name, pack.body, [accounts["live"]])
    settle(hands)


@pytest.mark.parametrize("break_it", [_gone, _without_production])
def test_accounts_that_are_not_judged_are_found_and_mended(
    hands: Hands, accounts: dict[str, str], break_it: Callable[[Hands, dict[str, str]], None]
) -> None:
    break_it(hands, accounts)
    found = hands.look(PACKS)
    assert (found.status, changes(found)) == ("violated", [(PUT, subject(hands, EXPOSURE, REGIONS[1]))])
    settle(hands)
    hands.apply(PACKS)
    settle(hands)
    assert hands.look(PACKS).status == "compliant"
    assert excluded(hands, EXPOSURE, REGIONS[1]) == {hands.ground.emulator.management_account_id}


def test_what_aws_works_on_is_tried_again_later(hands: Hands, accounts: dict[str, str]) -> None:
    with at_work(hands):
        _gone(hands, accounts)
        (step,) = hands.look(PACKS).steps
        with pytest.raises(ConcurrentChange):
            step.act()
    hands.apply(PACKS)
    settle(hands)
    assert hands.look(PACKS).status == "compliant"


def test_a_new_account_is_judged_at_once_and_taken_out_of_what_is_not_for_it_by_the_next_apply(hands: Hands) -> None:
    ids = create_accounts(hands.ground.emulator, [NewAccount("new", "new@example.com", "Test")])
    record_everywhere(hands, ids["new"])
    settle(hands)
    name = aws_name(hands, RESILIENCE)
    told = (
        hands.security(HOME)
        .client("config")
        .get_organization_conformance_pack_detailed_status(
            OrganizationConformancePackName=name, Filters={"AccountId": ids["new"]}
        )
    )
    assert [each["Status"] for each in told["OrganizationConformancePackDetailedStatuses"]] == ["CREATE_SUCCESSFUL"]
    found = hands.look(PACKS)
    assert found.status == "compliant"
    assert changes(found) == [(PUT, subject(hands, RESILIENCE, region)) for region in REGIONS]
    assert all(step.is_surplus for step in found.steps)
    hands.apply(PACKS)
    settle(hands)
    assert (hands.look(PACKS).status, hands.look(PACKS).steps) == ("compliant", ())
    assert ids["new"] in excluded(hands, RESILIENCE)


def test_packs_of_ours_that_the_catalog_no_longer_names_go_and_those_of_others_stay(hands: Hands) -> None:
    packs = OrganizationPacks(hands.security(HOME), HOME)
    body = hands.ground.catalog.conformance_packs[IDENTITY].body
    theirs = ("theirs", "avm-exposure-by-hand")
    for name in ("avm-former-0a1b2c3d", "avm-exposure-00000000", *theirs):
        packs.put(name, body, [hands.ground.emulator.management_account_id])
    settle(hands)
    found = hands.look(PACKS)
    assert {*changes(found)} == {
        (DELETE, f"conformance pack {name} in {HOME}") for name in ("avm-former-0a1b2c3d", "avm-exposure-00000000")
    }
    assert {*found.left_alone} == {f"conformance pack {name} in {HOME}" for name in theirs}
    with at_work(hands):
        hands.apply(PACKS)
        found = hands.look(PACKS)
        assert (found.status, found.steps, len(found.waits_for)) == ("pending", (), 2)
    assert hands.look(PACKS).status == "compliant"
    assert {*theirs} <= packs.all().keys()


@pytest.fixture
def dark(hands: Hands, accounts: dict[str, str]) -> Any:
    """Return an account of Sandbox that does not record, and into which a pack could not be deployed."""
    account_id = accounts["try"]
    inside(hands, account_id, "config").delete_configuration_recorder(ConfigurationRecorderName="default")
    pack = hands.ground.catalog.conformance_packs[EXPOSURE]
    hands.ground.emulator.clock.advance(8 * 3600)  # AWS tries no longer by itself
    OrganizationPacks(hands.security(HOME), HOME).put(pack.aws_name, pack.body, excluded(hands, EXPOSURE))
    settle(hands)
    yield account_id
    hands.ground.organizations.untag_resource(ResourceId=account_id, TagKeys=[REQUEST_ID_TAG, RELEASED_TAG])
    record(hands, account_id, HOME)
    OrganizationPacks(hands.security(HOME), HOME).put(pack.aws_name, pack.body, excluded(hands, EXPOSURE))
    settle(hands)
    assert hands.look(PACKS).status == "compliant"


@pytest.mark.parametrize(
    ("tags", "status"),
    [((), "compliant"), ((REQUEST_ID_TAG,), "pending"), ((REQUEST_ID_TAG, RELEASED_TAG), "violated")],
)
def test_an_account_without_the_pack_is_others_or_waited_for_or_given_it_again(
    hands: Hands, dark: str, tags: tuple[str, ...], status: str
) -> None:
    hands.ground.organizations.tag_resource(ResourceId=dark, Tags=[{"Key": key, "Value": "x"} for key in tags])
    found = hands.look(PACKS)
    assert found.status == status
    named = f"{subject(hands, EXPOSURE)} in account {dark}: NoAvailableConfigurationRecorder"
    if status == "violated":
        assert changes(found) == [(PUT, subject(hands, EXPOSURE))]
    else:
        assert (found.waits_for if status == "pending" else found.left_alone[:1]) == (named,)


def test_more_accounts_than_aws_leaves_out_are_told(hands: Hands, monkeypatch: pytest.MonkeyPatch) -> None:
    many = [Account(str(10**11 + number), "", "", "ACTIVE", "o-1") for number in range(1001)]
    monkeypatch.setattr(Organizations, "accounts", lambda _: many)
    found = hands.look(PACKS)
    assert (found.status, found.steps) == ("violated", ())
    assert "leaves out 1001 accounts, and AWS takes 1000" in found.by_hand[0]


def test_without_the_administration_of_deployments_it_says_so(hands: Hands) -> None:
    principal = {"AccountId": hands.account_id, "ServicePrincipal": "config-multiaccountsetup.amazonaws.com"}
    hands.ground.organizations.deregister_delegated_administrator(**principal)
    with pytest.raises(FoundationBehind, match="does not administer config-multiaccountsetup"):
        OrganizationPacks(hands.security(HOME), HOME).all()
    hands.ground.organizations.register_delegated_administrator(**principal)


def test_where_aws_admits_no_further_pack_it_says_so(hands: Hands) -> None:
    packs = OrganizationPacks(hands.security(HOME), HOME)
    body = hands.ground.catalog.conformance_packs[IDENTITY].body
    with pytest.raises(FoundationBehind, match="has to go"):  # noqa: PT012  one of them is one too many
        for number in range(51):
            packs.put(f"theirs-{number}", body, [])


def test_a_surplus_makes_nothing_untrue() -> None:
    surplus = Step("a:B", "c", lambda: None, is_surplus=True)
    assert Look({}, (surplus,)).status == "compliant"
    assert Look({}, (surplus,), waits_for=("d",)).status == "pending"
    assert Look({}, (surplus, replace(surplus, is_surplus=False))).status == "violated"


def test_it_comes_after_the_accounts_that_record() -> None:
    assert all_foundation_controls()[PACKS].needs == ("foundational-accounts",)
