"""Pages of lists, as AWS Organizations cuts them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from avm_emulator.organizations.errors import invalid_input
from avm_emulator.pages import InvalidPageError, cut

T = TypeVar("T")

PAGE_SIZE = 20
"""Default and maximum of MaxResults in every list of the service (botocore: shape MaxResults)."""


def page(
    items: Sequence[T],
    next_token: str | None,
    max_results: int | None,
    keep: Callable[[T], bool] = lambda _: True,
) -> tuple[list[T], str | None]:
    """Return one page of ``items`` and the token of the next one; raise InvalidInputException.

    A page may be short or empty although a NextToken follows: the API reference of every list warns of this.
    """
    try:
        return cut(items, next_token, max_results, size=PAGE_SIZE, keep=keep)
    except InvalidPageError as error:
        raise invalid_input(error.reason, str(error)) from error
