"""The foundation as the API shows it, and what the API starts: a plan, or an apply."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from avm.contracts.foundation_report import FoundationReport, Purpose
from avm.steps.gateways import Gateways


def start_foundation_run(purpose: Purpose, *, new_id: Callable[[], str], gateways: Gateways) -> dict[str, Any]:
    """Start a run and return ``{"observation_id", "status"}``; its report will name the id."""
    observation_id = f"{purpose}-{new_id()}"
    gateways.foundation_runs.start(observation_id, {"purpose": purpose})
    return {"observation_id": observation_id, "status": "PENDING"}


def foundation_report(gateways: Gateways, observation_id: str | None) -> FoundationReport:
    """Return the report of a run, None: the latest; raises ReportNotFound."""
    if observation_id is None:
        return gateways.reports.latest_foundation()
    return gateways.reports.foundation_of_run(observation_id)
