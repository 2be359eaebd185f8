"""``avm drift|repair|except``: the controls of an account."""

import json
import re
from typing import Annotated

import typer

from avm_cli.api import JsonObject, VendingApi
from avm_cli.commands.common import JsonOption, vending_api
from avm_cli.errors import BadInput, ExitCode
from avm_cli.rendering import console, print_json, say, table
from avm_cli.waiting import Waiting, report_of


def _account_id(value: str) -> str:
    if not re.fullmatch(r"[0-9]{12}", value):
        raise typer.BadParameter(f"'{value}' is not the id of an account, which has twelve digits.")
    return value


AccountArgument = Annotated[
    str, typer.Argument(metavar="ACCOUNT", show_default=False, callback=_account_id, help="The account's id.")
]


def drift(
    ctx: typer.Context,
    account_id: AccountArgument,
    *,
    timeout: Annotated[float, typer.Option(min=0, metavar="SECONDS", help="How long to wait.")] = 600,
    as_json: JsonOption = False,
) -> None:
    """Look at all controls of an account, and show those that are not as they should be."""
    api = vending_api(ctx.obj)
    _finish(api, api.observe(account_id), timeout, ctx.obj, as_json=as_json)


def repair(
    ctx: typer.Context,
    account_id: AccountArgument,
    controls: Annotated[
        list[str] | None, typer.Argument(metavar="[CONTROL]...", show_default=False, help="Without any, all.")
    ] = None,
    *,
    timeout: Annotated[float, typer.Option(min=0, metavar="SECONDS", help="How long to wait.")] = 3600,
    as_json: JsonOption = False,
) -> None:
    """Make controls of an account true, and show what is still untrue."""
    api = vending_api(ctx.obj)
    _finish(api, api.repair(account_id, controls or []), timeout, ctx.obj, as_json=as_json)


def make_exception(
    ctx: typer.Context,
    account_id: AccountArgument,
    control: Annotated[
        str | None,
        typer.Argument(metavar="CONTROL", show_default=False, help="Without one, all exceptions are listed."),
    ] = None,
    *,
    until: Annotated[str | None, typer.Option(metavar="DATE", help="Last day, like 2027-01-31.")] = None,
    reason: Annotated[str | None, typer.Option(metavar="TEXT", help="Why the control may be untrue.")] = None,
    end: Annotated[bool, typer.Option("--end", help="End the exception of the control.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Let a control of an account be untrue for a while, end that, or list what may be untrue."""
    api = vending_api(ctx.obj)
    if control is None:
        if until or reason or end:
            raise BadInput("Which control?", "Name it after the account; 'avm report' lists the account's controls.")
        _list_exceptions(api.list_exceptions(account_id), as_json=as_json)
        return
    if end == bool(until or reason) or (not end and not (until and reason)):
        raise BadInput("Until when, and why?", "Give --until and --reason, or --end alone.")
    if end:
        found = api.end_exception(account_id, control)
        said = f"{control} of account {account_id} must be true again."
    else:
        found = api.make_exception(account_id, {"control": control, "until": until, "reason": reason})
        said = f"{control} of account {account_id} may be untrue until {found['until']}."
    if as_json:
        print_json(found)
    else:
        say(said)


def _list_exceptions(page: JsonObject, *, as_json: bool) -> None:
    if as_json:
        print_json(page)
        return
    fields = ("control", "until", "reason", "owner")
    rows = ([each[name] for name in fields] for each in page["items"])
    console().print(table(("Control", "Until", "Reason", "Owner"), rows))


def _finish(api: VendingApi, run: JsonObject, timeout: float, waiting: Waiting, *, as_json: bool) -> None:
    """Show the drift that the run has found; the exit code says whether there is any."""
    found = _await(api, run, timeout, waiting)
    if as_json:
        print_json(found)
    elif found["controls"]:
        show_controls(found)
    else:
        say(f"Account {run['account_id']}: every control is as it should be.")
    if found["controls"]:
        raise typer.Exit(ExitCode.FAILED)


def _await(api: VendingApi, run: JsonObject, timeout: float, waiting: Waiting) -> JsonObject:
    """Return the drift once it is that of ``run``."""
    account_id, run_id = run["account_id"], run["observation_id"]
    return report_of(run, lambda: api.get_drift(account_id, run_id), timeout=timeout, waiting=waiting)


def show_controls(found: JsonObject) -> None:
    """Show a report: a row for each control."""
    ready = "ready" if found["ready"] else "not ready"
    say(f"Account {found['account_id']}: {ready} at {found['time']}, catalog {found['catalog_version']}")
    rows = (
        (row["control"], row["scope"], row["status"], json.dumps(row["evidence"], sort_keys=True))
        for row in found["controls"]
    )
    console().print(table(("Control", "Scope", "Status", "Evidence"), rows))
