"""Pages of lists, as IAM Identity Center cuts them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from avm_emulator.errors import AwsError
from avm_emulator.pages import InvalidPageError, cut

T = TypeVar("T")

PAGE_SIZE = 100
"""Default and maximum of MaxResults (botocore: shape MaxResults of sso-admin)."""


def page(
    items: Sequence[T],
    next_token: str | None,
    max_results: int | None,
    keep: Callable[[T], bool] = lambda _: True,
) -> tuple[list[T], str | None]:
    """Return one page of ``items`` and the token of the next one; raise ValidationException."""
    try:
        return cut(items, next_token, max_results, size=PAGE_SIZE, keep=keep)
    except InvalidPageError as error:
        raise AwsError("ValidationException", str(error)) from error
