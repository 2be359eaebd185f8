"""The kinds of faults: which calls each can happen to, and which fields its rules have."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from avm_emulator.cloudtrail.naming import has_management_events
from avm_emulator.faults import models
from avm_emulator.faults.outcomes import OUTCOMES
from avm_emulator.faults.partial import PARTIAL, UNPROCESSED

DELIVERING = frozenset(
    {
        ("events", "PutEvents"),
        ("lambda", "Invoke"),
        ("lambda", "InvokeAsync"),
        ("s3", "CompleteMultipartUpload"),
        ("s3", "CopyObject"),
        ("s3", "DeleteObject"),
        ("s3", "DeleteObjects"),
        ("s3", "PutObject"),
        ("sns", "Publish"),
        ("sns", "PublishBatch"),
        ("sqs", "SendMessage"),
        ("sqs", "SendMessageBatch"),
    }
)
"""Calls that cause events, messages or asynchronous invocations, beside the events of CloudTrail."""

# What STS and the use of a key answer is never replicated late.
_NEVER_STALE = frozenset({"sts", "kms"})


def _applies(_service: str, _operation: str) -> str | None:
    return None


def _is_not_stale(service: str, operation: str) -> str | None:
    if service in _NEVER_STALE:
        return f"{service} never answers what was"
    return None if models.reads(service, operation) else f"{operation} changes something: only reads can be stale"


def _delivers_nothing(service: str, operation: str) -> str | None:
    changes = not models.reads(service, operation) and has_management_events(service, operation)
    if changes or (service, operation) in DELIVERING:
        return None
    causing = f"changes that CloudTrail logs as management events, and {_list(DELIVERING)}"
    return f"{operation} causes no event, message or asynchronous invocation; those that do: {causing}"


def _has_no_outcome(service: str, operation: str) -> str | None:
    key = (service, operation)
    if key in OUTCOMES or key in PARTIAL:
        return None
    ends = f"those whose work ends later: {_list(OUTCOMES)}; those with partial answers: {_list(PARTIAL)}"
    return f"{operation} has no outcome of its own; {ends}"


def _no_function_calls(service: str, operation: str) -> str | None:
    if models.is_signed(service, operation):
        return None
    return f"no function calls {operation}: it is signed with no credentials of AWS"


def _list(keys: Iterable[tuple[str, str]]) -> str:
    return ", ".join(sorted(f"{service}:{operation}" for service, operation in keys))


def _error_code(service: str, operation: str, code: str) -> str | None:
    if models.knows_code(service, operation, code):
        return None
    known = ", ".join(models.known_codes(service, operation))
    return f"botocore's models know no error {code} of {service}:{operation}; they know {known}"


def _outcome_code(service: str, operation: str, code: str) -> str | None:
    # The reasons of each operation that is meant; none: any text.
    known = [outcome.codes for key, outcome in OUTCOMES.items() if _means(service, operation, key)]
    known += [(UNPROCESSED,) for key in PARTIAL if _means(service, operation, key)]
    if any(code in codes if codes else code != UNPROCESSED for codes in known):
        return None
    named = ", ".join(sorted({reason for codes in known for reason in codes})) or f"any text but {UNPROCESSED}"
    return f"{service}:{operation} cannot end with {code}; it can with {named}"


def _means(service: str, operation: str, key: tuple[str, str]) -> bool:
    return service in (models.ANY, key[0]) and operation in (models.ANY, key[1])


@dataclass(frozen=True)
class Kind:
    """One kind of fault."""

    why_not: Callable[[str, str], str | None]
    """Says why the fault cannot happen to an operation of a service, or None."""
    code_problem: Callable[[str, str, str], str | None] | None = None
    """Says what is wrong with a rule's ``code``; None where rules have no code."""
    has_seconds: bool = False
    has_phase: bool = False


KINDS: dict[str, Kind] = {
    "throttle": Kind(_applies),
    "error_before": Kind(_applies, code_problem=_error_code),
    "lost_response": Kind(_applies),
    "slow": Kind(_applies, has_seconds=True),
    "denied": Kind(_applies),
    "kill_function": Kind(_no_function_calls, has_phase=True),
    "stale_read": Kind(_is_not_stale),
    "duplicate_delivery": Kind(_delivers_nothing),
    "outcome": Kind(_has_no_outcome, code_problem=_outcome_code),
}
"""By the name that rules call it by (interfaces.md, Emulator)."""
