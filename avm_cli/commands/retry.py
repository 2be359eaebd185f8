"""``avm retry``: begin the next attempt of a parked request and follow it."""

from typing import Annotated

import typer

from avm_cli.commands.common import (
    DEFAULT_TIMEOUT,
    JsonOption,
    RequestArgument,
    TimeoutOption,
    finish,
    interruptible,
    vending_api,
    watch,
)


def retry(
    ctx: typer.Context,
    request_id: RequestArgument,
    *,
    no_wait: Annotated[bool, typer.Option("--no-wait", help="Return as soon as the next attempt is accepted.")] = False,
    timeout: TimeoutOption = DEFAULT_TIMEOUT,
    as_json: JsonOption = False,
) -> None:
    """Try a parked request again and wait until its account is ready."""
    api = vending_api(ctx.obj)
    with interruptible(request_id):
        request = api.retry(request_id)
        if not no_wait:
            request = watch(api, request, timeout, ctx.obj)
    finish(api, request, as_json=as_json, waited=not no_wait)
