"""``avm breaker``: whether repairs go on."""

from typing import Annotated

import typer

from avm_cli.api import JsonObject
from avm_cli.commands.common import JsonOption, vending_api
from avm_cli.rendering import console, print_json, say, table

app = typer.Typer(no_args_is_help=True, help="Whether repairs of drift go on.")

ScopeArgument = Annotated[
    str | None,
    typer.Argument(metavar="SCOPE", show_default=False, help="ACCOUNT or ACCOUNT/CONTROL; without one, everything."),
]


@app.command()
def status(ctx: typer.Context, *, as_json: JsonOption = False) -> None:
    """Show which repairs are stopped, and why."""
    _show(vending_api(ctx.obj).get_breaker(), as_json=as_json)


@app.command()
def stop(
    ctx: typer.Context,
    scope: ScopeArgument = None,
    *,
    reason: Annotated[str, typer.Option(metavar="TEXT", help="Why, for those who find repairs stopped.")],
    as_json: JsonOption = False,
) -> None:
    """Stop repairs; drift is told all the same."""
    body = {"reason": reason} | ({"scope": scope} if scope else {})
    _show(vending_api(ctx.obj).change_breaker("stop", body), as_json=as_json)


@app.command()
def reset(ctx: typer.Context, scope: ScopeArgument = None, *, as_json: JsonOption = False) -> None:
    """Let repairs go on."""
    _show(vending_api(ctx.obj).change_breaker("reset", {"scope": scope} if scope else {}), as_json=as_json)


def _show(breaker: JsonObject, *, as_json: bool) -> None:
    if as_json:
        print_json(breaker)
        return
    say(f"Repairs within the last hour: {len(breaker['repairs'])}")
    if not breaker["open"]:
        say("Nothing is stopped.")
        return
    rows = ((each["scope"], each["since"], each["reason"]) for each in breaker["open"])
    console().print(table(("Stopped", "Since", "Reason"), rows))
