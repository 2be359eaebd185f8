"""``avm adopt``: bring an account of the organization under the machine, or see first what that would change."""

import json
from pathlib import Path
from typing import Annotated

import typer

from avm_cli.api import JsonObject, VendingApi
from avm_cli.commands.account import AccountArgument
from avm_cli.commands.common import (
    DEFAULT_TIMEOUT,
    JsonOption,
    TimeoutOption,
    finish,
    interruptible,
    vending_api,
    watch,
)
from avm_cli.errors import CliError, ExitCode
from avm_cli.rendering import console, print_json, say, show_error, table
from avm_cli.request_file import read_request
from avm_cli.waiting import Waiting, report_of

_PENDING: JsonObject = {"observation_id": None}


def adopt(
    ctx: typer.Context,
    account_id: AccountArgument,
    *,
    account_type: Annotated[str | None, typer.Option("--type", show_default=False, help="The account type.")] = None,
    owner: Annotated[str | None, typer.Option(show_default=False, help="E-mail of who answers for it.")] = None,
    cost_center: Annotated[str | None, typer.Option(show_default=False, help="Who pays for it.")] = None,
    purpose: Annotated[str | None, typer.Option(show_default=False, help="What it is for, in one line.")] = None,
    request_id: Annotated[str | None, typer.Option(show_default=False, help="Default: adopt-ACCOUNT.")] = None,
    file: Annotated[
        Path | None,
        typer.Option(show_default=False, help="An account request without name and email; options go before it."),
    ] = None,
    plan: Annotated[bool, typer.Option("--plan", help="Show what would change, and change nothing.")] = False,
    no_wait: Annotated[bool, typer.Option("--no-wait", help="Return as soon as the adoption is accepted.")] = False,
    timeout: TimeoutOption = DEFAULT_TIMEOUT,
    as_json: JsonOption = False,
) -> None:
    """Bring an existing account of the organization under the machine, without a quarantine."""
    given = {
        "type": account_type,
        "owner": owner,
        "cost_center": cost_center,
        "purpose": purpose,
        "request_id": request_id,
    }
    body = {**(read_request(file) if file else {}), **{name: value for name, value in given.items() if value}}
    api = vending_api(ctx.obj)
    if plan:
        _plan(api, account_id, body, timeout, ctx.obj, as_json=as_json)
        return
    with interruptible(str(body.get("request_id", f"adopt-{account_id}"))):
        request = api.adopt(account_id, body)
        if not no_wait:
            request = watch(api, request, timeout, ctx.obj)
    finish(api, request, as_json=as_json, waited=not no_wait)


def _plan(
    api: VendingApi, account_id: str, body: JsonObject, timeout: float, waiting: Waiting, *, as_json: bool
) -> None:
    """Show what each control finds and what would be done; the exit code says whether an adoption would begin."""
    run = api.plan_adoption(account_id, body)
    run_id = run["observation_id"]
    found = report_of(
        run, lambda: api.get_adoption_plan(account_id, run_id) or _PENDING, timeout=timeout, waiting=waiting
    )
    if as_json:
        print_json(found)
    elif found["status"] == "DONE":
        _show(found)
    if found["status"] == "FAILED":
        error = found["error"]
        show_error(CliError(f"{error['code']}: {error['message']}", error["hint"]))
        raise typer.Exit(ExitCode.REJECTED)


def _show(found: JsonObject) -> None:
    say(f"Account {found['account_id']} ({found['request']['name']}, {found['email']}): nothing was changed.")
    before, after = found["ou_before"], found["ou_after"]
    say(f"It stays in OU {after}." if before == after else f"It would be moved from {before} to OU {after}.")
    if found["unbound"]:
        say(f"These guardrails would bind it no more: {', '.join(found['unbound'])}")
    if found["left_alone"]:
        say(f"Left alone: {', '.join(found['left_alone'])}")
    rows = (
        (
            row["control"],
            row["scope"],
            row["status"],
            ", ".join(row["calls"]) or "-",
            "" if row["status"] == "compliant" else json.dumps(row["evidence"], sort_keys=True),
        )
        for row in found["controls"]
    )
    console().print(table(("Control", "Scope", "Status", "Would call", "Evidence"), rows))
