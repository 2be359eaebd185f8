"""Budgets of accounts, kept in the management account: there costs are seen, whoever may see them inside."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from botocore.exceptions import ClientError

from avm.aws.broker import READ_BUDGETS, WRITE_BUDGET, Broker
from avm.aws.errors import error_code, translated
from avm.domain.errors import ConcurrentChange, ServiceUnavailable

UNIT = "USD"
_GONE = "NotFoundException"


@dataclass(frozen=True)
class Alert:
    """Somebody is told when costs are above a part of the budget; AWS looks some times a day."""

    kind: Literal["ACTUAL", "FORECASTED"]
    percent: float

    def notification(self) -> dict[str, Any]:
        """Return it as the API takes it."""
        return {
            "NotificationType": self.kind,
            "ComparisonOperator": "GREATER_THAN",
            "Threshold": self.percent,
            "ThresholdType": "PERCENTAGE",
        }


@dataclass(frozen=True)
class AccountBudget:
    """What an account may cost in a month, and whom AWS tells."""

    monthly: float
    """USD."""
    account_id: str | None
    """The one account whose costs it counts; None: it counts others."""
    alerts: Mapping[Alert, frozenset[str]]
    """Alert -> e-mail addresses."""


class Budgets:
    """The budgets of the organization's accounts, one each."""

    def __init__(self, broker: Broker, management_account_id: str) -> None:
        """``broker``: the way into the management account, which has them."""
        self._broker = broker
        self._owner = {"AccountId": management_account_id}

    def budget(self, account_id: str) -> AccountBudget | None:
        """Return the budget of an account; None where it has none."""
        client, which = self._broker.budgets(READ_BUDGETS), {**self._owner, "BudgetName": name_of(account_id)}
        with translated():
            try:
                found = client.describe_budget(**which)["Budget"]
                alerts = dict(self._alerts(client, which))
            except ClientError as error:
                if error_code(error) == _GONE:
                    return None
                raise
        limit = found.get("BudgetLimit", {})
        is_monthly = (found["TimeUnit"], found["BudgetType"], limit.get("Unit")) == ("MONTHLY", "COST", UNIT)
        counted = found.get("CostFilters", {})
        account = counted["LinkedAccount"][0] if counted.keys() == {"LinkedAccount"} else None
        return AccountBudget(float(limit["Amount"]) if is_monthly else 0.0, account, alerts)

    def create(self, account_id: str, wanted: AccountBudget) -> None:
        """Make the budget of an account, with its alerts; ConcurrentChange where somebody has just made it."""
        notifications = [
            {"Notification": alert.notification(), "Subscribers": _subscribers(emails)}
            for alert, emails in wanted.alerts.items()
        ]
        with self._written():
            self._writer(account_id).create_budget(
                **self._owner,
                Budget=_budget(account_id, wanted.monthly),
                NotificationsWithSubscribers=notifications,
            )

    def set_limit(self, account_id: str, monthly: float) -> None:
        """Say what the account may cost, and that it is its costs that count."""
        with self._written():
            self._writer(account_id).update_budget(**self._owner, NewBudget=_budget(account_id, monthly))

    def add_alert(self, account_id: str, alert: Alert, emails: frozenset[str]) -> None:
        """Tell somebody, too."""
        with self._written():
            self._writer(account_id).create_notification(
                **self._owner,
                BudgetName=name_of(account_id),
                Notification=alert.notification(),
                Subscribers=_subscribers(emails),
            )

    def remove_alert(self, account_id: str, alert: Alert) -> None:
        """Tell nobody of this any more."""
        with self._written():
            self._writer(account_id).delete_notification(
                **self._owner, BudgetName=name_of(account_id), Notification=alert.notification()
            )

    def _writer(self, account_id: str) -> Any:
        return self._broker.budgets(WRITE_BUDGET, account_id)

    @staticmethod
    def _written() -> Any:
        # right after a budget was made AWS may not have its view of the bill yet (aws-semantics 7)
        return translated(
            BillingViewHealthStatusException=ServiceUnavailable,
            DuplicateRecordException=ConcurrentChange,
            NotFoundException=ConcurrentChange,
        )

    def _alerts(self, client: Any, which: Mapping[str, str]) -> Iterator[tuple[Alert, frozenset[str]]]:
        pages = client.get_paginator("describe_notifications_for_budget").paginate(**which)
        for found in [each for page in pages for each in page.get("Notifications", ())]:
            of_it = client.get_paginator("describe_subscribers_for_notification").paginate(**which, Notification=found)
            told = [each for page in of_it for each in page["Subscribers"]]
            if (found["ComparisonOperator"], found.get("ThresholdType", "PERCENTAGE")) == (
                "GREATER_THAN",
                "PERCENTAGE",
            ):
                alert = Alert(found["NotificationType"], found["Threshold"])
                yield alert, frozenset(each["Address"] for each in told if each["SubscriptionType"] == "EMAIL")


def name_of(account_id: str) -> str:
    """Return the name of an account's budget."""
    return f"avm-{account_id}"


def _budget(account_id: str, monthly: float) -> dict[str, Any]:
    return {
        "BudgetName": name_of(account_id),
        "BudgetType": "COST",
        "TimeUnit": "MONTHLY",
        "BudgetLimit": {"Amount": f"{monthly:g}", "Unit": UNIT},
        "CostFilters": {"LinkedAccount": [account_id]},
    }


def _subscribers(emails: frozenset[str]) -> list[dict[str, str]]:
    return [{"SubscriptionType": "EMAIL", "Address": email} for email in sorted(emails)]
