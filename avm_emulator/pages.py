"""Pages of lists with opaque tokens, for the services whose lists moto cuts wrongly or not at all."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Sequence
from typing import TypeVar

T = TypeVar("T")


class InvalidPageError(Exception):
    """MaxResults out of bounds or a token that no call returned; ``reason`` in the words of AWS Organizations."""

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason


def cut(
    items: Sequence[T],
    next_token: str | None,
    max_results: int | None,
    *,
    size: int,
    keep: Callable[[T], bool] = lambda _: True,
) -> tuple[list[T], str | None]:
    """Return one page of ``items``, by default and at most ``size`` long, and the token of the next one.

    A list that filters (``keep``) does so after cutting: a page may be short or empty although a token follows.

    Raises:
        InvalidPageError: the caller's token or number is wrong.
    """
    if max_results is not None and not 1 <= max_results <= size:
        reason = "MIN_VALUE_EXCEEDED" if max_results < 1 else "MAX_VALUE_EXCEEDED"
        raise InvalidPageError(reason, f"MaxResults must be between 1 and {size}.")
    start = _offset(next_token) if next_token else 0
    end = start + (max_results or size)
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
        raise InvalidPageError("INVALID_NEXT_TOKEN", "The NextToken is not one that a previous call returned.")
    return offset
