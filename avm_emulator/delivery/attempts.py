"""Attempts: what EventBridge and EventBridge Scheduler deliver is tried again until a limit, then a dead letter.

Facts: EventBridge user guide, "How EventBridge retries delivering events" and "Using dead-letter queues"; Scheduler
user guide, "Configuring a schedule's dead-letter queue".
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError
from moto.core.exceptions import JsonRESTError, ServiceException
from moto.sqs.models import sqs_backends

from avm_emulator.authorization.services import service_may
from avm_emulator.errors import AwsError

if TYPE_CHECKING:
    from avm_emulator.clock import Clock

log = logging.getLogger(__name__)

MAXIMUM_RETRY_ATTEMPTS = 185
MAXIMUM_EVENT_AGE = 86_400
# AWS says "exponential back off and jitter" and no figures: assumed, and without jitter so that runs repeat.
_FIRST_DELAY, _LONGEST_DELAY = 1.0, 600.0

# What an error code of the target's service means, in the words of a dead letter's ERROR_CODE; those that no retry
# mends are delivered to the dead-letter queue at once (permissions, resources that do not exist, bad input).
_CODES: tuple[tuple[str, str, bool], ...] = (
    (r"AccessDenied|NotAuthorized|UnauthorizedOperation", "NO_PERMISSIONS", False),
    (r"Throttl|TooManyRequests|LimitExceeded|SlowDown", "THROTTLING", True),
    (r"NotFound|DoesNotExist|NonExistent|NoSuch", "NO_RESOURCE", False),
    (r"AlreadyExists", "RESOURCE_ALREADY_EXISTS", False),
    (r"Invalid(Parameter|Attribute|Request|Execution)|Missing|Validation|TooLarge", "INVALID_PARAMETER", False),
    (r"InternalFailure|InternalError|ServiceException|ServiceUnavailable", "INTERNAL_ERROR", True),
)


class DeliveryError(Exception):
    """A target did not take an event."""

    def __init__(self, code: str, message: str, *, retryable: bool = False) -> None:
        """``code``: one of EventBridge's ERROR_CODEs."""
        super().__init__(message)
        self.code = code
        self.message = message
        self.retryable = retryable

    @classmethod
    def of(cls, error: Exception) -> DeliveryError:
        """Return what an error of a service means for a delivery."""
        name, message = _name_and_message(error)
        for pattern, code, retryable in _CODES:
            if re.search(pattern, name):
                return cls(code, message, retryable=retryable)
        return cls("ERROR_FROM_TARGET", f"{name}: {message}", retryable=True)


SERVICE_ERRORS = (ClientError, AwsError, ServiceException, JsonRESTError)
"""What the services raise, over HTTP and in process."""


@dataclass(frozen=True)
class RetryPolicy:
    """How long and how often."""

    maximum_retry_attempts: int
    maximum_event_age: float

    @classmethod
    def of(cls, target: Mapping[str, Any]) -> RetryPolicy:
        """Read the policy of a target (EventBridge's or Scheduler's)."""
        policy = target.get("RetryPolicy") or {}
        return cls(
            policy.get("MaximumRetryAttempts", MAXIMUM_RETRY_ATTEMPTS),
            policy.get("MaximumEventAgeInSeconds", MAXIMUM_EVENT_AGE),
        )


@dataclass(frozen=True)
class DeadLetter:
    """Why a delivery was given up."""

    error: DeliveryError
    retries: int
    exhausted: str | None
    """``MaximumRetryAttempts``, ``MaximumEventAgeInSeconds``, or None when no retry would help."""

    def attributes(self) -> dict[str, str]:
        """Return the message attributes that both services set."""
        attributes = {
            "ERROR_CODE": self.error.code,
            "ERROR_MESSAGE": self.error.message,
            "RETRY_ATTEMPTS": str(self.retries),
        }
        return attributes if self.exhausted is None else {**attributes, "EXHAUSTED_RETRY_CONDITION": self.exhausted}


@dataclass(frozen=True)
class Delivery:
    """One event on its way to one target."""

    name: str
    """For messages and the clock."""
    send: Callable[[int], None]
    """Makes the attempt with the number that it is given (from 1); raises DeliveryError."""
    give_up: Callable[[DeadLetter], None]
    policy: RetryPolicy


class Deliveries:
    """Sees deliveries through, on the emulated clock."""

    def __init__(self, clock: Clock) -> None:
        """Everything waits on ``clock``."""
        self._clock = clock

    def start(self, delivery: Delivery) -> None:
        """Make the first attempt now, in a thread of the clock."""
        self._clock.submit(partial(self._attempt, delivery, 0, self._clock.now()), name=delivery.name)

    def _attempt(self, delivery: Delivery, retries: int, began_at: float) -> None:
        try:
            delivery.send(retries + 1)
        except DeliveryError as error:
            log.info("%s: %s: %s", delivery.name, error.code, error)
            self._failed(delivery, error, retries, began_at)
        except Exception as error:
            log.exception("the emulator failed at %s", delivery.name)
            self._failed(delivery, DeliveryError("UNKNOWN", f"{type(error).__name__}: {error}"), retries, began_at)

    def _failed(self, delivery: Delivery, error: DeliveryError, retries: int, began_at: float) -> None:
        if not error.retryable:
            delivery.give_up(DeadLetter(error, retries, None))
            return
        if retries >= delivery.policy.maximum_retry_attempts:
            delivery.give_up(DeadLetter(error, retries, "MaximumRetryAttempts"))
            return
        too_old_at = began_at + delivery.policy.maximum_event_age
        again_at = self._clock.now() + min(_FIRST_DELAY * 2**retries, _LONGEST_DELAY)
        if again_at > too_old_at:
            letter = DeadLetter(error, retries, "MaximumEventAgeInSeconds")
            self._clock.try_again_at(too_old_at, partial(delivery.give_up, letter), name=delivery.name)
        else:
            attempt = partial(self._attempt, delivery, retries + 1, began_at)
            self._clock.try_again_at(again_at, attempt, name=delivery.name)


def send_dead_letter(arn: str, body: str, attributes: Mapping[str, str], *, source_arn: str) -> None:
    """Send a dead letter as the service that gives up, if the queue's policy lets it.

    A letter that cannot be sent is lost, as on AWS (metric InvocationsFailedToBeSentToDlq), and logged.
    """
    *_, region, account_id, name = arn.split(":")
    queue = sqs_backends[account_id][region].queues.get(name)
    if queue is None:
        log.warning("dead letter of %s is lost: no queue %s", source_arn, arn)
        return
    source = {"aws:SourceArn": source_arn, "aws:SourceAccount": source_arn.split(":")[4]}
    if not service_may("events.amazonaws.com", "sqs:SendMessage", arn, source):
        log.warning("dead letter of %s is lost: the policy of %s does not allow events.amazonaws.com", source_arn, arn)
        return
    wire = {key: {"DataType": "String", "StringValue": value} for key, value in attributes.items()}
    sqs_backends[account_id][region].send_message(name, body, message_attributes=wire)


def _name_and_message(error: Exception) -> tuple[str, str]:
    if isinstance(error, ClientError):
        return error.response["Error"]["Code"], error.response["Error"]["Message"]
    if isinstance(error, JsonRESTError):
        return error.error_type, error.message
    return getattr(error, "code", type(error).__name__), getattr(error, "message", str(error))
