"""Check a catalog folder: ``python -m avm.catalog DIR``; with ``--write-schemas``, renew its JSON Schemas instead.

Exit code 0 and one line where all is well; 2 and one line per problem (``file:line: field: reason (hint)``) where not.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from avm.catalog.loader import load_catalog
from avm.catalog.schemas import write_schemas
from avm.domain.errors import CatalogInvalid

INVALID = 2


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command with ``arguments`` (default: the process's own) and return its exit code."""
    parser = argparse.ArgumentParser(prog="python -m avm.catalog", description="Check a catalog folder.")
    parser.add_argument("directory", type=Path, metavar="DIR", help="folder that holds organization.yaml")
    parser.add_argument("--write-schemas", action="store_true", help="renew the JSON Schemas in DIR/schema instead")
    options = parser.parse_args(arguments)
    if options.write_schemas:
        write_schemas(options.directory)
        return 0
    try:
        catalog = load_catalog(options.directory)
    except CatalogInvalid as invalid:
        sys.stdout.writelines(f"{options.directory}/{problem}\n" for problem in invalid.problems)
        return INVALID
    sys.stdout.write(
        f"catalog {catalog.version}: {len(catalog.account_types)} account types, {len(catalog.organization.ous)} OUs, "
        f"{len(catalog.scps)} SCPs, {len(catalog.rcps)} RCPs, {len(catalog.permission_sets)} permission sets, "
        f"{len(catalog.conformance_packs)} conformance packs\n"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
