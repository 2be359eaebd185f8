"""``avm catalog``: looks at the catalog of account types on this machine."""

from pathlib import Path
from typing import Annotated

import typer

from avm_cli.errors import BadInput

app = typer.Typer(no_args_is_help=True, help="The catalog of account types.")
_CATALOG = Path(__file__).parents[2] / "layers" / "catalog" / "catalog"


@app.callback()
def _group() -> None:
    """Keep ``validate`` a command of its own name while it is the only one (typer would drop the name)."""


@app.command()
def validate(
    directory: Annotated[
        Path,
        typer.Argument(
            metavar="DIR", exists=True, file_okay=False, show_default="this checkout's", help="The catalog's directory."
        ),
    ] = _CATALOG,
) -> None:
    """Check a catalog; print all its problems with file and line."""
    from avm.catalog import CatalogInvalid, load_catalog  # noqa: PLC0415 - it would double the start of every command

    try:
        catalog = load_catalog(directory)
    except CatalogInvalid as error:
        for problem in error.problems:
            typer.echo(f"{directory}/{problem}")
        raise BadInput(f"The catalog cannot be used; problems: {len(error.problems)}.") from error
    typer.echo(f"Catalog {catalog.version} is sound: {', '.join(sorted(catalog.account_types))}")
