"""FinishSweep."""

import pytest

from avm.aws.report_archive import ReportArchive
from avm.domain.errors import ReportNotArchived, ReportNotFound
from avm.steps.sweeps import show_sweep
from tests.unit.steps.conftest import World
from tests.unit.steps.planted import Plant, Planted, plant
from tests.unit.steps.recorders import Runs
from tests.unit.steps.sweeps import SWEEP, finished, planned, swept

__all__ = ["plant"]


@pytest.mark.usefixtures("drift_runs")
def test_the_batches_are_added_up_and_the_foundation_is_looked_at(
    world: World, plant: Plant, foundation_runs: Runs
) -> None:
    plant(Planted("book", "violated"))
    _, account_id = world.cared_for()
    planned(world)
    swept(world)
    output = finished(world)
    assert (output.accounts, output.drifted) == (1, 1)
    report = world.gateways.reports.sweep(SWEEP)
    assert report == world.gateways.reports.sweep(None)
    assert report.drifted == ({"account_id": account_id, "control": "book", "status": "violated"},)
    assert report.compliance == {"violated": 1}
    ((_, document),) = foundation_runs.begun.items()
    assert document["purpose"] == "observe"
    assert show_sweep("latest", world.gateways)["status"] == "SUCCEEDED"


@pytest.mark.usefixtures("drift_runs", "foundation_runs")
def test_what_the_log_archive_did_not_take_is_named(
    world: World, plant: Plant, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        message = "PutObject: AccessDenied"
        raise ReportNotArchived(message)

    monkeypatch.setattr(ReportArchive, "put", refuse)
    plant(Planted("book", "compliant"))
    _, account_id = world.cared_for()
    planned(world)
    swept(world)
    finished(world)
    assert world.gateways.reports.sweep(SWEEP).unarchived == {account_id: "ReportNotArchived: PutObject: AccessDenied"}


def test_without_the_batches_there_is_no_report(world: World) -> None:
    world.cared_for()
    planned(world)
    with pytest.raises(ReportNotFound):
        finished(world)


def test_a_sweep_that_there_is_not_is_none(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(world.gateways, "sweeps", Runs())
    for sweep_id in ("latest", "sweep-none", "../accounts/1/report.json"):
        with pytest.raises(ReportNotFound):
            show_sweep(sweep_id, world.gateways)
    world.gateways.sweeps.begin("sweep-2", {})
    assert show_sweep("sweep-2", world.gateways) == {
        "observation_id": "sweep-2",
        "status": "RUNNING",
        "report": None,
    }
