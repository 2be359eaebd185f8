"""ClientError -> domain error, in one table. Codes that nobody has classified become NeedsOperator, never silence."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError, HTTPClientError
from botocore.exceptions import ConnectionError as AwsConnectionError

from avm.domain.errors import (
    AccessDenied,
    AccountLimitExceeded,
    ConcurrentChange,
    NotYetVisible,
    ServiceUnavailable,
    Throttled,
    UnexpectedAwsError,
    VendingError,
)

if TYPE_CHECKING:
    from botocore.model import OperationModel

SERVER_ERROR = 500

AWS_ERRORS: dict[str, type[VendingError]] = {
    # no permission: identity policies, SCPs and trust policies alike
    "AccessDenied": AccessDenied,
    "AccessDeniedException": AccessDenied,
    "KmsAccessDenied": AccessDenied,
    "UnauthorizedOperation": AccessDenied,
    # throttling, in the spellings of the services in use (aws-semantics 1.3, 2)
    "KmsThrottled": Throttled,
    "LimitExceededException": Throttled,
    "OverLimit": Throttled,
    "ProvisionedThroughputExceededException": Throttled,
    "RequestLimitExceeded": Throttled,
    "RequestThrottled": Throttled,
    "Throttling": Throttled,
    "ThrottlingException": Throttled,
    "TooManyRequestsException": Throttled,
    # ConcurrentModificationException is not in botocore's retry list (aws-semantics 1.3)
    "ConcurrentModificationException": ConcurrentChange,
    "ConcurrentModification": ConcurrentChange,  # IAM's
    "ConflictException": ConcurrentChange,
    "PolicyChangesInProgressException": ConcurrentChange,
    "TransactionConflictException": ConcurrentChange,
    "TransactionInProgressException": ConcurrentChange,
    # a new organization needs up to an hour (aws-semantics 1.1)
    "FinalizingOrganizationException": ServiceUnavailable,
    "InternalFailure": ServiceUnavailable,
    "InternalServerError": ServiceUnavailable,
    "InternalServerException": ServiceUnavailable,
    "ServiceException": ServiceUnavailable,
    "ServiceUnavailable": ServiceUnavailable,
    # a service has not been set up for a new account, or for a Region of it, yet (aws-semantics 3)
    "NotSignedUp": NotYetVisible,  # S3's
    "OptInRequired": NotYetVisible,  # EC2's, CloudFormation's
    "SubscriptionRequiredException": NotYetVisible,
    # Config does not see a bucket's new policy yet (aws-semantics 4.4)
    "InsufficientDeliveryPolicyException": NotYetVisible,
    # eventual consistency right after creation (aws-semantics 1.4)
    "AccountNotFoundException": NotYetVisible,
    "TargetNotFoundException": NotYetVisible,
}


_called: ContextVar[str] = ContextVar("called", default="AWS")


def name_calls(client: Any) -> None:
    """Let errors of ``client`` that come from no answer of AWS's name the call: botocore's own do not."""

    def note(model: OperationModel, **_: Any) -> None:
        _called.set(f"{model.service_model.service_name}:{model.name}")

    client.meta.events.register("before-parameter-build", note)


def error_code(error: ClientError) -> str:
    """Return AWS's code of ``error``."""
    return str(error.response.get("Error", {}).get("Code", ""))


def to_domain(error: ClientError) -> VendingError:
    """Return the domain error that ``error`` is; its message names operation, code, AWS's words and the request id."""
    code = error_code(error)
    message = error.response.get("Error", {}).get("Message", "")
    reason = str(error.response.get("Reason", ""))
    request_id = error.response.get("ResponseMetadata", {}).get("RequestId", "unknown")
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    # services name their own failures differently (InternalError, InternalException, ServiceFailure …)
    kind = AWS_ERRORS.get(code, ServiceUnavailable if status >= SERVER_ERROR else UnexpectedAwsError)
    if reason == "ACCOUNT_NUMBER_LIMIT_EXCEEDED":
        kind = AccountLimitExceeded
    elif reason == "ACCOUNT_CREATION_RATE_LIMIT_EXCEEDED":
        # despite its name: too many creations in progress (aws-semantics 1.1)
        kind = Throttled
    cause = f"{code} ({reason})" if reason else code
    sentence = f"{error.operation_name}: {cause}: {message} (request id {request_id})"
    return kind(sentence, aws_code=code, request_id=request_id)


@contextlib.contextmanager
def translated(**overrides: Callable[[str], VendingError]) -> Iterator[None]:
    """Turn what botocore raises in the block into domain errors.

    ``overrides``: AWS code -> error for this call, made from the sentence that says what AWS answered.
    """
    try:
        yield
    except ClientError as error:
        override = overrides.get(error_code(error))
        if override is not None:
            raise override(str(to_domain(error))) from error
        raise to_domain(error) from error
    except (HTTPClientError, AwsConnectionError) as error:
        message = f"{_called.get()}: no answer from AWS: {error}"
        raise ServiceUnavailable(message) from error
    except BotoCoreError as error:
        message = f"{_called.get()}: the call could not be made: {error}"
        raise UnexpectedAwsError(message) from error


@contextlib.contextmanager
def unless(*codes: str) -> Iterator[None]:
    """End the block in peace where AWS answers one of ``codes``: what is asked for is so already, or not there."""
    try:
        yield
    except ClientError as error:
        if error_code(error) not in codes:
            raise
