"""Tag keys that allocate costs: seen and switched by the account that pays."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from avm_emulator.cost_explorer.state import AllocationTag, CostExplorer, payer_of
from avm_emulator.errors import AwsError
from avm_emulator.pages import InvalidPageError, cut

if TYPE_CHECKING:
    from avm_emulator.boundary import Call

AT_ONCE = 20
"""Tags in one call (botocore, UpdateCostAllocationTagsStatus)."""
_PAGE, _LONGEST_PAGE = 100, 1000


def list_cost_allocation_tags(
    cost_explorer: CostExplorer,
    call: Call,
    *,
    status: str | None = None,
    tag_keys: Sequence[str] = (),
    type: str | None = None,  # noqa: A002  the name of the parameter in AWS
    next_token: str | None = None,
    max_results: int | None = None,
) -> dict[str, Any]:
    """Return the tags that billing knows."""
    _check_payer(call)
    tags = [
        described
        for described in map(_describe, cost_explorer.known(call.account, call.time).values())
        if status in (None, described["Status"])
        and type in (None, described["Type"])
        and (not tag_keys or described["TagKey"] in tag_keys)
    ]
    try:
        found, token = cut(tags, next_token, max_results or _PAGE, size=_LONGEST_PAGE)
    except InvalidPageError as error:
        raise AwsError("InvalidNextTokenException", str(error)) from error
    return {"CostAllocationTags": found, "NextToken": token}


def update_cost_allocation_tags_status(
    cost_explorer: CostExplorer, call: Call, *, cost_allocation_tags_status: Sequence[Mapping[str, str]]
) -> dict[str, Any]:
    """Switch tags; those that billing does not know (yet) are among the errors, and the others are switched."""
    _check_payer(call)
    if not 1 <= len(cost_allocation_tags_status) <= AT_ONCE:
        raise AwsError("ValidationException", f"CostAllocationTagsStatus must have 1 to {AT_ONCE} entries.")
    known = cost_explorer.known(call.account, call.time)
    errors = []
    for entry in cost_allocation_tags_status:
        tag = known.get(entry["TagKey"])
        if tag is None:
            message = f"Tag keys not found: {entry['TagKey']}"
            errors.append({"TagKey": entry["TagKey"], "Code": "TagKeysNotFound", "Message": message})
            continue
        cost_explorer.switch(call.account, tag, active=entry["Status"] == "Active", now=call.time)
    return {"Errors": errors}


def _check_payer(call: Call) -> None:
    if payer_of(call.account) != call.account:
        raise AwsError("AccessDeniedException", "Linked account doesn't have access to cost allocation tags.")


def _describe(tag: AllocationTag) -> dict[str, Any]:
    described = {
        "TagKey": tag.key,
        "Type": tag.type,
        "Status": "Active" if tag.is_active else "Inactive",
        # botocore: the last month in which it was used
        "LastUsedDate": f"{datetime.fromtimestamp(tag.last_used, UTC):%Y-%m}-01T00:00:00Z",
    }
    if tag.updated_at is not None:
        described["LastUpdatedDate"] = f"{datetime.fromtimestamp(tag.updated_at, UTC):%Y-%m-%dT%H:%M:%SZ}"
    return described
