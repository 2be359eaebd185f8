"""``avm cancel``: give up a request."""

import typer

from avm_cli.commands.common import JsonOption, RequestArgument, show, vending_api


def cancel(ctx: typer.Context, request_id: RequestArgument, *, as_json: JsonOption = False) -> None:
    """Give up a request before its account is made."""
    api = vending_api(ctx.obj)
    show(api, api.cancel(request_id), as_json=as_json)
