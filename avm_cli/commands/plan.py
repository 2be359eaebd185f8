"""``avm plan``: what the vend of a request would do, and why it would be refused."""

from pathlib import Path
from typing import Annotated

import typer

from avm_cli.api import JsonObject
from avm_cli.commands.common import DEFAULT_TIMEOUT, JsonOption, TimeoutOption, vending_api
from avm_cli.errors import ExitCode
from avm_cli.rendering import console, print_json, say, table
from avm_cli.request_file import read_request
from avm_cli.waiting import report_of

_PENDING: JsonObject = {"plan_id": None}


def plan(
    ctx: typer.Context,
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="The account request, YAML or JSON; - reads standard input.")
    ],
    *,
    timeout: TimeoutOption = DEFAULT_TIMEOUT,
    as_json: JsonOption = False,
) -> None:
    """Show what the vend of a request would create and change, and what stands in its way; nothing is changed."""
    body = read_request(file)
    api = vending_api(ctx.obj)
    run = api.start_plan(body)
    found = report_of(
        run,
        lambda: api.get_plan(run["plan_id"]) or _PENDING,
        timeout=timeout,
        waiting=ctx.obj,
        key="plan_id",
    )
    if as_json:
        print_json(found)
    else:
        _show(found)
    raise typer.Exit(ExitCode.REJECTED if found["problems"] else ExitCode.DONE)


def _show(found: JsonObject) -> None:
    request = found["request"]
    email = found["email"] or "an e-mail made from its id"
    say(f"{request['name']} ({request['type']}, {email}) would stand in OU {found['ou']}. Nothing was changed.")
    if found["accepted"]:
        say(f"The request was accepted before: {found['accepted']}.")
    if found["approval"]:
        say("Somebody has to approve it first.")
    if found["deferred"]:
        say(f"Deferred until the foundation is there: {', '.join(found['deferred'])}")
    calls = ((row["by"], row["scope"], row["call"], row["subject"]) for row in found["changes"])
    console().print(table(("By", "Scope", "Would call", "What"), calls))
    if found["problems"]:
        problems = ((row["by"], row["code"], row["message"], row["hint"]) for row in found["problems"])
        console().print(table(("In the way of", "Code", "Why", "What to do"), problems))
