"""Tasks that invoke Lambda functions, by the optimized integration or by the function's ARN as the resource."""

from __future__ import annotations

import json
from typing import Any

from moto.stepfunctions.parser.asl.component.state.exec.state_task import lambda_eval_utils
from moto.stepfunctions.parser.asl.component.state.exec.state_task.lambda_eval_utils import to_payload_type

from avm_emulator.workflows.encoding import to_json
from avm_emulator.workflows.patching import replace
from avm_emulator.workflows.tasks.casing import response_of
from avm_emulator.workflows.tasks.clients import client_for


class FunctionFailedError(Exception):
    """An invoked function has failed: with its own exception, by its time-out, or because its process died."""

    def __init__(self, payload: Any) -> None:
        """Take what the invocation returned."""
        super().__init__()
        error_type = payload.get("errorType") if isinstance(payload, dict) else None
        self.error: str = error_type or "Lambda.Unknown"
        self.cause = to_json(payload)
        if not error_type:
            # Functions that time out: Sandbox.Timedout in today's runtimes, no error type in older ones (developer
            # guide, "Handling errors", Lambda.Unknown).
            self.cause = (
                "The cause could not be determined because Lambda did not return an error type. "
                f"Returned payload: {self.cause}"
            )


def invocation_request(parameters: dict[str, Any]) -> dict[str, Any]:
    """Return the parameters of Invoke with the payload as JSON text."""
    return {**parameters, "Payload": to_payload_type(parameters.get("Payload"))}


def invocation_result(response: dict[str, Any]) -> dict[str, Any]:
    """Return the answer of Invoke with the payload as JSON data; raise ``FunctionFailedError``."""
    payload = response.get("Payload", "")
    try:
        data = json.loads(payload)
    except ValueError:
        data = payload  # of an asynchronous invocation: nothing
    if "FunctionError" in response:
        raise FunctionFailedError(data)
    return {**response, "Payload": data}


def _invoke(env: Any, parameters: dict[str, Any], region: str, state_credentials: Any) -> None:
    client = client_for(region, "lambda", state_credentials)
    response = client.invoke(**parameters)
    env.stack.append(invocation_result(response_of(client, "invoke", response)))


def apply() -> None:
    """Repair moto's invocation by ARN: failures without an error type had no name of AWS."""
    replace(lambda_eval_utils, "execute_lambda_function_integration", _invoke)
