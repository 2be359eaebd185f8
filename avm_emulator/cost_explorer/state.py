"""Which tag keys billing has come to know, and which of them allocate costs."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from avm_emulator.organizations.state import organization_of

if TYPE_CHECKING:
    from werkzeug import Response

    from avm_emulator.boundary import Call
    from avm_emulator.context import Emulator

GENERATED = "aws:createdBy"
"""The tag of AWS's own that every payer has."""
_ANSWERED = 300
_NO_RESOURCES = frozenset({"ce", "sts"})
"""Services whose tags are no tags of resources."""


@dataclass
class AllocationTag:
    """A tag key as the payer of an organization sees it; times in AWS epoch seconds."""

    key: str
    first_used: float
    last_used: float
    is_active: bool = False
    updated_at: float | None = None

    @property
    def type(self) -> str:
        """Return who defines it (botocore: CostAllocationTagType)."""
        return "AWSGenerated" if self.key.startswith("aws:") else "UserDefined"


class CostExplorer:
    """Cost Explorer of one emulator."""

    def __init__(self, emulator: Emulator) -> None:
        """Begin without tags."""
        self.emulator = emulator
        self.lock = threading.RLock()
        self._tags: dict[str, dict[str, AllocationTag]] = {}

    def settle(self, call: Call) -> None:
        """Do nothing: what is known by now is asked for when somebody looks."""

    def known(self, payer: str, now: float) -> dict[str, AllocationTag]:
        """Return the tags that a payer sees, by key: a key appears some time after its first use.

        Looked at when somebody asks: it takes up to a day, to which no clock shall jump.
        """
        latency = self.emulator.latencies["ce:DiscoverTagKey"]
        found = {GENERATED: AllocationTag(GENERATED, 0.0, now), **self._tags.setdefault(payer, {})}
        return {key: tag for key, tag in sorted(found.items()) if tag.first_used + latency <= now}

    def switch(self, payer: str, tag: AllocationTag, *, active: bool, now: float) -> None:
        """Let a tag allocate costs, or not; what is so already stays as it is (botocore)."""
        if tag.is_active != active:
            tag.is_active, tag.updated_at = active, now
            self._tags.setdefault(payer, {})[tag.key] = tag

    def note(self, call: Call, proceed: Callable[[], Response]) -> Response:
        """Have a call answered, and note the keys of the tags that it puts (a wrapper)."""
        response = proceed()
        if call.mutating and call.service not in _NO_RESOURCES and response.status_code < _ANSWERED:
            keys = set(_keys(call.parameters))
            if keys:
                with self.lock:
                    self._use(payer_of(call.account), keys, call.time)
        return response

    def _use(self, payer: str, keys: set[str], now: float) -> None:
        tags = self._tags.setdefault(payer, {})
        for key in keys:
            tags.setdefault(key, AllocationTag(key, now, now)).last_used = now


def payer_of(account_id: str) -> str:
    """Return who pays for an account: the management account of its organization, or it itself."""
    organization = organization_of(account_id)
    return account_id if organization is None else str(organization.account_id)


def _keys(parameters: Mapping[str, Any]) -> Iterator[str]:
    """Yield the keys of the tags in the parameters of a call, in the forms in which AWS's services take them."""
    for name, value in parameters.items():
        if name in ("Tags", "tags", "TagsList", "TagSet", "TagList"):
            yield from _keys_of_tags(value)
        elif name in ("TagSpecifications", "Tagging"):
            for specification in value if isinstance(value, list) else [value]:
                if isinstance(specification, Mapping):
                    yield from _keys(specification)


def _keys_of_tags(tags: Any) -> Iterator[str]:
    if isinstance(tags, Mapping):
        yield from (str(key) for key in tags)
    elif isinstance(tags, list):
        for tag in tags:
            if isinstance(tag, Mapping):
                yield from (str(tag[member]) for member in ("Key", "key", "TagKey") if member in tag)
