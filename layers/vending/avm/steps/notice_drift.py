"""NoticeDrift: what CloudTrail has recorded becomes a look at the controls that it may have made untrue.

An event is a hint: nothing is changed because of it, only looked at (aws-semantics 9.2). One control of one account is
looked at once in a cool-down window, whatever number of events there is: the execution's name says which. An event that
comes after that look brings one more, at the window's end.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from pydantic import TypeAdapter, ValidationError

from avm.aws.step_functions import ControlRuns
from avm.controls.control import DriftEvent
from avm.controls.registry import all_controls
from avm.domain.account import AccountRecord
from avm.domain.drift import RecordedCall
from avm.domain.foundation import FOUNDATIONAL_TYPES
from avm.domain.membership import MembershipEvent
from avm.domain.time import from_epoch_ms, from_iso, iso
from avm.foundation.registry import all_foundation_controls
from avm.steps.gateways import Gateways
from avm.steps.membership import controls_to_look_at, depart, has_departed, joined
from avm.steps.messages import Input, give_up
from avm.steps.step import StepOutput

__all__ = ["Input", "Output", "give_up", "run"]

_EVENT: TypeAdapter[RecordedCall | MembershipEvent] = TypeAdapter(RecordedCall | MembershipEvent)
UNDER_CARE = frozenset({"READY", "FOUNDATION"})
"""Accounts in these states are kept true; in others a vend is under way, or an operator is needed."""


class Output(StepOutput):
    """The runs that an event has brought about, or why none."""

    started: tuple[str, ...] = ()
    dropped: str | None = None

    def counted(self) -> tuple[str, ...]:
        """Count what was dropped."""
        return ("EventDropped",) if self.dropped else ()


def run(step: Input, gateways: Gateways) -> Output:
    """Start the looks that an event calls for; what is no event, or not ours to look at, is dropped with the reason.

    Raises Transient and NeedsOperator: then the message is not done with.
    """
    try:
        event = _EVENT.validate_json(step.body)
    except ValidationError as error:
        return Output(dropped=f"no record of a call: {error}")
    now = from_epoch_ms(step.system.sent_epoch_ms)
    return _take_in(event, now, gateways) if isinstance(event, MembershipEvent) else _hint(event, now, gateways)


def _hint(call: RecordedCall, now: str, gateways: Gateways) -> Output:
    if call.detail.error_code is not None:
        return Output(dropped=f"the call was refused: {call.detail.error_code}")
    if gateways.is_own(call.account, call.detail.actor.role):
        return Output(dropped="the machine's own call")
    accounts = call.accounts(gateways.management_account_id)
    if accounts is None:
        return Output(started=(start_foundation_look(now, gateways, call.cause()),))
    looks = [look for account_id in sorted(accounts) for look in _looks_at(account_id, call, now, gateways)]
    if _touches_foundation(call, gateways):
        looks.append(start_foundation_look(now, gateways, call.cause()))
    if not looks:
        return Output(dropped=f"nothing that it may have changed is under care: {', '.join(sorted(accounts))}")
    return Output(started=tuple(looks))


def _take_in(event: MembershipEvent, now: str, gateways: Gateways) -> Output:
    """Keep who belongs to the organization, once AWS shows it; one that has come back is looked at as a whole."""
    if event.account != gateways.management_account_id:
        return Output(dropped=f"account {event.account} is not the management account: only there it is told")
    if event.has_joined:
        found = joined(event, now, gateways)
        if isinstance(found, str):
            return Output(dropped=found)
        return Output(
            started=tuple(start_look(found, name, now, gateways) for name in controls_to_look_at(found, gateways))
        )
    account = gateways.table.account(event.account_id)
    if account is None or account.status not in UNDER_CARE:
        return Output(dropped=f"account {event.account_id} is not under care")
    if not has_departed(event.account_id, gateways):
        return Output(dropped=f"AWS still shows account {event.account_id}: the next sweep looks again")
    depart(account, now, gateways, event.method)
    return Output()


def _looks_at(account_id: str, call: RecordedCall, now: str, gateways: Gateways) -> Iterator[str]:
    account = gateways.table.account(account_id)
    if account is None or account.status not in UNDER_CARE:
        return
    seen = call.detail.event_source, call.detail.event_name
    for name in controls_to_look_at(account, gateways):
        if seen in {(event.source, event.name) for event in all_controls()[name].drift_events}:
            yield start_look(account, name, now, gateways, cause=call.cause())


def _touches_foundation(call: RecordedCall, gateways: Gateways) -> bool:
    """Say whether it was made in an account of the foundation, and may have changed what all accounts rest on."""
    seen = DriftEvent(call.detail.event_source, call.detail.event_name)
    if all(seen not in control.drift_events for control in all_foundation_controls().values()):
        return False
    account = gateways.table.account(call.account)
    return account is not None and account.type in FOUNDATIONAL_TYPES


def start_look(
    account: AccountRecord, control: str, now: str, gateways: Gateways, cause: dict[str, Any] | None = None
) -> str:
    """Start a look at one control of an account, and its repair; return the name of the execution that will look.

    ``cause``: the event that has hinted at it; without one, a sweep has found it untrue. In one window there is one
    look; where there was one already, the next begins when the window ends.
    """
    request = gateways.table.request(account.request_id)
    document = {
        "account_id": account.account_id,
        "request_id": account.request_id,
        "attempt": request.attempt,
        "control": control,
        "cause": cause,
    }
    return _begin(gateways.drift_runs, f"drift-{account.account_id}-{control}", document, now, gateways)


def start_foundation_look(now: str, gateways: Gateways, cause: dict[str, Any] | None = None) -> str:
    """Start a look at the foundation, by the same rules; to mend it is an operator's decision."""
    document = {"purpose": "observe", "cause": cause}
    return _begin(gateways.foundation_runs, "drift-foundation", document, now, gateways)


def _begin(runs: ControlRuns, stem: str, document: Mapping[str, Any], now: str, gateways: Gateways) -> str:
    """Begin the run of this window; where there is one already, that of the next, which waits for it to begin."""
    seconds = gateways.catalog.organization.remediation.cooldown_seconds
    window = int(from_iso(now).timestamp() // seconds)
    starts = now
    for number in (window, window + 1):
        name = f"{stem}-{number}"
        if runs.begin(name, {**document, "not_before": starts}):
            break
        starts = iso(datetime.fromtimestamp((window + 1) * seconds, UTC))
    return name
