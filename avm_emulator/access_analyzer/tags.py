"""Tags of analyzers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from avm_emulator.access_analyzer.state import AccessAnalyzer, Analyzer, not_found

if TYPE_CHECKING:
    from avm_emulator.boundary import Call


def list_tags_for_resource(access_analyzer: AccessAnalyzer, call: Call, *, resource_arn: str) -> dict[str, Any]:
    """Return the tags of an analyzer."""
    return {"tags": _find(access_analyzer, call, resource_arn).tags}


def tag_resource(access_analyzer: AccessAnalyzer, call: Call, *, resource_arn: str, tags: Mapping[str, str]) -> None:
    """Put tags on an analyzer."""
    _find(access_analyzer, call, resource_arn).tags.update(tags)


def untag_resource(access_analyzer: AccessAnalyzer, call: Call, *, resource_arn: str, tag_keys: Sequence[str]) -> None:
    """Take tags from an analyzer; one that is not there does not matter."""
    held = _find(access_analyzer, call, resource_arn).tags
    for key in tag_keys:
        held.pop(key, None)


def _find(access_analyzer: AccessAnalyzer, call: Call, arn: str) -> Analyzer:
    found = next((analyzer for analyzer in access_analyzer.held(call) if analyzer.arn == arn), None)
    if found is None:
        raise not_found(arn)
    return found
