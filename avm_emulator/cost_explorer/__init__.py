"""Cost allocation tags of Cost Explorer; moto has nothing of them. Costs and usage stay moto's."""

from __future__ import annotations

from typing import TYPE_CHECKING

from avm_emulator.cost_explorer import allocation_tags
from avm_emulator.cost_explorer.state import CostExplorer
from avm_emulator.operations import Operations

if TYPE_CHECKING:
    from avm_emulator.context import Emulator

__all__ = ["FUNCTIONS", "install"]

FUNCTIONS = (allocation_tags.list_cost_allocation_tags, allocation_tags.update_cost_allocation_tags_status)
"""What answers here."""


def install(emulator: Emulator) -> None:
    """Serve cost allocation tags from here, and see which tags are put; call it after ``organizations``."""
    cost_explorer = CostExplorer(emulator)
    emulator.boundary.wrappers.append(cost_explorer.note)
    emulator.boundary.interceptors.append(Operations("ce", cost_explorer, FUNCTIONS).answer)
