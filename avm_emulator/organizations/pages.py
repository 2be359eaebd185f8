"""Pages of lists, as AWS Organizations cuts them."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Sequence
from typing import TypeVar

from avm_emulator.organizations.errors import invalid_input

T = TypeVar("T")

PAGE_SIZE = 20
"""Default and maximum of MaxResults in every list of the service (botocore: shape MaxResults)."""


def page(
    items: Sequence[T],
    next_token: str | None,
    max_results: int | None,
    keep: Callable[[T], bool] = lambda _: True,
) -> tuple[list[T], str | None]:
    """Return one page of ``items`` and the token of the next one.

    A list that filters does so after cutting: a page may be short or empty although a NextToken follows. The API
    reference of every list warns of this.
    """
    if max_results is not None and not 1 <= max_results <= PAGE_SIZE:
        reason = "MIN_VALUE_EXCEEDED" if max_results < 1 else "MAX_VALUE_EXCEEDED"
        raise invalid_input(reason, f"MaxResults must be between 1 and {PAGE_SIZE}.")
    start = _offset(next_token) if next_token else 0
    end = start + (max_results or PAGE_SIZE)
    following = _token(end) if end < len(items) else None
    return [item for item in items[start:end] if keep(item)], following


def _token(offset: int) -> str:
    return base64.urlsafe_b64encode(f"offset={offset}".encode()).decode()


def _offset(token: str) -> int:
    try:
        name, _, value = base64.urlsafe_b64decode(token.encode()).decode().partition("=")
        offset = int(value) if name == "offset" else -1
    except (binascii.Error, ValueError):
        offset = -1
    if offset < 0:
        raise invalid_input("INVALID_NEXT_TOKEN", "The NextToken value is not one that a previous call returned.")
    return offset
