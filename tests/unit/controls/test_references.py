"""What is made from the declarations of controls is up to date."""

from pathlib import Path

import pytest

from tools.write_references import references


@pytest.mark.parametrize(("file", "text"), [pytest.param(file, text, id=file.name) for file, text in references()])
def test_a_reference_is_as_the_code_says(file: Path, text: str) -> None:
    assert file.read_text("utf-8") == text, "run python -m tools.write_references"
