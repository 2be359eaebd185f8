"""Tasks that call a service: parameters in, response out, one way for every service."""

from __future__ import annotations

import re
from typing import Any

from botocore import xform_name
from botocore.exceptions import ParamValidationError
from moto.stepfunctions.parser.asl.component.state.exec.state_task.service.state_task_service import StateTaskService
from moto.stepfunctions.parser.asl.component.state.exec.state_task.service.state_task_service_aws_sdk import (
    StateTaskServiceAwsSdk,
)
from moto.stepfunctions.parser.asl.component.state.exec.state_task.service.state_task_service_dynamodb import (
    StateTaskServiceDynamoDB,
)
from moto.stepfunctions.parser.asl.component.state.exec.state_task.service.state_task_service_events import (
    StateTaskServiceEvents,
)
from moto.stepfunctions.parser.asl.component.state.exec.state_task.service.state_task_service_lambda import (
    StateTaskServiceLambda,
)
from moto.stepfunctions.parser.asl.component.state.exec.state_task.service.state_task_service_sfn import (
    StateTaskServiceSfn,
)
from moto.stepfunctions.parser.asl.component.state.exec.state_task.service.state_task_service_sns import (
    StateTaskServiceSns,
)
from moto.stepfunctions.parser.asl.component.state.exec.state_task.service.state_task_service_sqs import (
    StateTaskServiceSqs,
)
from moto.stepfunctions.parser.asl.component.state.exec.state_task.state_task import StateTask

from avm_emulator.workflows.encoding import to_json
from avm_emulator.workflows.failures import RUNTIME, failure
from avm_emulator.workflows.patching import replace
from avm_emulator.workflows.tasks.casing import ParametersError, capitalized, request_of, response_of
from avm_emulator.workflows.tasks.clients import client_for
from avm_emulator.workflows.tasks.integrations import required_integration
from avm_emulator.workflows.tasks.lambda_tasks import invocation_request, invocation_result
from avm_emulator.workflows.tasks.service_names import java_cased

_MISSING = re.compile(r'Missing required parameter in \S+: "(\w+)"')


class FailedEntryError(Exception):
    """PutEvents accepted the call and refused an entry; the message is the whole answer as JSON."""


def _parameters(task: StateTask, env: Any) -> Any:
    if task.parargs is None:
        return {}
    task.parargs.eval(env=env)
    return env.stack.pop()


def _call(
    task: StateTaskService, env: Any, resource_runtime_part: Any, normalised_parameters: Any, state_credentials: Any
) -> None:
    integration = required_integration(task.resource)
    operation = integration.required_operation(task.resource.api_action)
    method = xform_name(operation)
    client = client_for(resource_runtime_part.region, integration.service, state_credentials)
    shape = client.meta.service_model.operation_model(operation).input_shape
    optimized = "" if integration.sdk else integration.service
    try:
        parameters = invocation_request(normalised_parameters) if optimized == "lambda" else normalised_parameters
        request = request_of(parameters, shape, java_cased if integration.sdk else capitalized)
        if optimized == "events":
            _name_origin(env, request)
        response = getattr(client, method)(**request)
    except (ParametersError, ParamValidationError) as error:
        raise _refused(env, normalised_parameters, error) from error
    result = response_of(client, method, response, sdk=integration.sdk)
    if optimized == "lambda":
        result = invocation_result(result)
    if optimized == "events" and result["FailedEntryCount"] > 0:
        raise FailedEntryError(to_json(result))
    if optimized:
        result |= _metadata(response["ResponseMetadata"])
    env.stack.append(result)


def _name_origin(env: Any, request: dict[str, Any]) -> None:
    """Add the execution and the state machine to each event's resources, as AWS does ("Add EventBridge events")."""
    context = env.states.context_object.context_object_data
    for entry in request.get("Entries", []):
        entry["Resources"] = [*entry.get("Resources", []), context["StateMachine"]["Id"], context["Execution"]["Id"]]


def _metadata(metadata: dict[str, Any]) -> dict[str, Any]:
    headers = metadata["HTTPHeaders"]
    return {
        "SdkHttpMetadata": {
            "AllHttpHeaders": {name: [value] for name, value in headers.items()},
            "HttpHeaders": headers,
            "HttpStatusCode": metadata["HTTPStatusCode"],
        },
        "SdkResponseMetadata": {"RequestId": metadata.get("RequestId")},
    }


def _refused(env: Any, parameters: Any, error: Exception) -> Exception:
    reasons = [str(error)]
    if isinstance(error, ParamValidationError):
        report = str(error.kwargs["report"])
        missing = [f'The field "{name}" is required but was missing' for name in _MISSING.findall(report)]
        reasons = missing or [report]
    cause = f"The Parameters '{to_json(parameters)}' could not be used to start the Task: [{', '.join(reasons)}]"
    return failure(env, RUNTIME, cause)


def _as_is(*_: Any, **__: Any) -> None:
    """Leave parameters and responses alone: ``_call`` names their members."""


SERVICE_TASKS = (
    StateTaskServiceAwsSdk,
    StateTaskServiceDynamoDB,
    StateTaskServiceEvents,
    StateTaskServiceLambda,
    StateTaskServiceSfn,
    StateTaskServiceSns,
    StateTaskServiceSqs,
)
"""moto's classes of the integrations that the emulator has."""


def apply() -> None:
    """Replace moto's calls, one per service: it lost the casing of members, and dropped parameters without a word."""
    replace(StateTask, "_eval_parameters", _parameters)
    replace(StateTaskService, "_validate_service_integration_is_supported", _as_is)
    for service_task in SERVICE_TASKS:
        replace(service_task, "_eval_service_task", _call)
        replace(service_task, "_normalise_parameters", _as_is)
        replace(service_task, "_normalise_response", _as_is)
