"""AwaitReadiness: the new account answers in every service and Region that is needed later; a gate, not a pause.

One look a call: the workflow waits between the looks, longer each time, and gives up after hours (StillPending).
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Literal

from avm.aws.probes import PROBES, not_ready
from avm.aws.sts import Session
from avm.steps.gateways import Gateways
from avm.steps.step import AccountInput, StepOutput

PASSES_NEEDED = 2
"""AWS's front ends learn of an account one after the other: one good answer may come from the only one that knows."""


class Input(AccountInput):
    """The ids, and how many looks in a row have found everything ready."""

    passes: int = 0


class Output(StepOutput):
    """Whether the account is ready; if not, what it still waits for."""

    status: Literal["READY", "PENDING"]
    passes: int
    waiting_for: str = ""


def run(step: Input, gateways: Gateways) -> Output:
    """Look whether everything answers; stop at the first thing that does not."""
    waiting_for = next((reason for reason in _reasons(step, gateways) if reason), "")
    if waiting_for:
        return Output(status="PENDING", passes=0, waiting_for=waiting_for)
    passes = step.passes + 1
    if passes < PASSES_NEEDED:
        return Output(status="PENDING", passes=passes, waiting_for="a second look that finds everything ready")
    return Output(status="READY", passes=passes)


def _reasons(step: Input, gateways: Gateways) -> Iterator[str | None]:
    account = gateways.organizations.account(step.account_id)
    yield None if account.state == "ACTIVE" else f"account {account.id} is {account.state}"
    session: list[Session] = []
    role_arn = gateways.bootstrap_role(step.account_id)
    sessions = gateways.bootstrap_sessions(step.account_id)  # what the broker is refused is no matter of readiness
    yield not_ready(lambda: session.append(sessions.assume(role_arn, step.request_id)))
    for region in gateways.catalog.governed_regions:
        member = gateways.member_clients(region, session[0])
        for probe in PROBES:
            reason = not_ready(partial(probe, member))
            yield reason and f"{region}: {reason}"
