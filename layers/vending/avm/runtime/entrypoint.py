"""The handlers of the functions that are one step: parse, correlate, run the step.

A workflow's function lets errors through by their class name, a queue's function reports the messages that failed.

Lambda's runtime client reports the bare class name of an exception as ``errorType``; that is what the state machine's
Catch and Retry match (verification-and-style, section 3).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property
from types import ModuleType
from typing import Any

from pydantic import BaseModel, ValidationError

from avm.domain.errors import Rejected, Transient, UnexpectedError, VendingError
from avm.runtime.observability import count, logger, measure
from avm.runtime.wiring import build_gateways
from avm.steps.gateways import Gateways
from avm.steps.step import StepOutput

Handler = Callable[[Mapping[str, Any], Any], dict[str, Any]]


class _Process:
    """What one process of a function keeps between invocations."""

    def __init__(self, function: str) -> None:
        self._function = function

    @cached_property
    def gateways(self) -> Gateways:
        return build_gateways(self._function)


def entrypoint(step: ModuleType, *, counts: str | None = None) -> Handler:
    """Return the Lambda handler that runs ``step`` (``Input``, ``run``) of ``avm.steps``.

    ``counts``: the metric that a successful run counts.
    """
    name = step.__name__.rpartition(".")[2]
    process = _Process(name)

    def handler(event: Mapping[str, Any], context: Any) -> dict[str, Any]:
        logger.structure_logs(append=False, function=name, function_request_id=context.aws_request_id)
        correlation_id = event.get("request_id", event.get("observation_id"))
        logger.append_keys(correlation_id=correlation_id, attempt=event.get("attempt"))
        try:
            output: BaseModel = step.run(step.Input.model_validate(event), process.gateways)
        except (Rejected, Transient) as error:
            logger.info("step ended with %s: %s", error.code, error)
            raise
        except VendingError as error:
            logger.error("step failed with %s: %s", error.code, error)
            raise
        except ValidationError as error:
            logger.exception("the step's input or settings are not what it takes")
            message = f"{name}: {error}"
            raise UnexpectedError(message) from error
        except Exception as error:
            logger.exception("step failed by a defect")
            message = f"{name}: {type(error).__name__}: {error}"
            raise UnexpectedError(message) from error
        if counts:
            count(counts)
        _count(output)
        return output.model_dump(mode="json")

    return handler


def batch_entrypoint(step: ModuleType) -> Handler:
    """Return the Lambda handler of a queue that runs ``step`` for each message, and reports those that failed.

    ``step``: ``Input``, ``run``, and ``give_up`` for one that has failed, which says whether it is put aside.

    A message that fails comes back when its visibility time-out ends and holds up no other one (Lambda developer
    guide, "Handling errors for an SQS event source": ReportBatchItemFailures).
    """
    name = step.__name__.rpartition(".")[2]
    process = _Process(name)

    def is_done(record: Mapping[str, Any]) -> bool:
        try:
            output: BaseModel = step.run(step.Input.model_validate(record), process.gateways)
        except Transient as error:
            logger.info("message not taken: %s: %s", error.code, error)
            cause: Exception = error
        except Exception as error:  # noqa: BLE001 - whatever it is, it must not hold up the other messages
            logger.exception("message not taken")
            cause = error
        else:
            logger.info("message done", extra=output.model_dump(mode="json", exclude_none=True))
            _count(output)
            return True
        try:
            given_up: bool = step.give_up(step.Input.model_validate(record), cause, process.gateways)
        except Exception:  # noqa: BLE001 - then SQS itself moves it, without a reason
            logger.exception("message not put aside")
            return False
        logger.info("message put aside" if given_up else "message comes back")
        return given_up

    def handler(event: Mapping[str, Any], context: Any) -> dict[str, Any]:
        failed = []
        for record in event["Records"]:
            logger.structure_logs(append=False, function=name, function_request_id=context.aws_request_id)
            logger.append_keys(correlation_id=record["messageId"])
            if not is_done(record):
                failed.append(record["messageId"])
        return {"batchItemFailures": [{"itemIdentifier": message_id} for message_id in failed]}

    return handler


def _count(output: BaseModel) -> None:
    if isinstance(output, StepOutput):
        for metric in output.counted():
            count(metric)
        measure(output.measured())
