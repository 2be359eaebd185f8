"""tooling-account: the account that the machine runs in is under the machine, as all others are.

Somebody has made it before there was a machine, so it is adopted, last of all, when nothing is deferred any more.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from avm.controls.control import Grant
from avm.domain.foundation import TOOLING_TYPE, foundation_request_id
from avm.foundation.accounts import look_at_request, request_body
from avm.foundation.control import FoundationControl, FoundationReach, FoundationTarget, Look, Step


class ToolingAccount(FoundationControl):
    """The account that the application is deployed into."""

    name = "tooling-account"
    promise = "The account that the machine runs in is adopted: its controls are those of its type."
    duty = "request_accounts"
    needs = ("config-aggregator", "organization-analyzers", "service-administrators", "shared-services-account")
    observe_grants = (
        Grant(
            (
                "organizations:DescribeAccount",
                "organizations:ListOrganizationalUnitsForParent",
                "organizations:ListParents",
                "organizations:ListRoots",
                "organizations:ListTagsForResource",
            )
        ),
    )
    deadline_seconds = 14_400  # an adoption waits for AWS

    def look(self, target: FoundationTarget, reach: FoundationReach) -> Look:
        """Look whether the machine knows the account, then at the request that adopts it."""
        account_id = target.application_account_id
        if account_id == target.organization.management_account_id:
            return Look({"application": f"in the management account {account_id}, which no control binds"})
        request_id = foundation_request_id(TOOLING_TYPE)
        standing = reach.standing(request_id)
        status = reach.account_status(account_id)
        shown = {"account": account_id, "status": status}
        if standing is not None and status != "READY":
            return look_at_request(request_id, standing, shown)
        if status is not None:  # of an adoption that somebody else has begun, foundational-accounts tells
            return Look(shown)
        return replace(_adopt(account_id, target, reach), shown=shown)


def _adopt(account_id: str, target: FoundationTarget, reach: FoundationReach) -> Look:
    body, todo = request_body(TOOLING_TYPE, target)
    if body is None:
        return Look({}, by_hand=(todo,))
    obstacle = reach.obstacle_to_adoption(account_id)
    if obstacle is not None:
        return Look({}, by_hand=(f"{obstacle}. Then apply again.",))
    del body["name"]  # it has its own
    subject = f"adoption of account {account_id}, in which the machine runs, as request {body['request_id']}"
    return Look({}, (Step("states:StartExecution", subject, partial(reach.adopt, account_id, body), after="READY"),))
