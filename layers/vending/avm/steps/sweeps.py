"""Sweeps as the API starts and shows them."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from avm.domain.errors import ReportNotFound
from avm.steps.gateways import Gateways

LATEST = "latest"
_ID = re.compile(r"[A-Za-z0-9_-]{1,80}")


def start_sweep(*, new_id: Callable[[], str], gateways: Gateways) -> dict[str, Any]:
    """Start a sweep and return ``{"observation_id", "status"}``."""
    sweep_id = f"sweep-{new_id()}"
    gateways.sweeps.start(sweep_id, {})
    return {"observation_id": sweep_id, "status": "RUNNING"}


def show_sweep(sweep_id: str, gateways: Gateways) -> dict[str, Any]:
    """Return how a sweep stands, and its report; raises ReportNotFound where there was none by this id."""
    if not _ID.fullmatch(sweep_id):
        message = f"there is no sweep {sweep_id!r}"
        raise ReportNotFound(message)
    try:
        report = gateways.reports.sweep(None if sweep_id == LATEST else sweep_id)
    except ReportNotFound:
        status = None if sweep_id == LATEST else gateways.sweeps.status(sweep_id)
        if status is None:
            raise
        return {"observation_id": sweep_id, "status": status, "report": None}
    document = report.model_dump(mode="json")
    return {"observation_id": report.observation_id, "status": "SUCCEEDED", "report": document}
