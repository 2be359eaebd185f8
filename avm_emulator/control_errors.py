"""What ``/_emulator/*`` answers to documents that make no sense."""

from __future__ import annotations

from typing import Any

from werkzeug.exceptions import BadRequest


class RefusedError(BadRequest):
    """A document is refused as a whole; nothing has changed."""

    def __init__(self, description: str, problems: list[dict[str, Any]]) -> None:
        """``problems``: what is wrong with each field, for programs; ``description`` says it to people."""
        super().__init__(description)
        self.problems = problems
