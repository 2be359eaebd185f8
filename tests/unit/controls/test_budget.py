"""budget, by the budgets of the emulator's management account."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from avm.aws.broker import Broker, Use
from avm.aws.budgets import Alert, Budgets
from avm.controls.budget import Budget
from avm.domain.errors import ServiceUnavailable, Throttled
from avm_emulator.clients import Clients
from tests.unit.controls.conftest import Place
from tests.unit.controls.member import fault

CONTROL = Budget()
OWNER = "jane.doe@example.com"


class Management(Broker):
    """A role of the management account in the place of the broker."""

    def __init__(self, clients: Clients) -> None:
        self._own = clients

    def _client(self, service: str, use: Use, account_id: str, region: str | None = None) -> Any:
        del use, account_id
        return self._own.client(service, region, role_arn="arn:aws:iam::123456789012:role/avm-operator")


@pytest.fixture(autouse=True)
def reached(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = Budgets(Management(place.emulator.clients), place.emulator.management_account_id)
    monkeypatch.setattr(type(place), "budgets", kept)


def which(place: Place) -> dict[str, str]:
    return {"AccountId": place.emulator.management_account_id, "BudgetName": f"avm-{place.account_id}"}


def test_it_is_made_once_with_its_alerts(place: Place) -> None:
    target = place.target()
    assert CONTROL.observe(target, place).status == "violated"
    assert [change.operation for change in CONTROL.enforce(target, place)] == ["CreateBudget"]
    found = CONTROL.observe(target, place)
    assert found.status == "compliant"
    assert found.evidence["DescribeBudget"] == {"monthly_usd": 500.0, "account": place.account_id}
    told = {"ACTUAL 80 %": [OWNER], "ACTUAL 100 %": [OWNER], "FORECASTED 100 %": [OWNER]}
    assert found.evidence["DescribeNotificationsForBudget"] == told
    since = place.last_call()
    assert CONTROL.enforce(target, place) == []
    assert place.mutating_calls(since) == []


def test_what_differs_is_set_right_and_others_alerts_are_let_be(place: Place) -> None:
    target = place.target()
    CONTROL.enforce(target, place)
    client = place.emulator.clients.client("budgets")
    body = client.describe_budget(**which(place))["Budget"]
    del body["LastUpdatedTime"]
    client.update_budget(
        AccountId=place.emulator.management_account_id,
        NewBudget={**body, "BudgetLimit": {"Amount": "7", "Unit": "USD"}, "CostFilters": {}},
    )
    finance = [{"SubscriptionType": "EMAIL", "Address": "finance@example.com"}]
    ours, other = Alert("ACTUAL", 80.0).notification(), Alert("ACTUAL", 50.0).notification()
    client.delete_notification(**which(place), Notification=ours)
    for alert in (ours, other):
        client.create_notification(**which(place), Notification=alert, Subscribers=finance)
    assert CONTROL.observe(target, place).status == "violated"
    done = [change.operation for change in CONTROL.enforce(target, place)]
    assert done == ["UpdateBudget", "DeleteNotification", "CreateNotification"]
    found = CONTROL.observe(target, place)
    assert found.status == "compliant"
    told = found.evidence["DescribeNotificationsForBudget"]
    assert (told["ACTUAL 80 %"], told["ACTUAL 50 %"]) == (["finance@example.com", OWNER], ["finance@example.com"])


def test_a_request_says_what_it_may_cost_and_a_type_whom_to_tell_when(place: Place) -> None:
    target = place.target(request={"budget": {"monthly_usd": 42.5}})
    CONTROL.enforce(target, place)
    assert CONTROL.observe(target, place).evidence["DescribeBudget"]["monthly_usd"] == 42.5
    more = replace(target, parameters={"actual_percent": [25, 80], "forecast_percent": []})
    assert CONTROL.observe(more, place).status == "violated"
    assert [change.operation for change in CONTROL.enforce(more, place)] == ["CreateNotification"]
    assert CONTROL.observe(more, place).status == "compliant"


@pytest.mark.parametrize(("kind", "error"), [("throttle", Throttled), ("error_before", ServiceUnavailable)])
def test_what_cannot_be_looked_at_is_no_budget_that_is_not_there(
    place: Place, kind: str, error: type[Exception]
) -> None:
    with fault(place, "budgets", "DescribeBudget", kind), pytest.raises(error):
        CONTROL.observe(place.target(), place)
