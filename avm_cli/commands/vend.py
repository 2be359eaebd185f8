"""``avm vend``: send a request and follow its vend."""

import secrets
import time
from pathlib import Path
from typing import Annotated

import typer

from avm.domain.naming import ulid
from avm_cli.commands.common import (
    DEFAULT_TIMEOUT,
    JsonOption,
    TimeoutOption,
    finish,
    interruptible,
    vending_api,
    watch,
)
from avm_cli.rendering import say
from avm_cli.request_file import read_request


def vend(
    ctx: typer.Context,
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="The account request, YAML or JSON; - reads standard input.")
    ],
    *,
    no_wait: Annotated[bool, typer.Option("--no-wait", help="Return as soon as the request is accepted.")] = False,
    timeout: TimeoutOption = DEFAULT_TIMEOUT,
    as_json: JsonOption = False,
) -> None:
    """Ask for an account and wait until it is ready."""
    body = read_request(file)
    api = vending_api(ctx.obj)
    # Without an id of the author's, one per invocation: sending the request again after a lost answer finds the first
    key = None if body.get("request_id") else ulid(time.time_ns() // 1_000_000, secrets.randbits(80))
    request_id = key or str(body["request_id"])
    say(f"Request {request_id}")
    with interruptible(request_id):
        request = api.create_request(body, key)
        if not no_wait:
            request = watch(api, request, timeout, ctx.obj)
    finish(api, request, as_json=as_json, waited=not no_wait)
