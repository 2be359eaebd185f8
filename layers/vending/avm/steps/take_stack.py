"""TakeStack: the stack of a product of Service Catalog becomes a request, as posting one does.

For accounts whose one engine of Service Catalog is taken: the product is a template with one custom resource, which
CloudFormation creates, changes and deletes here. Creating it is answered when the request is accepted: CloudFormation
waits an hour at most, an account may take longer. Deleting it closes nothing, whether somebody terminates the product
or CloudFormation rolls back.
"""

from __future__ import annotations

from pydantic import ValidationError

from avm.aws.stacks import Stack
from avm.contracts.custom_resource import ResourceRequest, Status
from avm.contracts.queue_message import fitting
from avm.domain.access import user_of
from avm.domain.account_request import SERVICE_CATALOG_STACK, AccountRequest, Requester
from avm.domain.errors import Rejected, RequestConflict, problem_details
from avm.domain.product import request_of
from avm.steps.accept_request import accept_request, stored_request
from avm.steps.gateways import Gateways
from avm.steps.product_forms import body_of, sentence
from avm.steps.step import StepOutput

ACCEPTED = "The request is accepted; the account is made now."
UNCHANGED = "The account's request is as it was: nothing was changed."
NO_UPDATE = (
    "Accounts are not changed through Service Catalog: nothing was changed, the account is as it was. Ask those who "
    "run account vending for a change."
)
NOT_CLOSED = (
    "Accounts are not closed through Service Catalog: nothing was closed, the account and all that is in it stay. Ask "
    "those who run account vending to close it."
)


class Input(ResourceRequest):
    """What CloudFormation sends."""


class Output(StepOutput):
    """What was answered about which request, and the code of what is wrong with it."""

    request_id: str
    status: str
    code: str | None = None


def run(step: Input, gateways: Gateways) -> Output:
    """Do what CloudFormation asks for, as far as it is offered, and answer.

    Raises Transient and NeedsOperator: then nothing is answered, and the request comes again.
    """
    # before anything is done: what nobody could be told of must not become an account
    gateways.stack_answers.check(step.answer_url)
    match step.kind:
        case "Create":
            return _create(step, gateways)
        case "Update":
            return _update(step, gateways)
        case "Delete":
            return _answer(step, gateways, "SUCCESS", NOT_CLOSED)


def _create(step: Input, gateways: Gateways) -> Output:
    try:
        # one that waits no more has told its launcher that there is no account
        stack = gateways.stacks.waiting(step.stack_id)
        accepted = accept_request(
            body_of(step.answers, step.account_type, gateways),
            idempotency_key=None,
            requester=_requester(step, stack, gateways.partition),
            now=stack.created_at,
            new_id=lambda: step.request_id,
            gateways=gateways,
        )
        if accepted.record.requester.door != SERVICE_CATALOG_STACK:
            raise RequestConflict(f"request id '{step.request_id}' stands for a request of another door")
    except Rejected as error:
        details = {"door": SERVICE_CATALOG_STACK, "stack_id": step.stack_id}
        problem = problem_details(error.code, fitting(sentence(error)))
        gateways.events.publish(
            "AccountRequestRejected", request_id=step.request_id, details={**details, "error": problem}
        )
        reason = f"{error.code}: {sentence(error).rstrip('.')}. {error.hint}"
        return _answer(step, gateways, "FAILED", reason, error.code)
    return _answer(step, gateways, "SUCCESS", ACCEPTED)


def _update(step: Input, gateways: Gateways) -> Output:
    """Refuse a change; what puts a refused change back, as CloudFormation does, changes nothing and succeeds."""
    stored = stored_request(step.request_id, gateways)
    if stored is not None and _digest(step) == stored.digest:
        return _answer(step, gateways, "SUCCESS", UNCHANGED)
    return _answer(step, gateways, "FAILED", NO_UPDATE, "UPDATE_NOT_OFFERED")


def _digest(step: Input) -> str | None:
    """Return the digest of the request that the properties are, whatever the catalog allows now; None: of none."""
    body, problems = request_of(step.answers, step.account_type)
    try:
        return None if problems else AccountRequest.model_validate(body).digest()
    except ValidationError:
        return None


def _requester(step: Input, stack: Stack, partition: str) -> Requester:
    """Return who launches: the principal whom Service Catalog has written on the stack, or else its account."""
    principal = stack.launcher or f"arn:{partition}:iam::{step.stack_id.split(':')[4]}:root"
    return Requester(door=SERVICE_CATALOG_STACK, principal=principal, on_behalf_of=user_of(principal))


def _answer(step: Input, gateways: Gateways, status: Status, reason: str, code: str | None = None) -> Output:
    follow = f"{gateways.api_url}/v1/requests/{step.request_id}"
    outputs = {"RequestId": step.request_id, "Follow": follow} if status == "SUCCESS" else None
    gateways.stack_answers.put(step.answer_url, step.answer(status, reason, outputs))
    return Output(request_id=step.request_id, status=status, code=code)
