"""``avm list``: requests, newest first as the API gives them."""

from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated

import typer

from avm_cli.api import JsonObject
from avm_cli.commands.common import JsonOption, vending_api
from avm_cli.rendering import console, print_json, say, table


class Status(StrEnum):
    """The statuses of a request."""

    PENDING_APPROVAL = "PENDING_APPROVAL"
    QUEUED = "QUEUED"
    IN_PROGRESS = "IN_PROGRESS"
    READY = "READY"
    PARKED = "PARKED"
    REJECTED = "REJECTED"
    CANCELLED = "CANCELLED"


def list_requests(
    ctx: typer.Context,
    *,
    status: Annotated[Status | None, typer.Option(case_sensitive=False, help="Only requests with this status.")] = None,
    account_type: Annotated[str | None, typer.Option("--type", help="Only requests for this account type.")] = None,
    owner: Annotated[str | None, typer.Option(help="Only requests of this owner (e-mail).")] = None,
    limit: Annotated[int | None, typer.Option(min=1, help="At most so many requests on a page.")] = None,
    cursor: Annotated[str | None, typer.Option(help="Where the page before ended.")] = None,
    as_json: JsonOption = False,
) -> None:
    """List account requests."""
    filters = {"status": status, "type": account_type, "owner": owner, "limit": limit, "cursor": cursor}
    page = vending_api(ctx.obj).list_requests(filters)
    if as_json:
        print_json(page)
        return
    headings = ("Request", "Status", "Name", "Type", "Account", "Created (UTC)")
    console().print(table(headings, (_row(request) for request in page["items"])))
    if page.get("cursor"):
        say(f"There are more; the next page: --cursor {page['cursor']}")


def _row(request: JsonObject) -> list[object]:
    created = datetime.fromisoformat(request["created_at"]).astimezone(UTC)
    fields = [request[name] for name in ("request_id", "status", "name", "type", "account_id")]
    return [*fields, f"{created:%Y-%m-%d %H:%M}"]
