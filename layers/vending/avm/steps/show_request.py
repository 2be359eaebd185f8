"""Show requests: what has become of them, with live steps, and their place in the queue."""

from __future__ import annotations

from avm.contracts.request_view import RequestView, request_view
from avm.domain.account_request import OPEN, RequestRecord
from avm.domain.workflow import planned_steps, steps_from_history
from avm.steps.gateways import Gateways


def show_request(record: RequestRecord, gateways: Gateways) -> RequestView:
    """Return the request with its steps: from the execution's history while it runs, from the record afterwards."""
    if record.status not in OPEN:
        return request_view(record)
    history = gateways.workflows.history(record.request_id, record.attempt)
    adopted = record.adopts is not None
    steps = planned_steps(adopted=adopted) if history is None else steps_from_history(history, adopted=adopted)
    waits = record.account_id is None and record.creation_called_at is None
    position = gateways.slots.read("creation").position(record.request_id) if waits else None
    return request_view(record, steps, position)
