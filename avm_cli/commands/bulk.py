"""``avm bulk``: many account requests of a folder, a CSV file or a list, checked all at once before any is sent."""

from pathlib import Path
from typing import Annotated

import typer

from avm_cli.bulk_file import read_rows
from avm_cli.bulk_run import Item, exit_code, follow_all, preflight, send
from avm_cli.bulk_view import counts, plan_table, problems_table, result_of, watcher_on, write_results
from avm_cli.commands.common import DEFAULT_TIMEOUT, JsonOption, TimeoutOption, vending_api
from avm_cli.errors import BadInput, CliError, ExitCode
from avm_cli.rendering import console, print_json, say


def bulk(
    ctx: typer.Context,
    source: Annotated[
        Path,
        typer.Argument(metavar="DIR|CSV|YAML", help="A folder of requests, a CSV file, or a list in YAML or JSON."),
    ],
    *,
    plan: Annotated[bool, typer.Option("--plan", help="Check and show only; send nothing.")] = False,
    partial: Annotated[bool, typer.Option("--partial", help="Send what is sound although other rows are not.")] = False,
    result: Annotated[
        Path | None, typer.Option(show_default=False, help="Where the result goes, as CSV. Default: SOURCE.result.csv.")
    ] = None,
    no_wait: Annotated[bool, typer.Option("--no-wait", help="Return as soon as all are accepted.")] = False,
    timeout: TimeoutOption = DEFAULT_TIMEOUT,
    as_json: JsonOption = False,
) -> None:
    """Ask for many accounts: all rows are checked first, and nothing is sent unless all are sound."""
    rows = read_rows(source)
    api = vending_api(ctx.obj)
    items = preflight(api, rows)
    wrong = sum(bool(item.problems) for item in items)
    if wrong:
        console(stderr=True).print(problems_table(items))
    if plan:
        if not as_json:
            console().print(plan_table(items))
        _end(items, ExitCode.BAD_INPUT if wrong else ExitCode.DONE, as_json=as_json)
    if wrong and not (partial and wrong < len(items)):
        message = f"Rows that cannot be accepted: {wrong} of {len(items)}; nothing was sent."
        raise BadInput(message, "Correct them, or send the others with --partial.")
    file = result or Path(f"{source.name or source.resolve().name}.result.csv")
    try:
        with watcher_on(console(stderr=True), items) as watcher:
            send(api, items, watcher)
            if not no_wait:
                follow_all(api, items, watcher, timeout=timeout, waiting=ctx.obj)
    except KeyboardInterrupt as interrupt:
        say("Stopped. Vends that were accepted go on; the same command again goes on from here.")
        raise typer.Exit(ExitCode.INTERRUPTED) from interrupt
    finally:
        _write(file, items)
    _end(items, exit_code(items, waited=not no_wait), as_json=as_json)


def _write(file: Path, items: list[Item]) -> None:
    try:
        write_results(file, items)
    except OSError as error:
        raise CliError(
            f"The result cannot be written to {file}: {error.strerror}.", "Name another --result."
        ) from error
    say(f"Result: {file}")


def _end(items: list[Item], code: ExitCode, *, as_json: bool) -> None:
    say(counts(items))
    if as_json:
        print_json({"items": [{**result_of(item), "problems": item.problems} for item in items]})
    raise typer.Exit(code)
