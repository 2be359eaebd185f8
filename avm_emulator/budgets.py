"""AWS Budgets: monthly budgets with alerts. moto's take any, never change one, and do not tell who is subscribed."""

from __future__ import annotations

import re
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from avm_emulator.errors import AwsError
from avm_emulator.operations import Operations
from avm_emulator.pages import InvalidPageError, cut

if TYPE_CHECKING:
    from avm_emulator.boundary import Call
    from avm_emulator.context import Emulator

ALERTS = 10
"""Of a budget (user guide, quotas)."""
SUBSCRIBERS = 11
"""Of an alert: ten e-mail addresses and a topic (botocore: Subscribers)."""
_NAME = r"[^:\\/]{1,100}"
_PERCENTAGE = "PERCENTAGE"


@dataclass
class Notification:
    """An alert of a budget."""

    details: dict[str, Any]
    subscribers: list[dict[str, str]]


@dataclass
class Budget:
    """A budget as the API takes it, and its alerts."""

    body: dict[str, Any]
    notifications: list[Notification] = field(default_factory=list)


class Budgets:
    """The budgets of all accounts."""

    def __init__(self) -> None:
        """Begin without any."""
        self.lock = threading.RLock()
        self.kept: dict[tuple[str, str], Budget] = {}

    def settle(self, call: Call) -> None:
        """Do nothing: nothing becomes due, and nobody is told anything."""

    def named(self, call: Call, account_id: str, name: str) -> Budget:
        """Return a budget of the caller's account; raise AwsError where there is none."""
        if account_id != call.account:
            raise AwsError("AccessDeniedException", f"Account {call.account} is not authorized for {account_id}.")
        found = self.kept.get((account_id, name))
        if found is None:
            raise AwsError("NotFoundException", f"Unable to get budget: {name} - the budget doesn't exist.")
        return found


def create_budget(
    budgets: Budgets,
    call: Call,
    *,
    account_id: str,
    budget: Mapping[str, Any],
    notifications_with_subscribers: Sequence[Mapping[str, Any]] = (),
    **_: Any,
) -> None:
    """Make a budget with its alerts."""
    if account_id != call.account:
        raise AwsError("AccessDeniedException", f"Account {call.account} is not authorized for {account_id}.")
    _check(budget)
    name = budget["BudgetName"]
    if (account_id, name) in budgets.kept:
        raise AwsError("DuplicateRecordException", f"Error creating budget: {name} - the budget already exists.")
    made = Budget(_dated(budget, call))
    for each in notifications_with_subscribers:
        _add(made, each["Notification"], each["Subscribers"])
    budgets.kept[account_id, name] = made


def update_budget(budgets: Budgets, call: Call, *, account_id: str, new_budget: Mapping[str, Any]) -> None:
    """Put another body in a budget's place; its alerts stay (botocore)."""
    _check(new_budget)
    budgets.named(call, account_id, new_budget["BudgetName"]).body = _dated(new_budget, call)


def describe_budget(budgets: Budgets, call: Call, *, account_id: str, budget_name: str, **_: Any) -> dict[str, Any]:
    """Return a budget."""
    return {"Budget": budgets.named(call, account_id, budget_name).body}


def delete_budget(budgets: Budgets, call: Call, *, account_id: str, budget_name: str) -> None:
    """Delete a budget with its alerts."""
    budgets.named(call, account_id, budget_name)
    del budgets.kept[account_id, budget_name]


def create_notification(
    budgets: Budgets,
    call: Call,
    *,
    account_id: str,
    budget_name: str,
    notification: Mapping[str, Any],
    subscribers: Sequence[Mapping[str, str]],
) -> None:
    """Add an alert."""
    _add(budgets.named(call, account_id, budget_name), notification, subscribers)


def delete_notification(
    budgets: Budgets, call: Call, *, account_id: str, budget_name: str, notification: Mapping[str, Any]
) -> None:
    """Delete an alert."""
    budget = budgets.named(call, account_id, budget_name)
    budget.notifications.remove(_named(budget, notification))


def describe_notifications_for_budget(
    budgets: Budgets,
    call: Call,
    *,
    account_id: str,
    budget_name: str,
    max_results: int | None = None,
    next_token: str | None = None,
) -> dict[str, Any]:
    """Return the alerts of a budget."""
    found = [each.details for each in budgets.named(call, account_id, budget_name).notifications]
    page, token = _page(found, next_token, max_results)
    return {"Notifications": page, "NextToken": token}


def describe_subscribers_for_notification(
    budgets: Budgets,
    call: Call,
    *,
    account_id: str,
    budget_name: str,
    notification: Mapping[str, Any],
    max_results: int | None = None,
    next_token: str | None = None,
) -> dict[str, Any]:
    """Return whom an alert tells."""
    found = _named(budgets.named(call, account_id, budget_name), notification).subscribers
    page, token = _page(found, next_token, max_results)
    return {"Subscribers": page, "NextToken": token}


def _page(items: Sequence[Any], token: str | None, limit: int | None) -> tuple[list[Any], str | None]:
    try:
        return cut(items, token, limit, size=100)
    except InvalidPageError as error:
        raise AwsError("InvalidNextTokenException", str(error)) from error


def _dated(body: Mapping[str, Any], call: Call) -> dict[str, Any]:
    return {**body, "LastUpdatedTime": call.time}


def _check(body: Mapping[str, Any]) -> None:
    if not re.fullmatch(_NAME, body["BudgetName"]):
        raise AwsError("InvalidParameterException", f"{body['BudgetName']} is no name of a budget.")
    limit = body.get("BudgetLimit")
    if body["BudgetType"] == "COST" and (limit is None or float(limit["Amount"]) <= 0):
        raise AwsError("InvalidParameterException", "A budget of costs has a limit above 0.")


def _add(budget: Budget, details: Mapping[str, Any], subscribers: Sequence[Mapping[str, str]]) -> None:
    complete = {"ThresholdType": _PERCENTAGE, "NotificationState": "OK", **details}
    if any(_same(each.details, complete) for each in budget.notifications):
        raise AwsError("DuplicateRecordException", "The notification already exists.")
    if len(budget.notifications) >= ALERTS:
        raise AwsError("CreationLimitExceededException", f"A budget has {ALERTS} notifications at most.")
    if not 1 <= len(subscribers) <= SUBSCRIBERS:
        raise AwsError("InvalidParameterException", f"A notification has 1 to {SUBSCRIBERS} subscribers.")
    budget.notifications.append(Notification(complete, [dict(each) for each in subscribers]))


def _named(budget: Budget, details: Mapping[str, Any]) -> Notification:
    for each in budget.notifications:
        if _same(each.details, details):
            return each
    raise AwsError("NotFoundException", "Unable to get notification - the notification doesn't exist.")


def _same(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Compare what tells alerts apart: kind, operator and threshold."""
    return all(
        one.get(name, _PERCENTAGE) == other.get(name, _PERCENTAGE)
        for name in ("NotificationType", "ComparisonOperator", "Threshold", "ThresholdType")
    )


FUNCTIONS = (
    create_budget,
    update_budget,
    describe_budget,
    delete_budget,
    create_notification,
    delete_notification,
    describe_notifications_for_budget,
    describe_subscribers_for_notification,
)


def install(emulator: Emulator) -> None:
    """Serve budgets from here."""
    emulator.boundary.interceptors.append(Operations("budgets", Budgets(), FUNCTIONS).answer)
