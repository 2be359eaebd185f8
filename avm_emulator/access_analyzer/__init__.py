"""IAM Access Analyzer: analyzers of accounts and organizations; moto has no module for it.

What an analyzer would find is not modelled: its findings are refused by name.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from avm_emulator.access_analyzer import analyzers, tags
from avm_emulator.access_analyzer.state import AccessAnalyzer
from avm_emulator.operations import Operations

if TYPE_CHECKING:
    from avm_emulator.context import Emulator

__all__ = ["FUNCTIONS", "install"]

FUNCTIONS = (
    analyzers.create_analyzer,
    analyzers.delete_analyzer,
    analyzers.get_analyzer,
    analyzers.list_analyzers,
    analyzers.update_analyzer,
    tags.list_tags_for_resource,
    tags.tag_resource,
    tags.untag_resource,
)
"""All that there is."""


def install(emulator: Emulator) -> None:
    """Serve Access Analyzer from here; call it after ``organizations``."""
    emulator.boundary.interceptors.append(Operations("accessanalyzer", AccessAnalyzer(emulator), FUNCTIONS).answer)
