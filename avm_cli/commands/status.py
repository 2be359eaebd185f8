"""``avm status``: one request and how far its vend is."""

from typing import Annotated

import typer

from avm_cli.commands.common import (
    DEFAULT_TIMEOUT,
    JsonOption,
    TimeoutOption,
    finish,
    interruptible,
    vending_api,
    watch,
)
from avm_cli.rendering import console, print_json, request_error, show_error, steps_table, summary


def status(
    ctx: typer.Context,
    request_id: Annotated[str, typer.Argument(metavar="ID", help="The request id.")],
    *,
    watching: Annotated[
        bool, typer.Option("--watch", help="Wait until the vend ends, and end with its exit code.")
    ] = False,
    timeout: TimeoutOption = DEFAULT_TIMEOUT,
    as_json: JsonOption = False,
) -> None:
    """Show a request with its steps; --watch follows it to its end."""
    api = vending_api(ctx.obj)
    request = api.get_request(request_id)
    if watching:
        with interruptible(request_id):
            request = watch(api, request, timeout, ctx.obj)
        finish(request, as_json=as_json, waited=True)
    if as_json:
        print_json(request)
        return
    console().print(summary(request))
    console().print(steps_table(request.get("steps") or []))
    if error := request_error(request):
        show_error(error)
