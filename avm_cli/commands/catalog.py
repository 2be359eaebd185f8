"""``avm catalog``: looks at the catalog of account types on this machine."""

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from avm_cli.account_type import explanation
from avm_cli.errors import BadInput
from avm_cli.rendering import console, print_json

if TYPE_CHECKING:
    from avm.domain.catalog import Catalog

app = typer.Typer(no_args_is_help=True, help="The catalog of account types.")
_CATALOG = Path(__file__).parents[2] / "layers" / "catalog" / "catalog"
_DIRECTORY: Mapping[str, Any] = {
    "metavar": "DIR",
    "exists": True,
    "file_okay": False,
    "show_default": "this checkout's",
    "help": "The catalog's directory.",
}
JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON object, and nothing else, on stdout.")]


@app.command()
def validate(
    directory: Annotated[Path, typer.Argument(**_DIRECTORY)] = _CATALOG,
    *,
    as_json: JsonOption = False,
) -> None:
    """Check a catalog; print all its problems with file and line."""
    catalog = _load(directory, as_json=as_json)
    names = sorted(catalog.account_types)
    if as_json:
        print_json({"catalog_version": catalog.version, "account_types": names, "problems": []})
    else:
        typer.echo(f"Catalog {catalog.version} is sound: {', '.join(names)}")


@app.command()
def explain(
    account_type: Annotated[
        str | None, typer.Argument(metavar="TYPE", show_default=False, help="An account type; without one, all.")
    ] = None,
    *,
    directory: Annotated[Path, typer.Option("--catalog", **_DIRECTORY)] = _CATALOG,
    as_json: JsonOption = False,
) -> None:
    """Show what an account of a type is: place, guardrails, controls, access."""
    from avm.catalog.explanation import explain as explained  # noqa: PLC0415 - as in _load

    catalog = _load(directory, as_json=as_json)
    known = sorted(catalog.account_types)
    if account_type is not None and account_type not in known:
        raise BadInput(f"There is no account type '{account_type}' in {directory}.", f"There are: {', '.join(known)}.")
    found = [explained(catalog, name) for name in ([account_type] if account_type else known)]
    if as_json:
        print_json(found[0] if account_type else {"items": found})
        return
    for each in found:
        console().print(explanation(each))


def _load(directory: Path, *, as_json: bool) -> "Catalog":
    """Return the catalog; print what is wrong with it and raise BadInput where it cannot be used."""
    from avm.catalog import CatalogInvalid, load_catalog  # noqa: PLC0415 - it would double the start of every command

    try:
        return load_catalog(directory)
    except CatalogInvalid as error:
        if as_json:
            problems = [{**asdict(problem), "file": f"{directory}/{problem.file}"} for problem in error.problems]
            print_json({"catalog_version": None, "account_types": [], "problems": problems})
        else:
            for problem in error.problems:
                typer.echo(f"{directory}/{problem}")
        raise BadInput(f"The catalog cannot be used; problems: {len(error.problems)}.") from error
