"""An account as the API shows it, and what it starts: an observation of all controls, or a repair of some."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from avm.contracts.report import Report
from avm.contracts.signed_report import SignedReport
from avm.domain.account import AccountRecord
from avm.domain.errors import AccountNotFound, FieldProblem, InvalidRequest
from avm.steps.gateways import Gateways
from avm.steps.plan_controls import Purpose


def account_of(account_id: str, gateways: Gateways) -> AccountRecord:
    """Return the account's record; raises AccountNotFound."""
    record = gateways.table.account(account_id)
    if record is None:
        message = f"there is no account '{account_id}' under this machine"
        raise AccountNotFound(message)
    return record


def report_on(account_id: str, gateways: Gateways, observation_id: str | None = None) -> Report:
    """Return the report of a run on the account, None: the latest; raises AccountNotFound, ReportNotFound."""
    account_of(account_id, gateways)
    if observation_id is None:
        return gateways.reports.latest(account_id)
    return gateways.reports.of_run(account_id, observation_id)


def signed_report_on(account_id: str, gateways: Gateways, observation_id: str | None = None) -> SignedReport:
    """Return the report as it was signed, of a run, None: the latest; raises AccountNotFound, ReportNotFound."""
    account_of(account_id, gateways)
    return gateways.reports.signed(account_id, observation_id)


def observe_account(account_id: str, *, new_id: Callable[[], str], gateways: Gateways) -> dict[str, Any]:
    """Begin to look at all controls; raises AccountNotFound."""
    return _start(account_id, "observe", (), new_id, gateways)


def repair_account(
    account_id: str, controls: Sequence[str], *, new_id: Callable[[], str], gateways: Gateways
) -> dict[str, Any]:
    """Begin to make controls true, without any named all of them; raises AccountNotFound, InvalidRequest."""
    account_type = gateways.catalog.account_type(account_of(account_id, gateways).type)
    problems = [
        FieldProblem(f"controls[{position}]", f"{name!r} is no control of account type {account_type.name}", hint)
        for position, name in enumerate(controls)
        if name not in account_type.controls
        for hint in (f"one of: {', '.join(sorted(account_type.controls))}",)
    ]
    if problems:
        raise InvalidRequest(problems)
    return _start(account_id, "repair", controls, new_id, gateways)


def _start(
    account_id: str, purpose: Purpose, controls: Sequence[str], new_id: Callable[[], str], gateways: Gateways
) -> dict[str, Any]:
    """Start a run and return ``{"observation_id", "account_id", "status"}``; its report will name the id."""
    record = account_of(account_id, gateways)
    request = gateways.table.request(record.request_id)
    observation_id = f"{purpose}-{new_id()}"
    document = {
        "account_id": account_id,
        "request_id": record.request_id,
        "attempt": request.attempt,
        "purpose": purpose,
        "controls": list(controls),
    }
    gateways.control_runs.start(observation_id, document)
    return {"observation_id": observation_id, "account_id": account_id, "status": "PENDING"}
