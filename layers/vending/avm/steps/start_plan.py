"""A plan at the door: the request that it is about, checked against the catalog, and the run that makes it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from avm.contracts.account_plan import AccountPlan
from avm.domain.account_request import Requester, RequestRecord
from avm.steps.accept_request import parse_body, record_of, stored_request
from avm.steps.gateways import Gateways


def start_plan(
    body: object,
    *,
    requester: Requester,
    now: str,
    new_id: Callable[[], str],
    gateways: Gateways,
    check: Callable[[RequestRecord], None],
) -> dict[str, Any]:
    """Begin to plan the vend of ``body``, a request; return ``{"plan_id", "status"}``.

    ``check``: raises for a request of another's, where the id stands for one. Raises InvalidRequest and that.
    """
    request = parse_body(body, None, gateways)
    stored = stored_request(request.request_id, gateways) if request.request_id else None
    if stored is not None:
        check(stored)
    plan_id = f"plan-{new_id()}"
    record = record_of(request, request.request_id or plan_id, requester, now, gateways)
    account_type = gateways.catalog.account_type(request.type)
    plan = AccountPlan(
        plan_id=plan_id,
        status="PENDING",
        catalog_version=record.catalog_version,
        time=now,
        requester=requester,
        request=request,
        email=record.email if request.request_id or request.email else None,
        ou=account_type.ou,
        regions=record.regions,
        approval=account_type.approval,
    )
    gateways.reports.put_plan(plan)
    gateways.plan_runs.start(plan_id, {"observation_id": plan_id})
    return {"plan_id": plan_id, "status": plan.status}
