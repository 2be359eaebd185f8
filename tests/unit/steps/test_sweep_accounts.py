"""SweepAccounts."""

import pytest

from avm.aws.report_archive import ReportArchive
from avm.contracts.signed_report import SignedReport
from avm.domain.errors import AccessDenied, ReportNotArchived, Throttled
from tests.unit.steps.conftest import World
from tests.unit.steps.planted import Plant, Planted, plant
from tests.unit.steps.recorders import Runs
from tests.unit.steps.sweeps import SWEEP, planned, swept

__all__ = ["plant"]


@pytest.fixture
def two(world: World) -> list[str]:
    """Return the ids of two accounts of a sweep."""
    accounts = sorted(world.cared_for()[1] for _ in range(2))
    planned(world)
    return accounts


def test_everything_is_looked_at_and_what_is_untrue_is_handed_on(
    world: World, plant: Plant, two: list[str], drift_runs: Runs
) -> None:
    plant(Planted("book", "violated", "compliant"), Planted("lamp", "compliant"), Planted("ou-guardrails", "violated"))
    assert swept(world).left == ()
    result = world.gateways.reports.sweep_batch(SWEEP, 0)
    assert (result.accounts, result.unseen) == (2, {})
    assert result.compliance == {"compliant": 3, "violated": 3}
    assert [(each.account_id, each.control) for each in result.drifted] == [
        (two[0], "book"),
        (two[0], "ou-guardrails"),
        (two[1], "ou-guardrails"),
    ]
    (name,) = drift_runs.begun
    assert name.startswith(f"drift-{two[0]}-book-"), "what all accounts share is the foundation's"
    assert drift_runs.begun[name]["cause"] is None
    assert world.gateways.reports.latest(two[0]).observation_id == SWEEP
    assert world.gateways.reports.of_run(two[0], SWEEP) == world.gateways.reports.latest(two[0])


@pytest.mark.usefixtures("drift_runs")
def test_what_aws_does_not_show_for_the_moment_is_left_for_the_next_look(
    world: World, plant: Plant, two: list[str]
) -> None:
    plant(Planted("book", Throttled("slowly"), "compliant", Throttled("slowly"), "compliant"))
    first = swept(world)
    assert first.left == (two[0],)
    assert world.gateways.reports.sweep_batch(SWEEP, 0).accounts == 1
    second = swept(world, left=first.left, looks=1)
    assert second.left == (two[0],)
    assert swept(world, left=second.left, looks=2).left == ()
    result = world.gateways.reports.sweep_batch(SWEEP, 0)
    assert (result.accounts, result.compliance) == (2, {"compliant": 2})


@pytest.mark.usefixtures("drift_runs")
def test_what_stays_unseen_is_named_in_the_end(world: World, plant: Plant, two: list[str]) -> None:
    plant(Planted("book", Throttled("slowly")))
    swept(world)
    assert swept(world, left=two, looks=20).left == ()
    assert {each.status for each in world.gateways.reports.sweep_batch(SWEEP, 0).drifted} == {"unknown"}


@pytest.mark.usefixtures("drift_runs")
def test_an_account_that_cannot_be_looked_at_keeps_none_of_the_others(
    world: World, plant: Plant, two: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    plant(Planted("book", "compliant"))
    account = world.organizations.account

    def denied(account_id: str) -> object:
        if account_id == two[0]:
            message = "DescribeAccount: no"
            raise AccessDenied(message)
        return account(account_id)

    monkeypatch.setattr(world.organizations, "account", denied)
    assert swept(world).left == ()
    result = world.gateways.reports.sweep_batch(SWEEP, 0)
    assert (result.accounts, result.unseen) == (1, {two[0]: "AccessDenied: DescribeAccount: no"})


def test_a_log_archive_that_takes_no_report_keeps_nothing_from_being_handed_on(
    world: World, plant: Plant, two: list[str], drift_runs: Runs, monkeypatch: pytest.MonkeyPatch
) -> None:
    plant(Planted("book", "violated", "compliant"))

    def refuse(_: object, signed: SignedReport, page: str) -> None:
        assert signed.signature.digest in page
        if signed.account_id == two[0]:
            message = "PutObject: AccessDenied"
            raise ReportNotArchived(message)

    monkeypatch.setattr(ReportArchive, "put", refuse)
    assert swept(world).left == ()
    result = world.gateways.reports.sweep_batch(SWEEP, 0)
    assert (result.accounts, result.unseen) == (2, {})
    assert result.unarchived == {two[0]: "ReportNotArchived: PutObject: AccessDenied"}
    assert [each.account_id for each in result.drifted] == [two[0]]
    assert len(drift_runs.begun) == 1
    assert world.gateways.reports.signed(two[0], SWEEP).observation_id == SWEEP
