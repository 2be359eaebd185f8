"""``avm approve`` and ``avm reject``: decide on a request that waits for approval."""

from typing import Annotated

import typer

from avm_cli.commands.common import JsonOption, RequestArgument, show, vending_api

CommentOption = Annotated[str | None, typer.Option(help="Why; it is kept with the decision.")]


def approve(
    ctx: typer.Context,
    request_id: RequestArgument,
    *,
    comment: CommentOption = None,
    as_json: JsonOption = False,
) -> None:
    """Approve a request; its vend goes on."""
    api = vending_api(ctx.obj)
    show(api, api.decide(request_id, "approve", comment), as_json=as_json)


def reject(
    ctx: typer.Context,
    request_id: RequestArgument,
    *,
    comment: CommentOption = None,
    as_json: JsonOption = False,
) -> None:
    """Reject a request; nothing is created."""
    api = vending_api(ctx.obj)
    show(api, api.decide(request_id, "reject", comment), as_json=as_json)
