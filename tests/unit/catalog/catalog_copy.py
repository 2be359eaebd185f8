"""A copy of the shipped catalog that a test may spoil."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from avm.catalog import CatalogInvalid, load_catalog
from avm.domain.catalog_problem import CatalogProblem

SHIPPED = Path(__file__).parents[3] / "layers" / "catalog" / "catalog"


@dataclass(frozen=True)
class CatalogCopy:
    """A catalog folder of the test's own."""

    directory: Path

    def replace(self, file: str, old: str, new: str) -> None:
        """Replace the one place where ``old`` stands in ``file``."""
        path = self.directory / file
        text = path.read_text()
        assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in {file}"
        path.write_text(text.replace(old, new))

    def line(self, file: str, text: str) -> int:
        """Return the number of the one line of ``file`` that is ``text``, or else holds it."""
        lines = list(enumerate((self.directory / file).read_text().splitlines(), 1))
        found = [number for number, line in lines if line == text] or [number for number, line in lines if text in line]
        (number,) = found
        return number

    def problems(self) -> Sequence[CatalogProblem]:
        """Return what is wrong with the catalog; fail where it loads."""
        with pytest.raises(CatalogInvalid) as caught:
            load_catalog(self.directory)
        return caught.value.problems

    def loads(self) -> None:
        """Load the catalog; it has no problem."""
        load_catalog(self.directory)
