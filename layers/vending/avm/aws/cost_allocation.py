"""Cost allocation tags: the tag keys by which billing tells costs apart, switched on by the account that pays."""

from __future__ import annotations

from collections.abc import Sequence

from avm.aws.broker import ENABLE_FEATURES, READ_FOUNDATION, Broker
from avm.aws.errors import translated
from avm.domain.errors import NotYetVisible


class CostAllocation:
    """The tags that billing knows; every read is of now."""

    def __init__(self, broker: Broker) -> None:
        """``broker``: the way into the management account."""
        self._broker = broker

    def tags(self) -> dict[str, bool]:
        """Return the tag keys of customers that billing knows -> whether they allocate costs."""
        with translated():
            pages = (
                self._broker.cost_explorer(READ_FOUNDATION)
                .get_paginator("list_cost_allocation_tags")
                .paginate(Type="UserDefined")
            )
            tags = [each for page in pages for each in page["CostAllocationTags"]]
        return {each["TagKey"]: each["Status"] == "Active" for each in tags}

    def activate(self, keys: Sequence[str]) -> None:
        """Let up to 20 keys allocate costs; raises NotYetVisible for those that AWS leaves out."""
        wanted = [{"TagKey": key, "Status": "Active"} for key in keys]
        client = self._broker.cost_explorer(ENABLE_FEATURES)
        with translated():
            errors = client.update_cost_allocation_tags_status(CostAllocationTagsStatus=wanted).get("Errors", ())
        if errors:
            left_out = "; ".join(f"{each['TagKey']}: {each['Code']}: {each['Message']}" for each in errors)
            message = f"UpdateCostAllocationTagsStatus: {left_out}"
            raise NotYetVisible(message)
