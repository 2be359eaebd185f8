"""Tags of accounts, OUs, roots and policies."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from avm_emulator.errors import AwsError
from avm_emulator.organizations.pages import page
from avm_emulator.organizations.state import POLICY_ID, Organization
from avm_emulator.organizations.validation import check_tags


def tag_resource(organization: Organization, *, resource_id: str, tags: Sequence[dict[str, str]]) -> None:
    """Add or change tags, all or none."""
    existing = _tags_of(organization, resource_id)
    existing.update(check_tags(tags, existing))


def untag_resource(organization: Organization, *, resource_id: str, tag_keys: Sequence[str]) -> None:
    """Remove tags; keys that are not there do not matter."""
    existing = _tags_of(organization, resource_id)
    for key in tag_keys:
        existing.pop(key, None)


def list_tags_for_resource(
    organization: Organization, *, resource_id: str, next_token: str | None = None
) -> dict[str, Any]:
    """Return the tags of a resource."""
    found, token = page(list(_tags_of(organization, resource_id).items()), next_token, None)
    return {"Tags": [{"Key": key, "Value": value} for key, value in found], "NextToken": token}


def _tags_of(organization: Organization, resource_id: str) -> dict[str, str]:
    try:
        resource = organization.policy(resource_id) if POLICY_ID.fullmatch(resource_id) else None
    except AwsError as error:
        raise AwsError("TargetNotFoundException", "You specified a target that doesn't exist.") from error
    return (resource or organization.target(resource_id)).tags
