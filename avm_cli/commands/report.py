"""``avm report``: what each control of an account was last found to be, and whether that is signed."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from avm_cli.commands.account import AccountArgument, show_controls
from avm_cli.commands.common import JsonOption, vending_api
from avm_cli.errors import BadInput
from avm_cli.rendering import print_json, say
from avm_cli.waiting import Waiting

if TYPE_CHECKING:
    from avm_cli.signed_report import Signed


def report(
    ctx: typer.Context,
    account_id: AccountArgument,
    *,
    verify: Annotated[bool, typer.Option("--verify", help="Show it only if its signature is true.")] = False,
    html: Annotated[
        Path | None, typer.Option(metavar="FILE", dir_okay=False, help="Write the report as a page; verifies it.")
    ] = None,
    save: Annotated[
        Path | None,
        typer.Option(metavar="DIR", file_okay=False, help="Write report, signature and public key; verifies them."),
    ] = None,
    source: Annotated[
        Path | None,
        typer.Option("--from", metavar="FILE", dir_okay=False, help="Verify a saved report; nothing is called."),
    ] = None,
    key: Annotated[
        Path | None, typer.Option(metavar="FILE", dir_okay=False, help="Verify by this public key, PEM.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Show what each control of an account was last found to be."""
    if not (verify or html or save or source or key):
        found = vending_api(ctx.obj).get_report(account_id)
    else:
        signed = _verified(ctx.obj, account_id, source, key)
        found = json.loads(signed.report)
        if save:
            say(f"Saved: {signed.save(save, account_id)}, its signature and the public key beside it.")
        if html:
            from avm.contracts.report_page import page_of  # noqa: PLC0415 - as in _verified

            _write(html, page_of(signed.report.decode(), signed.signature))
    if as_json:
        print_json(found)
    else:
        show_controls(found)


def _verified(waiting: Waiting, account_id: str, source: Path | None, key: Path | None) -> "Signed":
    from avm_cli.signed_report import answered, saved  # noqa: PLC0415 - it would double the start of every command

    signed = saved(source, key) if source else answered(vending_api(waiting).get_signed_report(account_id), key)
    signed.check(account_id)
    say(f"The signature is true: SHA-256 {signed.signature.digest}, key {signed.signature.key_id}.")
    return signed


def _write(file: Path, page: str) -> None:
    try:
        file.write_bytes(page.encode())
    except OSError as error:
        raise BadInput(f"{file}: {error.strerror or error}.") from error
    say(f"Page: {file}")
