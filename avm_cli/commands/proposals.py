"""``avm proposals``: repairs that wait for a decision."""

from typing import Annotated

import typer

from avm_cli.commands.approval import CommentOption
from avm_cli.commands.common import JsonOption, vending_api
from avm_cli.rendering import console, print_json, say, table

app = typer.Typer(no_args_is_help=True, help="Repairs that wait for a decision.")

RunArgument = Annotated[str, typer.Argument(metavar="ID", show_default=False, help="The run, as the list names it.")]


@app.command("list")
def list_proposals(ctx: typer.Context, *, as_json: JsonOption = False) -> None:
    """List the repairs that wait for a decision, newest first."""
    page = vending_api(ctx.obj).list_proposals()
    if as_json:
        print_json(page)
        return
    headings = ("ID", "Account", "Control", "Proposed", "Until", "Because of")
    rows = (
        (
            *(each[name] for name in ("observation_id", "account_id", "control", "proposed_at", "until")),
            (each["cause"] or {}).get("event"),
        )
        for each in page["items"]
    )
    console().print(table(headings, rows))


@app.command()
def approve(
    ctx: typer.Context, run: RunArgument, *, comment: CommentOption = None, as_json: JsonOption = False
) -> None:
    """Let a proposed repair be made."""
    _decide(ctx, run, "approve", comment, as_json=as_json)


@app.command()
def reject(ctx: typer.Context, run: RunArgument, *, comment: CommentOption = None, as_json: JsonOption = False) -> None:
    """Leave it as it is."""
    _decide(ctx, run, "reject", comment, as_json=as_json)


def _decide(ctx: typer.Context, run: str, decision: str, comment: str | None, *, as_json: bool) -> None:
    proposal = vending_api(ctx.obj).decide_repair(run, decision, comment)
    if as_json:
        print_json(proposal)
        return
    said = "is to be repaired" if decision == "approve" else "stays as it is"
    say(f"Account {proposal['account_id']}: {proposal['control']} {said}.")
