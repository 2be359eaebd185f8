"""The ``avm`` command: puts the commands together and turns their errors into messages and exit codes."""

import sys
from importlib.metadata import version
from io import TextIOWrapper
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from avm_cli.commands import breaker, catalog, dead_letters, foundation, local, proposals
from avm_cli.commands.account import drift, make_exception, repair
from avm_cli.commands.adopt import adopt
from avm_cli.commands.approval import approve, reject
from avm_cli.commands.audit import audit
from avm_cli.commands.bulk import bulk
from avm_cli.commands.cancel import cancel
from avm_cli.commands.list import list_requests
from avm_cli.commands.plan import plan
from avm_cli.commands.report import report
from avm_cli.commands.retry import retry
from avm_cli.commands.status import status
from avm_cli.commands.sweep import sweep
from avm_cli.commands.vend import vend
from avm_cli.errors import CliError
from avm_cli.rendering import show_error
from avm_cli.waiting import Waiting


class _Commands(TyperGroup):
    """The one place where an error becomes a message and an exit code."""

    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except CliError as error:
            show_error(error)
            raise typer.Exit(error.exit_code) from error


app = typer.Typer(
    name="avm",
    cls=_Commands,
    help="AWS accounts created exactly once, provably ready, and kept true.",
    epilog="Exit codes: 0 done, 1 failed or parked, 2 bad usage or invalid input, 3 rejected, 4 timed out.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.command()(plan)
app.command()(vend)
app.command()(bulk)
app.command()(status)
app.command("list")(list_requests)
app.command()(approve)
app.command()(reject)
app.command()(retry)
app.command()(cancel)
app.command()(audit)
app.command()(report)
app.command()(drift)
app.command()(repair)
app.command()(sweep)
app.command("except")(make_exception)
app.command()(adopt)
app.add_typer(breaker.app, name="breaker")
app.add_typer(proposals.app, name="proposals")
app.add_typer(dead_letters.app, name="dead-letters")
app.add_typer(foundation.app, name="foundation")
app.add_typer(catalog.app, name="catalog")
app.add_typer(local.app, name="local")


def _show_version(wanted: bool) -> None:  # noqa: FBT001 - typer calls it so
    if wanted:
        typer.echo(f"avm {version('account-vending-machine')}")
        raise typer.Exit


@app.callback()
def _options(
    ctx: typer.Context,
    *,
    _version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version and exit.")
    ] = False,
) -> None:
    ctx.obj = ctx.obj or Waiting()


def main() -> None:
    """Run ``avm`` with the arguments of this process."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="replace")  # without UTF-8: '?' for a tick instead of a stack trace
    app()
