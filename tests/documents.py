"""Sections of documents that a command of make writes: what stands between two marks."""

import re
from collections.abc import Sequence
from pathlib import Path


def write_section(document: Path, command: str, section: str, lines: Sequence[str]) -> None:
    """Write a section anew; raises LookupError where the document has no such section of the command."""
    text = document.read_text("utf-8")
    begin, end = f"<!-- {section}: written by {command} -->", f"<!-- end of {section} -->"
    pattern = re.compile(f"{re.escape(begin)}.*?{re.escape(end)}", re.DOTALL)
    if not pattern.search(text):
        raise LookupError(f"{document} has no section {section}")
    body = "\n".join([begin, "", *lines, "", end])
    document.write_text(pattern.sub(lambda _: body, text), "utf-8")
