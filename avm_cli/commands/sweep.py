"""``avm sweep``: whether every account is as promised."""

from functools import partial
from typing import Annotated

import typer

from avm_cli.api import JsonObject, VendingApi
from avm_cli.commands.common import JsonOption, vending_api
from avm_cli.errors import CliError, ExitCode
from avm_cli.rendering import console, print_json, say, table
from avm_cli.waiting import report_of


def sweep(
    ctx: typer.Context,
    *,
    timeout: Annotated[
        float, typer.Option(min=0, metavar="SECONDS", help="How long to wait; the sweep goes on.")
    ] = 14_400,
    as_json: JsonOption = False,
) -> None:
    """Look at every control of all accounts now; what is untrue is told, and repaired as its mode says."""
    api = vending_api(ctx.obj)
    run = api.start_sweep()
    found = report_of(run, partial(_ended, api, run["observation_id"]), timeout=timeout, waiting=ctx.obj)
    if as_json:
        print_json(found)
    else:
        _show(found)
    if found["drifted"] or found["unseen"] or found.get("unarchived"):
        raise typer.Exit(ExitCode.FAILED)


def _ended(api: VendingApi, sweep_id: str) -> JsonObject:
    """Return what the sweep has found, nothing of it while it runs; raises CliError where it came to nothing."""
    found = api.get_sweep(sweep_id)
    match found["status"]:
        case "SUCCEEDED":
            report: JsonObject = found["report"]
            return report
        case "RUNNING":
            return {**found, "observation_id": None}
        case status:
            hint = "The execution of that name of the state machine sweep-organization tells why; docs/operations.md."
            message = f"{sweep_id} ended as {status}."
            raise CliError(message, hint)


def _show(found: JsonObject) -> None:
    counted = ", ".join(f"{count} {status}" for status, count in found["compliance"].items())
    say(f"{found['accounts']} accounts at {found['time']}: {counted or 'nothing to look at'}")
    rows = [(each["account_id"], each["control"], each["status"]) for each in found["drifted"]]
    rows += [(account_id, "", f"not looked at: {why}") for account_id, why in found["unseen"].items()]
    rows += [(account_id, "", f"report not archived: {why}") for account_id, why in found.get("unarchived", {}).items()]
    rows += [(account_id, "", f"left out: {why}") for account_id, why in found["left_out"].items()]
    if rows:
        console().print(table(("Account", "Control", "Status"), rows))
    if found["unmanaged"]:
        say(f"Not under the machine: {', '.join(found['unmanaged'])}; 'avm adopt' brings an account under it.")
