"""TakeProvisioning: launching a product of Service Catalog becomes a request, as posting one does.

Only Service Catalog sends to the three queues. The record's id is the request's: the same record is one account.
What becomes of the request is told by NotifyProvisioning, a refusal as well. Changing and closing accounts is not
offered here: such a record fails at once, and the account stays as it is.
"""

from __future__ import annotations

from avm.contracts.provisioning import Provisioning, account_type_of, provisioning
from avm.contracts.queue_message import fitting
from avm.domain.account_request import SERVICE_CATALOG, Requester
from avm.domain.errors import FieldProblem, InvalidRequest, Rejected, RequestConflict, problem_details
from avm.steps.accept_request import accept_request
from avm.steps.gateways import Gateways
from avm.steps.messages import Input, Output, give_up, put_aside
from avm.steps.product_forms import body_of, sentence

__all__ = ["Input", "Output", "give_up", "run"]

NO_UPDATE = (
    "Accounts are not changed through Service Catalog: nothing was changed, the account is as it was. Ask those who "
    "run account vending for a change."
)
NO_TERMINATION = (
    "Accounts are not closed through Service Catalog: nothing was closed, the account and all that is in it stay. Ask "
    "those who run account vending to close it."
)


def run(step: Input, gateways: Gateways) -> Output:
    """Accept the message as a request, or let its record fail with the reason; put aside what names no record.

    Raises Transient and NeedsOperator: then the message is not done with.
    """
    try:
        message = provisioning(step.body)
    except Rejected as error:
        put_aside(step, None, error, gateways)
        return Output(request_id=None, code=error.code)
    match message.operation:
        case "PROVISION":
            return _provision(step, message, gateways)
        case "UPDATE":
            gateways.provisioning_results.not_updated(message.record_id, message.token, NO_UPDATE)
        case "TERMINATE":
            gateways.provisioning_results.not_terminated(message.record_id, message.token, NO_TERMINATION)
    return Output(request_id=None, code=f"{message.operation}_NOT_OFFERED")


def _provision(step: Input, message: Provisioning, gateways: Gateways) -> Output:
    # before anything that is told: without it, nobody could end the record
    gateways.provisionings.keep(message.record_id, message.token)
    try:
        accepted = accept_request(
            _body(message, gateways),
            idempotency_key=None,
            requester=_requester(message, gateways.partition),
            now=step.message().sent_at,
            new_id=lambda: message.record_id,
            gateways=gateways,
        )
        if accepted.record.requester.door != SERVICE_CATALOG:
            raise RequestConflict(f"request id '{message.record_id}' stands for a request of another door")
    except Rejected as error:
        details = {"door": SERVICE_CATALOG, "message_id": step.message_id, "record_id": message.record_id}
        problem = problem_details(error.code, fitting(sentence(error)))
        gateways.events.publish(
            "AccountRequestRejected", request_id=message.record_id, details={**details, "error": problem}
        )
        return Output(request_id=message.record_id, code=error.code)
    return Output(request_id=message.record_id)


def _body(message: Provisioning, gateways: Gateways) -> dict[str, object]:
    """Return the request that a message is; raises InvalidRequest with all that is wrong with its parameters."""
    if message.artifact is None or message.launch_role_arn is None:
        hint = "launch a product of templates/service_catalog.yaml"
        raise InvalidRequest([FieldProblem("artifact", "the product has no artifact, or no launch role", hint)])
    artifact = gateways.product_artifacts.read(message.artifact.path, message.launch_role_arn)
    return body_of(message.answers(), account_type_of(artifact), gateways)


def _requester(message: Provisioning, partition: str) -> Requester:
    """Return who launches: the account, which Service Catalog knows, and whom it names in it."""
    identity = message.identity
    account = identity.account if identity else None
    if account is None:
        return Requester(door=SERVICE_CATALOG, principal="servicecatalog.amazonaws.com")
    principal = f"arn:{partition}:iam::{account}:root"
    return Requester(door=SERVICE_CATALOG, principal=principal, on_behalf_of=(identity and identity.principal) or None)
