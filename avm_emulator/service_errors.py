"""How each service says what every service can say: too fast, our own fault, not allowed, not subscribed.

The code comes from botocore's model of the operation, else of the service; services that do not name one in their
models have the common one of their protocol, or a row in a table here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from avm_emulator.errors import AwsError
from avm_emulator.policy.actions import actions_of

if TYPE_CHECKING:
    from botocore.model import OperationModel, ServiceModel

    from avm_emulator.boundary import Call

_THROTTLING = ("ThrottlingException", "TooManyRequestsException", "RequestThrottled")
_INTERNAL = (
    "ServiceException",
    "InternalServerException",
    "InternalServerErrorException",
    "InternalServerError",
    "InternalServiceException",
    "InternalServiceError",
    "InternalErrorException",
    "InternalException",
    "InternalError",
    "KMSInternalException",
    "ServerInternalException",
    "ServiceFailure",
)
_DENIED = ("AccessDeniedException", "AccessDenied", "AuthorizationError")

# What operations answer whose models do not name it.
_Answer = tuple[str, int]
_THROTTLING_OF: Mapping[str, _Answer] = {
    "ec2": ("RequestLimitExceeded", 503),
    "s3": ("SlowDown", 503),
    "securityhub": ("LimitExceededException", 429),  # throttle or quota (aws-semantics 4.2)
}
_DENIED_OF: Mapping[str, _Answer] = {"ec2": ("UnauthorizedOperation", 403), "sqs": ("AccessDenied", 403)}
_UNKNOWN_TOKEN_OF: Mapping[str, _Answer] = {"ec2": ("AuthFailure", 401), "s3": ("InvalidAccessKeyId", 403)}
_NOT_SUBSCRIBED_OF: Mapping[str, _Answer] = {
    "ec2": ("OptInRequired", 401),
    "cloudformation": ("OptInRequired", 403),
    "s3": ("NotSignedUp", 403),
}
# https://docs.aws.amazon.com/organizations/latest/APIReference/CommonErrors.html and its like in each API reference
_COMMON: Mapping[str, Mapping[str, _Answer]] = {
    "throttling": {
        "json": ("ThrottlingException", 400),
        "rest-json": ("TooManyRequestsException", 429),
        "xml": ("Throttling", 400),
    },
    "internal": {
        "json": ("InternalFailure", 500),
        "rest-json": ("InternalFailure", 500),
        "xml": ("InternalError", 500),
    },
    "denied": {
        "json": ("AccessDeniedException", 400),
        "rest-json": ("AccessDeniedException", 403),
        "xml": ("AccessDenied", 403),
    },
    "unknown token": {
        "json": ("UnrecognizedClientException", 400),
        "rest-json": ("UnrecognizedClientException", 403),
        "xml": ("InvalidClientTokenId", 403),
    },
    "not subscribed": {
        "json": ("SubscriptionRequiredException", 400),
        "rest-json": ("SubscriptionRequiredException", 403),
        "xml": ("SubscriptionRequiredException", 403),
    },
}

COMMON_CODES = frozenset(
    {
        *(code for answers in _COMMON.values() for code, _ in answers.values()),
        *("ExpiredToken", "ExpiredTokenException", "InvalidParameterCombination", "InvalidParameterValue"),
        *("OptInRequired", "RegionDisabledException", "RequestExpired", "RequestLimitExceeded", "ServiceUnavailable"),
        *("SignatureDoesNotMatch", "ValidationError", "ValidationException"),
    }
)
"""Codes that any service may answer without naming them in its model."""

# As people met them: aws-deployment-framework#784, aws-iam-identity-center-extensions#87; elsewhere "Rate exceeded".
_THROTTLING_MESSAGES = {
    "organizations": "You have sent too many requests in too short a period of time. Try again later.",
    "sso-admin": "There are too many requests processing. Please try again later.",
    "identitystore": "There are too many requests processing. Please try again later.",
    "ec2": "Request limit exceeded.",
    "s3": "Please reduce your request rate.",
}


def throttled(operation: OperationModel) -> AwsError:
    """Return the error of a caller that is too fast."""
    service = operation.service_model.service_name
    code, status = _code(operation, _THROTTLING, _THROTTLING_OF, "throttling")
    return AwsError(code, _THROTTLING_MESSAGES.get(service, "Rate exceeded"), status)


def internal_error(operation: OperationModel) -> AwsError:
    """Return the error of a service that has failed by itself."""
    code, status = _code(operation, _INTERNAL, {}, "internal")
    # Many models name no status for it; SDKs repeat the call because of the status (botocore: retries/standard.py).
    status = status if status is not None and status >= 500 else 500  # noqa: PLR2004  server errors
    return AwsError(code, "The request processing has failed because of an internal error. Try again later.", status)


def access_denied(call: Call, resource: str = "*", message: str | None = None) -> AwsError:
    """Return the error of a caller whose policies do not allow the call.

    ``message``: what he is told; without one, that no identity-based policy allows the action on ``resource``.
    """
    (action, *_) = actions_of(call.service, call.operation)
    code, status = _code(call.model, _DENIED, _DENIED_OF, "denied")
    if message is None:
        message = (
            f"User: {call.principal.arn} is not authorized to perform: {action} on resource: {resource} "
            f"because no identity-based policy allows the {action} action"
        )
    return AwsError(code, message, status)


def unknown_token(operation: OperationModel) -> AwsError:
    """Return the error of credentials that a service does not know (yet)."""
    service = operation.service_model.service_name
    code, status = _UNKNOWN_TOKEN_OF.get(service) or _common(operation, "unknown token")
    message = {
        "ec2": "AWS was not able to validate the provided access credentials",
        "s3": "The AWS Access Key Id you provided does not exist in our records.",
    }.get(service, "The security token included in the request is invalid.")
    return AwsError(code, message, status)


def not_subscribed(operation: OperationModel) -> AwsError:
    """Return the error of an account for which a service has not been set up (yet)."""
    service = operation.service_model.service_name
    code, status = _NOT_SUBSCRIBED_OF.get(service) or _common(operation, "not subscribed")
    message = {
        "ec2": "You are not subscribed to this service. Please go to http://aws.amazon.com to subscribe.",
        "s3": "Your account is not signed up for the S3 service. You must sign up before you can use S3.",
    }.get(service, "The AWS Access Key Id needs a subscription for the service")
    return AwsError(code, message, status)


def region_disabled(account: str) -> AwsError:
    """Return the error of STS in a Region in which it does not serve an account (yet)."""
    message = (
        f"STS is not activated in this region for account:{account}. "
        "Your account administrator can activate STS in this region using the IAM Console."
    )
    return AwsError("RegionDisabledException", message, 403)


def modelled_codes(model: OperationModel | ServiceModel) -> dict[str, int | None]:
    """Return the error codes that a model names, with their HTTP status where it names one."""
    shapes: Sequence[Any] = model.error_shapes  # botocore's stubs know Shape only
    return {shape.error_code: shape.metadata.get("error", {}).get("httpStatusCode") for shape in shapes}


def _code(
    operation: OperationModel, candidates: Sequence[str], by_service: Mapping[str, _Answer], kind: str
) -> tuple[str, int | None]:
    service = operation.service_model
    of_operation, of_service = modelled_codes(operation), modelled_codes(service)
    for code in candidates:
        if code in of_operation:
            return code, of_operation[code]
    if service.service_name in by_service:
        return by_service[service.service_name]
    for code in candidates:
        if code in of_service:
            return code, of_service[code]
    return _common(operation, kind)


def _common(operation: OperationModel, kind: str) -> _Answer:
    protocol = operation.service_model.metadata["protocol"]
    answers = _COMMON[kind]
    # Services with newer protocols (CBOR) are queried in JSON, too.
    return answers.get(protocol) or answers["xml" if protocol in ("query", "ec2", "rest-xml") else "json"]
