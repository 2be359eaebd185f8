"""The history of an execution: its events on the emulator's clock, none after its end, and GetExecutionHistory."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from moto.stepfunctions.parser.asl.eval.event import event_manager
from moto.stepfunctions.parser.asl.eval.event.event_manager import EventHistoryContext, EventManager

from avm_emulator.workflows.patching import replace

MAXIMUM_EVENTS = 25_000
"""Events of one execution; it fails when they are reached (Step Functions quotas)."""

_DATA = ("input", "inputDetails", "output", "outputDetails")


def silence(env: Any) -> None:
    """Keep what still runs in ``env`` and its frames out of the history: its state was given up."""
    env.event_history_context.silent = True
    for frame in list(env._frames):
        silence(frame)


def history_page(
    events: list[dict[str, Any]], *, start: int, size: int, reverse: bool, with_data: bool
) -> tuple[list[dict[str, Any]], int | None]:
    """Return one page of events, and where the next one starts (None: there is none).

    Args:
        events: all of them, oldest first.
        start: how many to skip.
        size: how many at most.
        reverse: latest first.
        with_data: with inputs and outputs.
    """
    ordered = events[::-1] if reverse else events
    page = ordered[start : start + size]
    following = start + size if start + size < len(ordered) else None
    return page if with_data else [_without_data(event) for event in page], following


def _without_data(event: dict[str, Any]) -> dict[str, Any]:
    return {
        name: {key: value for key, value in member.items() if key not in _DATA} if isinstance(member, dict) else member
        for name, member in event.items()
    }


def _in_milliseconds(value: datetime) -> datetime:
    """Return a time as exact as AWS tells it."""
    return value.replace(microsecond=value.microsecond // 1000 * 1000)


_original_add_event = EventManager.add_event


def _add_event(manager: EventManager, context: EventHistoryContext, *args: Any, **kwargs: Any) -> int:
    if context.silent or manager.closed:
        return context.last_published_event_id
    event_id: int = _original_add_event(manager, context, *args, **kwargs)
    if event_id == MAXIMUM_EVENTS - 1 and manager.when_full is not None:
        manager.when_full()
    return event_id


def apply() -> None:
    """Repair the history: moto goes on writing after the last event, and of states that were given up."""
    EventHistoryContext.silent = False
    EventManager.closed = False
    EventManager.when_full = None
    replace(EventManager, "add_event", _add_event)
    # moto makes texts of the times.
    replace(event_manager, "iso_8601_datetime_with_milliseconds", _in_milliseconds)
