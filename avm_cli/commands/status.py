"""``avm status``: one request and how far its vend is."""

from typing import Annotated

import typer

from avm_cli.commands.common import (
    DEFAULT_TIMEOUT,
    JsonOption,
    RequestArgument,
    TimeoutOption,
    finish,
    interruptible,
    show,
    vending_api,
    watch,
)
from avm_cli.rendering import console, steps_table


def status(
    ctx: typer.Context,
    request_id: RequestArgument,
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
        finish(api, request, as_json=as_json, waited=True)
    show(api, request, as_json=as_json)
    if not as_json:
        console().print(steps_table(request["steps"]))
