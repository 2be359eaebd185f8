"""Budgets: made once, changed in place, with alerts that are told apart."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from avm_emulator.context import Emulator
from avm_emulator.engine import Options

OWNER = {"AccountId": "123456789012"}
WHICH = {**OWNER, "BudgetName": "avm-1"}
ALERT = {"NotificationType": "ACTUAL", "ComparisonOperator": "GREATER_THAN", "Threshold": 80.0}
TOLD = [{"SubscriptionType": "EMAIL", "Address": "a@example.com"}]


@pytest.fixture(scope="module")
def options() -> Options:
    return Options(speed="max", prepare=False, deploy=False, parts=("avm_emulator.budgets",))


@pytest.fixture
def budgets(emulator: Emulator) -> Any:
    return emulator.clients.client("budgets")


def body(amount: str) -> dict[str, Any]:
    limit = {"Amount": amount, "Unit": "USD"}
    return {"BudgetName": "avm-1", "BudgetType": "COST", "TimeUnit": "MONTHLY", "BudgetLimit": limit}


def test_a_budget_is_made_once_changed_and_deleted(budgets: Any) -> None:
    with pytest.raises(ClientError, match="NotFoundException"):
        budgets.describe_budget(**WHICH)
    budgets.create_budget(**OWNER, Budget=body("100"))
    with pytest.raises(ClientError, match="DuplicateRecordException"):
        budgets.create_budget(**OWNER, Budget=body("100"))
    for wrong in (body("0"), {**body("1"), "BudgetName": "a:b"}):
        with pytest.raises(ClientError, match="InvalidParameterException"):
            budgets.create_budget(**OWNER, Budget=wrong)
    budgets.update_budget(**OWNER, NewBudget=body("200"))
    assert budgets.describe_budget(**WHICH)["Budget"]["BudgetLimit"]["Amount"] == "200"
    budgets.delete_budget(**WHICH)
    for gone in (budgets.delete_budget, budgets.describe_budget):
        with pytest.raises(ClientError, match="NotFoundException"):
            gone(**WHICH)
    with pytest.raises(ClientError, match="AccessDeniedException"):
        budgets.create_budget(AccountId="111122223333", Budget=body("100"))


def test_alerts_are_told_apart_by_kind_and_threshold_and_say_whom_they_tell(budgets: Any) -> None:
    notifications = [{"Notification": ALERT, "Subscribers": TOLD}]
    budgets.create_budget(**OWNER, Budget=body("100"), NotificationsWithSubscribers=notifications)
    forecast = {**ALERT, "NotificationType": "FORECASTED"}
    budgets.create_notification(**WHICH, Notification=forecast, Subscribers=TOLD)
    with pytest.raises(ClientError, match="DuplicateRecordException"):
        budgets.create_notification(**WHICH, Notification=ALERT, Subscribers=TOLD)
    with pytest.raises(ClientError, match="InvalidParameterException"):
        budgets.create_notification(**WHICH, Notification={**ALERT, "Threshold": 90.0}, Subscribers=TOLD * 12)
    pages = budgets.get_paginator("describe_notifications_for_budget").paginate(
        **WHICH, PaginationConfig={"PageSize": 1}
    )
    kinds = [each["NotificationType"] for page in pages for each in page["Notifications"]]
    assert kinds == ["ACTUAL", "FORECASTED"]
    assert budgets.describe_subscribers_for_notification(**WHICH, Notification=ALERT)["Subscribers"] == TOLD
    budgets.delete_notification(**WHICH, Notification=ALERT)
    with pytest.raises(ClientError, match="NotFoundException"):
        budgets.describe_subscribers_for_notification(**WHICH, Notification=ALERT)
    budgets.delete_budget(**WHICH)
