"""Put the code layer together: third-party packages, boto's data trimmed to the services in use, and ``avm`` itself.

Called by ``build.mk`` for the host and for Lambda alike::

    python tools/build_layer.py .build/third-party/host .build/host/VendingLayer/python
"""

from __future__ import annotations

import argparse
import ast
import shutil
from collections.abc import Iterable, Iterator
from pathlib import Path

PACKAGE = Path("layers/vending/avm")
CLIENT_FACTORIES = {"client", "clients"}
"""Names, without leading underscores, of the callables that take a boto3 service name first and hand out its client."""

ALWAYS = {"sts"}
"""botocore's own credential providers need it."""


def services_in_use(package: Path) -> set[str]:
    """Return the boto3 service names that the code under ``package`` asks a client for, by a literal name."""
    return ALWAYS.union(*(_services(ast.parse(file.read_text("utf-8"))) for file in package.rglob("*.py")))


def _services(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and node.args and _called_name(node.func) in CLIENT_FACTORIES:
            first = node.args[0]
            if isinstance(first, ast.Constant) and isinstance(first.value, str):
                yield first.value


def _called_name(function: ast.expr) -> str:
    if isinstance(function, ast.Attribute):
        return function.attr.lstrip("_")
    return function.id.lstrip("_") if isinstance(function, ast.Name) else ""


def trimmed(third_party: Path, services: Iterable[str]) -> Iterator[Path]:
    """Yield every file of ``third_party`` that the layer needs.

    botocore's data folder has one folder for each service, 31 MB in all, and a few files that all services share.
    Raises SystemExit for a service that botocore does not know.
    """
    data = third_party / "botocore" / "data"
    unknown = sorted(service for service in services if not (data / service).is_dir())
    if unknown:
        raise SystemExit(f"botocore has no data for {', '.join(unknown)}: is this the service's boto3 name?")
    wanted = {data / service for service in services}
    left_out = {folder for folder in data.iterdir() if folder.is_dir()} - wanted
    left_out |= {third_party / "bin", third_party / "boto3" / "data", third_party / "boto3" / "examples"}
    for file in third_party.rglob("*"):
        if file.is_file() and left_out.isdisjoint(file.parents):
            yield file


def main() -> None:
    """Copy what belongs into the layer."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("third_party", type=Path, help="where requirements/layer.txt is installed")
    parser.add_argument("out", type=Path, help="the layer's python folder; must not exist")
    arguments = parser.parse_args()
    for file in trimmed(arguments.third_party, services_in_use(PACKAGE)):
        target = arguments.out / file.relative_to(arguments.third_party)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(file, target)
    shutil.copytree(PACKAGE, arguments.out / PACKAGE.name, ignore=shutil.ignore_patterns("__pycache__"))


if __name__ == "__main__":
    main()
