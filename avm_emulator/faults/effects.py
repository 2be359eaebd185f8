"""What each kind of fault does to a call."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from botocore import parsers
from werkzeug import Response

from avm_emulator import duplicates, service_errors, tracing
from avm_emulator.boundary.protocol import error_code
from avm_emulator.errors import AwsError, NoAnswerError
from avm_emulator.faults.outcomes import OUTCOMES
from avm_emulator.faults.partial import PARTIAL, UNPROCESSED

if TYPE_CHECKING:
    from avm_emulator.boundary import Call
    from avm_emulator.context import Emulator
    from avm_emulator.faults.reads import Reads
    from avm_emulator.faults.rules import Rule

LOST = "LostResponse"
KILLED = "FunctionKilled"
"""What the record of calls says of calls without an answer."""


class Attempt:
    """A call on its way, executed once at most."""

    def __init__(self, emulator: Emulator, call: Call, proceed: Callable[[], Response], reads: Reads) -> None:
        """``proceed`` executes ``call``; ``reads`` remembers true answers."""
        self.emulator = emulator
        self.call = call
        self.reads = reads
        self._proceed = proceed
        self._response: Response | None = None

    def execute(self) -> Response:
        """Return the true answer."""
        if self._response is None:
            self._response = self._proceed()
            self.reads.remember(self.call, self._response)
        return self._response

    def invocation(self) -> int | None:
        """Return the number of the invocation, running now, that makes the call; None when no function does."""
        number = tracing.number_in(self.call.environ)
        functions = getattr(self.emulator, "functions", None)
        return number if number is not None and functions is not None and functions.pool.serves(number) else None

    def can_suffer(self, fault: str) -> bool:
        """Say whether a fault can happen to this very call, beside what its operation says."""
        if fault == "kill_function":
            return self.invocation() is not None
        if fault == "stale_read":
            self.execute()
            return self.reads.earlier(self.call) is not None
        if fault == "duplicate_delivery" and (self.call.service, self.call.operation) == ("lambda", "Invoke"):
            return self.call.parameters.get("InvocationType") == "Event"
        return True


def _throttle(attempt: Attempt, _rule: Rule) -> Response:
    return attempt.call.answer(service_errors.throttled(attempt.call.model))


def _error_before(attempt: Attempt, rule: Rule) -> Response:
    model = attempt.call.model
    error = service_errors.internal_error(model)
    if rule.code not in (None, error.code):
        error = AwsError(rule.code, "The emulator was asked to let this call fail.")
    return attempt.call.answer(error)


def _lost_response(attempt: Attempt, _rule: Rule) -> Response:
    attempt.execute()
    raise NoAnswerError(LOST)


def _slow(attempt: Attempt, rule: Rule) -> Response:
    response = attempt.execute()
    attempt.emulator.clock.sleep(rule.seconds)
    return response


def _denied(attempt: Attempt, _rule: Rule) -> Response:
    return attempt.call.answer(service_errors.access_denied(attempt.call))


def _kill_function(attempt: Attempt, rule: Rule) -> Response:
    if rule.phase == "after":
        attempt.execute()
    invocation = attempt.invocation()
    if invocation is not None:
        attempt.emulator.functions.pool.kill_invocation(invocation)
    raise NoAnswerError(KILLED)


def _stale_read(attempt: Attempt, _rule: Rule) -> Response:
    earlier = attempt.reads.earlier(attempt.call)
    return attempt.execute() if earlier is None else earlier.response()


def _duplicate_delivery(attempt: Attempt, _rule: Rule) -> Response:
    with duplicates.twice():
        return attempt.execute()


def _outcome(attempt: Attempt, rule: Rule) -> Response:
    call = attempt.call
    key = (call.service, call.operation)
    if key in PARTIAL and rule.code in (None, UNPROCESSED):
        return call.answer(PARTIAL[key](call.parameters))
    response = attempt.execute()
    if error_code(response, call.model, call.protocol) is None:
        outcome = OUTCOMES[key]
        outcome.fail(call, _parsed(call, response), rule.code or outcome.default)
    return response


def _parsed(call: Call, response: Response) -> dict[str, Any]:
    """Return an answer in the form of boto3's."""
    headers = {name.lower(): value for name, value in response.headers.items()}
    answer = {"status_code": response.status_code, "headers": headers, "body": response.get_data()}
    parsed: dict[str, Any] = parsers.create_parser(call.protocol).parse(answer, call.model.output_shape)
    return parsed


EFFECTS: Mapping[str, Callable[[Attempt, Rule], Response]] = {
    "throttle": _throttle,
    "error_before": _error_before,
    "lost_response": _lost_response,
    "slow": _slow,
    "denied": _denied,
    "kill_function": _kill_function,
    "stale_read": _stale_read,
    "duplicate_delivery": _duplicate_delivery,
    "outcome": _outcome,
}
"""By kind: answers the call, or raises NoAnswerError."""
