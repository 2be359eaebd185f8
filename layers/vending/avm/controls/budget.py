"""budget: somebody hears of it when the account costs more than was asked for. Plane: organization.

The budget stands in the management account: inside, its people could change it, or may not see costs at all. It warns,
and stops nothing: costs are known hours late.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from pydantic import Field

from avm.aws.budgets import AccountBudget, Alert
from avm.controls.control import Control, DriftEvent, Grant, Reach, Target
from avm.domain.catalog_model import CatalogModel
from avm.domain.finding import Change, Finding

_BUDGETS = "arn:{partition}:budgets::{management}:budget/avm-*"
_Percent = Annotated[float, Field(gt=0, le=1000)]


class BudgetParameters(CatalogModel):
    """What an account type may say about it."""

    actual_percent: Annotated[tuple[_Percent, ...], Field(max_length=3)] = Field(
        default=(80, 100), description="The owner is told when this part of the budget has been spent."
    )
    forecast_percent: Annotated[tuple[_Percent, ...], Field(max_length=2)] = Field(
        default=(100,), description="The owner is told when AWS expects this part to be spent by the month's end."
    )


class Budget(Control):
    """The account's budget; alerts that others have added are let be."""

    name = "budget"
    promise = "The owner is told before and when the account costs more than its budget."
    plane = "organization"
    duty = "attach_guardrails"
    observe_grants = (Grant(("budgets:ViewBudget",), (_BUDGETS,)),)
    enforce_grants = (Grant(("budgets:ModifyBudget",), (_BUDGETS,)),)
    drift_events = tuple(
        DriftEvent("budgets.amazonaws.com", name)
        for name in ("DeleteBudget", "DeleteNotification", "DeleteSubscriber", "UpdateBudget", "UpdateNotification")
    )
    parameters = BudgetParameters

    def observe(self, target: Target, reach: Reach) -> Finding:
        """Look at the budget; evidence: its limit, and whom AWS tells of what."""
        found, wanted = reach.budgets.budget(target.account.id), _wanted(target)
        if found is None:
            return self.finding(target, "violated", DescribeBudget="there is none")
        is_right = _counts(found, wanted) and not _lacking(found, wanted)
        return self.finding(
            target,
            "compliant" if is_right else "violated",
            DescribeBudget={"monthly_usd": found.monthly, "account": found.account_id},
            DescribeNotificationsForBudget={
                f"{alert.kind} {alert.percent:g} %": sorted(emails) for alert, emails in found.alerts.items()
            },
        )

    def enforce(self, target: Target, reach: Reach) -> list[Change]:
        """Make the budget, or set right what differs."""
        budgets, account_id, wanted = reach.budgets, target.account.id, _wanted(target)
        found = budgets.budget(account_id)
        if found is None:
            budgets.create(account_id, wanted)
            return [self.change("CreateBudget", account_id)]
        changes = []
        if not _counts(found, wanted):
            budgets.set_limit(account_id, wanted.monthly)
            changes.append(self.change("UpdateBudget", account_id))
        for alert, emails in _lacking(found, wanted).items():
            if alert in found.alerts:
                budgets.remove_alert(account_id, alert)
                changes.append(self.change("DeleteNotification", account_id))
            budgets.add_alert(account_id, alert, emails | found.alerts.get(alert, frozenset()))
            changes.append(self.change("CreateNotification", account_id))
        return changes


def _wanted(target: Target) -> AccountBudget:
    parameters = BudgetParameters.model_validate(dict(target.parameters), strict=False)
    told = frozenset({target.request.owner})
    alerts = {
        **{Alert("ACTUAL", float(percent)): told for percent in parameters.actual_percent},
        **{Alert("FORECASTED", float(percent)): told for percent in parameters.forecast_percent},
    }
    monthly = (target.request.budget or target.account_type.budget).monthly_usd
    return AccountBudget(float(monthly), target.account.id, alerts)


def _counts(found: AccountBudget, wanted: AccountBudget) -> bool:
    return (found.monthly, found.account_id) == (wanted.monthly, wanted.account_id)


def _lacking(found: AccountBudget, wanted: AccountBudget) -> Mapping[Alert, frozenset[str]]:
    return {alert: told for alert, told in wanted.alerts.items() if not told <= found.alerts.get(alert, frozenset())}
