"""``avm dead-letters``: messages that could not be taken, and the way back."""

from typing import Annotated

import typer

from avm_cli.api import ApiError, JsonObject, VendingApi
from avm_cli.commands.common import JsonOption, vending_api
from avm_cli.errors import BadInput, CliError
from avm_cli.rendering import console, print_json, say, show_error, table

app = typer.Typer(no_args_is_help=True, help="Messages that could not be taken.")


@app.command("list")
def list_dead_letters(ctx: typer.Context, *, as_json: JsonOption = False) -> None:
    """List the messages that could not be taken, newest first."""
    page = vending_api(ctx.obj).list_dead_letters()
    if as_json:
        print_json(page)
        return
    headings = ("Message", "Queue", "Sent", "Request", "Code", "Reason")
    fields = ("id", "queue", "time", "request_id", "code", "reason")
    console().print(table(headings, ([letter[name] for name in fields] for letter in page["items"])))


@app.command()
def replay(
    ctx: typer.Context,
    message_id: Annotated[
        str | None, typer.Argument(metavar="ID", show_default=False, help="The message, as the list names it.")
    ] = None,
    *,
    every: Annotated[bool, typer.Option("--all", help="All messages that the list holds.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Send messages back to the queue that they come from."""
    if every == (message_id is not None):
        raise BadInput("Which messages?", "Give either an ID or --all.")
    api = vending_api(ctx.obj)
    if message_id is not None:
        letter = _replay(api, message_id)
        if as_json:
            print_json(letter)
        return
    letters, failures = [], 0
    for listed in api.list_dead_letters()["items"]:
        try:
            letters.append(_replay(api, listed["id"]))
        except ApiError as error:  # one that cannot be sent back keeps none of the others
            show_error(error)
            failures += 1
    if as_json:
        print_json({"items": letters, "cursor": None})
    if failures:
        raise CliError(f"Not sent back: {failures}; sent back: {len(letters)}.")


def _replay(api: VendingApi, message_id: str) -> JsonObject:
    letter = api.replay_dead_letter(message_id)
    say(f"Sent back to {letter['queue']}: {message_id}")
    return letter
