"""Why an action is granted on ``*``: AWS lets it be granted on nothing narrower, or a reason that is told here."""

from __future__ import annotations

import functools

import parliament

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


@functools.cache
def takes_resource(action: str) -> bool:
    """Say whether AWS defines a resource type for an action; raises LookupError for one that is not known."""
    prefix, _, name = action.partition(":")
    for service in parliament.iam_definition:
        if service["prefix"] == prefix:
            for privilege in service["privileges"]:
                if privilege["privilege"].lower() == name.lower():
                    return any(each["resource_type"] for each in privilege["resource_types"])
    raise LookupError(f"{action} is no action that parliament knows")
