"""Why an action is granted on ``*``: AWS lets it be granted on nothing narrower, or a reason that is told here."""

from __future__ import annotations

import functools
import json
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path

from tests.permissions.granted import Grant

NO_RESOURCE = "AWS defines no resource type for it (Service Authorization Reference)"
TOLD = {
    ("avm-broker", "organizations:TagResource"): "an account that is being made has no ARN yet; the condition asks for "
    "the request's id among its first tags",
}
"""By role and action, of actions that do take a resource."""
AWS_MANAGED = "AWS's own managed policy, which SAM attaches"
SESSION = "bounded by the role's own policy: a session policy grants nothing"


def why_unrestricted(grant: Grant) -> str | None:
    """Return why the action is granted on ``*``; None where there is no reason."""
    if grant.use is not None:
        return SESSION
    if ":aws:policy/" in grant.policy:
        return AWS_MANAGED
    if not takes_resource(grant.action):
        return NO_RESOURCE
    return TOLD.get((grant.principal, grant.action))


def takes_resource(action: str) -> bool:
    """Say whether AWS defines a resource type for an action; raises KeyError for one that is not known."""
    return _actions()[action.lower()]


@functools.cache
def _actions() -> Mapping[str, bool]:
    """Return action -> whether it takes a resource, from parliament's data; importing it leaves files open."""
    found = find_spec("parliament")
    if found is None or found.origin is None:
        raise LookupError("parliament is not installed: make setup-dev")
    services = json.loads((Path(found.origin).parent / "iam_definition.json").read_text("utf-8"))
    return {
        f"{service['prefix']}:{privilege['privilege']}".lower(): any(
            each["resource_type"] for each in privilege["resource_types"]
        )
        for service in services
        for privilege in service["privileges"]
    }
