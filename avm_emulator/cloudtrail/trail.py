"""What becomes of a management call: it enters the history, and the rules that want it get an event, minutes later."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from moto.events.models import events_backends

from avm_emulator.cloudtrail.naming import is_management
from avm_emulator.delivery.rules import CLOUDTRAIL_DETAIL_TYPE, wants
from avm_emulator.duplicates import copies

if TYPE_CHECKING:
    from werkzeug import Response

    from avm_emulator.boundary import Call
    from avm_emulator.cloudtrail.history import History, Recorded


class Trail:
    """Stands around every call of one emulator."""

    def __init__(self, history: History) -> None:
        """Let calls enter ``history``."""
        self._history = history
        self._clock = history.emulator.clock

    def record(self, call: Call, proceed: Callable[[], Response]) -> Response:
        """Have a call answered and record it (a wrapper of the boundary)."""
        response = proceed()
        if is_management(call):
            self._deliver(self._history.add(call, response))
        return response

    def _deliver(self, recorded: Recorded) -> None:
        """Put the event of a call on its bus after the latency of CloudTrail, if a rule there wants it now.

        Where none does, nothing is due: at speed max the clock would jump to it. It may arrive twice, as all that is
        delivered.
        """
        account, region = recorded.call.account, recorded.region
        rules = _rules(account, region)
        if not rules:
            return
        event = _event(recorded)
        if not any(wants(rule, event) for rule in rules):
            return
        entry = {
            "Source": event["source"],
            "DetailType": event["detail-type"],
            "Detail": json.dumps(event["detail"]),
            "Time": recorded.call.time,
        }

        def put() -> None:
            events_backends[account][region].put_events([entry])

        for _ in range(copies()):
            self._clock.call_at(recorded.delivered_at, put, name=f"{recorded.event_name} via CloudTrail")


def _rules(account: str, region: str) -> list[Any]:
    """Return the rules of a default bus; look without touching, because moto makes what it is asked for."""
    of_account = dict.get(events_backends, account)
    backend = None if of_account is None else dict.get(of_account, region)
    return [] if backend is None else list(backend.event_buses["default"].rules.values())


def _event(recorded: Recorded) -> dict[str, Any]:
    """Return the event as rules see it."""
    return {
        "version": "0",
        "source": f"aws.{recorded.event_source.partition('.')[0]}",
        "detail-type": CLOUDTRAIL_DETAIL_TYPE,
        "account": recorded.call.account,
        "time": recorded.record["eventTime"],
        "region": recorded.region,
        "resources": [],
        "detail": recorded.record,
    }
