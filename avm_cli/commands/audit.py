"""``avm audit``: what happened to a request, oldest first."""

import json

import typer

from avm_cli.api import JsonObject
from avm_cli.commands.common import JsonOption, RequestArgument, vending_api
from avm_cli.rendering import console, print_json, table


def audit(ctx: typer.Context, request_id: RequestArgument, *, as_json: JsonOption = False) -> None:
    """Show who did what to a request, and when."""
    page = vending_api(ctx.obj).get_audit(request_id)
    if as_json:
        print_json(page)
        return
    console().print(table(("Time", "Actor", "Action", "Details"), (_row(item) for item in page["items"])))


def _row(item: JsonObject) -> list[object]:
    details = "; ".join(f"{name}: {_text(value)}" for name, value in (item.get("details") or {}).items())
    return [item["time"], item["actor"], item["action"], details]


def _text(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value)
