"""The REST API: accepts requests and shows what has become of them.

Trigger: API Gateway (``/v1/{proxy+}``, SigV4). Input and output: docs/api.md. Errors: ``application/problem+json``; a
defect is logged with the request's id and answered with 500.
"""

import secrets
from collections.abc import Callable
from functools import cache
from http import HTTPStatus
from typing import Any

from aws_lambda_powertools.event_handler import APIGatewayRestResolver, Response

from avm.contracts.account_view import account_type_view, account_view
from avm.contracts.approval import decision_of
from avm.contracts.body import check_empty
from avm.contracts.exemption import breaker_of, exemption_of
from avm.contracts.foundation_report import Purpose
from avm.contracts.repair import controls_of
from avm.contracts.request_view import request_view
from avm.domain.access import Access, ApiRole, roles_of
from avm.domain.account import AccountRecord
from avm.domain.naming import ulid
from avm.runtime.http import (
    json_body,
    limit_of,
    optional_json_body,
    query_of,
    requester_of,
    respond,
    run_of,
    time_of,
)
from avm.runtime.observability import logger
from avm.runtime.openapi import openapi_document
from avm.runtime.rest import rest_api
from avm.runtime.wiring import build_gateways
from avm.steps.accept_adoption import accept_adoption, adoption_of, plan_adoption
from avm.steps.accept_request import Accepted, accept_request
from avm.steps.cancel_request import cancel_request
from avm.steps.decide_approval import decide_approval
from avm.steps.decide_repair import decide_repair, proposals_view
from avm.steps.drift_decisions import (
    breaker_view,
    end_exemption,
    exemptions_of,
    let_repairs_go_on,
    make_exemption,
    stop_repairs,
)
from avm.steps.foundation_runs import foundation_report, start_foundation_run
from avm.steps.gateways import Gateways
from avm.steps.observe_account import account_of, observe_account, repair_account, report_on, signed_report_on
from avm.steps.preflight_request import preflight_request
from avm.steps.retry_request import retry_request
from avm.steps.show_request import show_request
from avm.steps.start_plan import start_plan
from avm.steps.sweeps import show_sweep, start_sweep

app = rest_api()


@cache
def gateways() -> Gateways:
    """Return the process's gateways."""
    return build_gateways("api")


def access() -> Access:
    """Return who calls, and what the catalog lets him do."""
    requester = requester_of(app.current_event)
    api_roles = gateways().catalog.organization.api_roles
    return Access(requester, roles_of(requester.principal, api_roles.patterns() if api_roles else None))


def only(*roles: ApiRole) -> list[Callable[..., Response[str]]]:
    """Return the middleware that lets callers with one of the roles pass, and operators."""

    def check(_: APIGatewayRestResolver, go_on: Callable[[APIGatewayRestResolver], Response[str]]) -> Response[str]:
        access().demand(*roles)
        return go_on(app)

    return [check]


ASK = only("requester")
READ_REQUESTS = only("requester", "approver", "auditor")
READ_PROPOSALS = only("approver", "auditor")
DECIDE = only("approver")
READ_ACCOUNT = only("requester", "auditor")
READ = only("auditor")
OPERATE = only()


@app.post("/requests", middlewares=ASK)
def post_request() -> Response[str]:
    """Accept a request: 202, or 200 where it was accepted before."""
    event = app.current_event
    accepted = accept_request(
        json_body(event),
        idempotency_key=event.headers.get("Idempotency-Key"),
        new_id=_new_id,
        **_caller(),
    )
    return _respond_accepted(accepted)


@app.post("/requests/preflight", middlewares=ASK)
def post_preflight() -> Response[str]:
    """Check a request as if it were posted, and accept nothing."""
    event = app.current_event
    key = event.headers.get("Idempotency-Key")
    found = preflight_request(json_body(event), idempotency_key=key, new_id=_new_id, **_caller())
    if found["status"] is not None:
        access().check_sees(gateways().table.request(found["request_id"]))
    return respond(found)


@app.post("/plans", middlewares=ASK)
def post_plan() -> Response[str]:
    """Work out what the vend of a request would do, and accept nothing: 202."""
    body = json_body(app.current_event)
    return respond(start_plan(body, new_id=_new_id, check=access().check_sees, **_caller()), HTTPStatus.ACCEPTED)


@app.get("/plans/<plan_id>", middlewares=READ_REQUESTS)
def get_plan(plan_id: str) -> Response[str]:
    """Show a plan, or that it is being made."""
    plan = gateways().reports.plan(plan_id)
    access().check_sees_plan(plan_id, plan.requester)
    return respond(plan.model_dump(mode="json"))


@app.get("/requests", middlewares=READ_REQUESTS)
def list_requests() -> Response[str]:
    """List requests, newest first, a page at a time."""
    query = query_of(app.current_event, {"status", "type", "owner", "limit", "cursor"})
    filters = {name: query[name] for name in ("status", "type", "owner") if name in query}
    records, cursor = gateways().table.requests(
        limit=limit_of(query), cursor=query.get("cursor"), filters=filters, shown=access().sees
    )
    return respond({"items": [request_view(record).model_dump(mode="json") for record in records], "cursor": cursor})


@app.get("/requests/<request_id>", middlewares=READ_REQUESTS)
def get_request(request_id: str) -> Response[str]:
    """Show one request with its live steps."""
    record = gateways().table.request(request_id)
    access().check_sees(record)
    return respond(show_request(record, gateways()).model_dump(mode="json"))


@app.post("/requests/<request_id>/approval", middlewares=DECIDE)
def post_approval(request_id: str) -> Response[str]:
    """Decide about a request that waits for a decision."""
    decision, comment = decision_of(json_body(app.current_event))
    access().check_decides(gateways().table.request(request_id))
    record = decide_approval(request_id, decision, comment=comment, **_caller())
    return respond(show_request(record, gateways()).model_dump(mode="json"))


@app.post("/requests/<request_id>/cancel", middlewares=ASK)
def post_cancel(request_id: str) -> Response[str]:
    """Cancel a request before an account is created for it."""
    access().check_acts(gateways().table.request(request_id))
    record = cancel_request(request_id, **_caller())
    return respond(show_request(record, gateways()).model_dump(mode="json"))


@app.post("/requests/<request_id>/retry", middlewares=ASK)
def post_retry(request_id: str) -> Response[str]:
    """Try a parked or rejected request again."""
    access().check_acts(gateways().table.request(request_id))
    record = retry_request(request_id, **_caller())
    return respond(show_request(record, gateways()).model_dump(mode="json"), HTTPStatus.ACCEPTED)


@app.get("/requests/<request_id>/audit", middlewares=READ_REQUESTS)
def get_audit(request_id: str) -> Response[str]:
    """List what happened to a request, oldest first."""
    access().check_sees(gateways().table.request(request_id))
    rows = gateways().table.audit(request_id)
    items = [{"time": row.time, "actor": row.actor, "action": row.action, "details": row.details} for row in rows]
    return respond({"items": items})


@app.get("/accounts", middlewares=READ)
def list_accounts() -> Response[str]:
    """List accounts, newest first, a page at a time."""
    query = query_of(app.current_event, {"limit", "cursor"})
    records, cursor = gateways().table.accounts(limit=limit_of(query), cursor=query.get("cursor"))
    return respond({"items": [account_view(record) for record in records], "cursor": cursor})


@app.get("/accounts/<account_id>", middlewares=READ_ACCOUNT)
def get_account(account_id: str) -> Response[str]:
    """Show one account."""
    return respond(account_view(_account(account_id)))


@app.get("/accounts/<account_id>/report", middlewares=READ_ACCOUNT)
def get_report(account_id: str) -> Response[str]:
    """Show what each control of the account was last found to be."""
    _account(account_id)
    return respond(report_on(account_id, gateways(), run_of(app.current_event)).model_dump(mode="json"))


@app.get("/accounts/<account_id>/signed-report", middlewares=READ_ACCOUNT)
def get_signed_report(account_id: str) -> Response[str]:
    """Show the report as it was signed, with what verifies it."""
    _account(account_id)
    return respond(signed_report_on(account_id, gateways(), run_of(app.current_event)).model_dump(mode="json"))


@app.get("/accounts/<account_id>/drift", middlewares=READ_ACCOUNT)
def get_drift(account_id: str) -> Response[str]:
    """Show which controls of the account were last found untrue."""
    _account(account_id)
    return respond(report_on(account_id, gateways(), run_of(app.current_event)).drift())


@app.post("/accounts/<account_id>/observations", middlewares=OPERATE)
def post_observation(account_id: str) -> Response[str]:
    """Look at all controls of the account: 202."""
    check_empty(optional_json_body(app.current_event))
    return respond(observe_account(account_id, new_id=_new_id, gateways=gateways()), HTTPStatus.ACCEPTED)


@app.post("/accounts/<account_id>/repair", middlewares=OPERATE)
def post_repair(account_id: str) -> Response[str]:
    """Make controls of the account true: 202."""
    controls = controls_of(json_body(app.current_event))
    run = repair_account(account_id, controls, new_id=_new_id, gateways=gateways())
    logger.info("repair %s by %s", run["observation_id"], requester_of(app.current_event).principal)
    return respond(run, HTTPStatus.ACCEPTED)


@app.get("/accounts/<account_id>/exceptions", middlewares=READ)
def list_exceptions(account_id: str) -> Response[str]:
    """List which controls of the account may be untrue, until when, and why."""
    found = exemptions_of(account_id, time_of(app.current_event), gateways())
    return respond({"items": [exemption.model_dump() for exemption in found], "cursor": None})


@app.post("/accounts/<account_id>/exceptions", middlewares=OPERATE)
def post_exception(account_id: str) -> Response[str]:
    """Let a control of the account be untrue for a while."""
    exemption = make_exemption(account_id, exemption_of(json_body(app.current_event)), **_caller())
    logger.info("exception for %s of %s by %s", exemption.control, account_id, exemption.owner)
    return respond(exemption.model_dump())


@app.delete("/accounts/<account_id>/exceptions/<control>", middlewares=OPERATE)
def delete_exception(account_id: str, control: str) -> Response[str]:
    """End an exception."""
    end_exemption(account_id, control, gateways())
    logger.info("no exception for %s of %s: %s", control, account_id, requester_of(app.current_event).principal)
    return respond({"account_id": account_id, "control": control})


@app.get("/breaker", middlewares=READ)
def get_breaker() -> Response[str]:
    """Show which repairs are stopped, and what was repaired within the last hour."""
    return respond(breaker_view(gateways().drift.breaker.read()))


@app.post("/breaker/stop", middlewares=OPERATE)
def post_breaker_stop() -> Response[str]:
    """Stop repairs: all, those in an account, or those of a control there."""
    return respond(breaker_view(stop_repairs(breaker_of(json_body(app.current_event)), **_caller())))


@app.post("/breaker/reset", middlewares=OPERATE)
def post_breaker_reset() -> Response[str]:
    """Let repairs go on."""
    breaker = let_repairs_go_on(breaker_of(optional_json_body(app.current_event)), gateways())
    logger.info("breaker reset by %s", requester_of(app.current_event).principal)
    return respond(breaker_view(breaker))


@app.get("/proposals", middlewares=READ_PROPOSALS)
def list_proposals() -> Response[str]:
    """List the proposed repairs that wait for a decision."""
    return respond(proposals_view(time_of(app.current_event), gateways()))


@app.post("/proposals/<observation_id>/approval", middlewares=DECIDE)
def post_proposal_approval(observation_id: str) -> Response[str]:
    """Decide about a proposed repair."""
    decision, comment = decision_of(json_body(app.current_event))
    return respond(decide_repair(observation_id, decision, comment=comment, **_caller()))


@app.post("/accounts/<account_id>/adoption", middlewares=OPERATE)
def post_adoption(account_id: str) -> Response[str]:
    """Bring an account of the organization under the machine: 202, or 200 where that was accepted before."""
    event = app.current_event
    key = event.headers.get("Idempotency-Key")
    return _respond_accepted(accept_adoption(account_id, json_body(event), idempotency_key=key, **_caller()))


@app.post("/accounts/<account_id>/adoption/plan", middlewares=OPERATE)
def post_adoption_plan(account_id: str) -> Response[str]:
    """Look at the account as its adoption would, and work out what it would change: 202."""
    event = app.current_event
    now = time_of(event)
    run = plan_adoption(account_id, json_body(event), now=now, new_id=_new_id, gateways=gateways())
    return respond(run, HTTPStatus.ACCEPTED)


@app.get("/accounts/<account_id>/adoption", middlewares=READ)
def get_adoption(account_id: str) -> Response[str]:
    """Show the request that adopts the account, and the latest plan."""
    record, plan = adoption_of(account_id, gateways())
    request = None if record is None else show_request(record, gateways()).model_dump(mode="json")
    planned = None if plan is None else plan.model_dump(mode="json", exclude_none=True)
    return respond({"account_id": account_id, "request": request, "plan": planned})


@app.get("/foundation", middlewares=READ)
def get_foundation() -> Response[str]:
    """Show what each control of the foundation was last found to be, and what is left to do."""
    return respond(foundation_report(gateways(), run_of(app.current_event)).model_dump(mode="json"))


@app.post("/foundation/plan", middlewares=OPERATE)
def post_foundation_plan() -> Response[str]:
    """Look at the foundation and work out what an apply would do: 202."""
    return _start_foundation_run("plan")


@app.post("/foundation/apply", middlewares=OPERATE)
def post_foundation_apply() -> Response[str]:
    """Bring the foundation up to the catalog: 202."""
    return _start_foundation_run("apply")


@app.post("/sweeps", middlewares=OPERATE)
def post_sweep() -> Response[str]:
    """Look at every control of all accounts: 202."""
    check_empty(optional_json_body(app.current_event))
    return respond(start_sweep(new_id=_new_id, gateways=gateways()), HTTPStatus.ACCEPTED)


@app.get("/sweeps/<sweep_id>", middlewares=READ)
def get_sweep(sweep_id: str) -> Response[str]:
    """Show what a sweep has found, or how far it is; ``latest``: the one that ended last."""
    return respond(show_sweep(sweep_id, gateways()))


@app.get("/dead-letters", middlewares=READ)
def list_dead_letters() -> Response[str]:
    """List the messages that could not be taken, newest first."""
    query_of(app.current_event, set())
    return respond({"items": [letter.view() for letter in gateways().dead_letters.letters()], "cursor": None})


@app.post("/dead-letters/<message_id>/replay", middlewares=OPERATE)
def replay_dead_letter(message_id: str) -> Response[str]:
    """Send a message that could not be taken back to its queue: 202."""
    letter = gateways().dead_letters.replay(message_id)
    logger.info(
        "dead letter %s sent back to %s by %s", message_id, letter.queue, requester_of(app.current_event).principal
    )
    return respond(letter.view(), HTTPStatus.ACCEPTED)


@app.get("/account-types")
def list_account_types() -> Response[str]:
    """List what can be asked for."""
    catalog = gateways().catalog
    return respond({"items": [account_type_view(catalog, name) for name in sorted(catalog.account_types)]})


@app.get("/health")
def get_health() -> Response[str]:
    """Tell whether the API can do its work: it reads its catalog and its table."""
    gateways().table.accounts(limit=1)
    return respond({"status": "ok", "catalog_version": gateways().catalog.version})


@app.get("/openapi.json")
def get_openapi() -> Response[str]:
    """Describe the API to programs."""
    return respond(openapi_document())


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Handle one HTTP request."""
    logger.structure_logs(append=False, function="api", function_request_id=context.aws_request_id)
    return app.resolve(event, context)


def _account(account_id: str) -> AccountRecord:
    """Return an account that the caller may see: a requester's own request has made it."""
    record = account_of(account_id, gateways())
    if not access().sees_all:
        access().check_sees(gateways().table.request(record.request_id))
    return record


def _respond_accepted(accepted: Accepted) -> Response[str]:
    access().check_sees(accepted.record)  # the same request may have been another's
    logger.info("request %s %s", accepted.record.request_id, "accepted" if accepted.is_new else "known")
    body = show_request(accepted.record, gateways()).model_dump(mode="json")
    return respond(body, HTTPStatus.ACCEPTED if accepted.is_new else HTTPStatus.OK)


def _start_foundation_run(purpose: Purpose) -> Response[str]:
    run = start_foundation_run(purpose, new_id=_new_id, gateways=gateways())
    logger.info("foundation %s by %s", run["observation_id"], requester_of(app.current_event).principal)
    return respond(run, HTTPStatus.ACCEPTED)


def _caller() -> Any:
    """Return who calls and when, as the use cases take it."""
    event = app.current_event
    return {"requester": requester_of(event), "now": time_of(event), "gateways": gateways()}


def _new_id() -> str:
    return ulid(app.current_event.request_context.request_time_epoch, secrets.randbits(80))
