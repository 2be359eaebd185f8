"""The service integrations: which there are, how each calls its service, and what its errors are named."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass

from moto.core.utils import get_service_model
from moto.stepfunctions.parser.asl.component.state.exec.state_task.service.resource import ServiceResource

from avm_emulator.workflows.tasks.casing import capitalized, names_of
from avm_emulator.workflows.tasks.service_names import boto3_name, error_prefix, java_cased

CALLBACK = "waitForTaskToken"
SYNC = "sync"
SYNC_2 = "sync:2"

_ITEM_WRITE = frozenset(
    {"ConditionalOperator", "ConditionExpression", "Expected", "ExpressionAttributeNames", "ExpressionAttributeValues"}
    | {"ReturnConsumedCapacity", "ReturnItemCollectionMetrics", "ReturnValues", "TableName"}
)


@dataclass(frozen=True)
class Integration:
    """One service as tasks call it."""

    service: str
    """boto3 name."""
    prefix: str
    """What stands before the dot in the names of its errors."""
    base_error: str
    """The error of a code that the service's model does not have."""
    title: str
    """The service's name in causes."""
    patterns: frozenset[str] = frozenset()
    """What may follow the action besides nothing."""
    actions: Mapping[str, frozenset[str] | None] | None = None
    """The actions of an optimized integration, with the parameters that it takes (None: those of the API)."""

    @property
    def sdk(self) -> bool:
        """Whether it is an AWS SDK integration."""
        return self.actions is None

    def operation(self, action: str) -> str | None:
        """Return the API name of an action (``listRoots``); None when there is none."""
        operation = action[:1].upper() + action[1:]
        if self.actions is not None and action not in self.actions:
            return None
        return operation if operation in get_service_model(self.service).operation_names else None

    def required_operation(self, action: str) -> str:
        """Return the API name of an action; raise LookupError when there is none."""
        operation = self.operation(action)
        if operation is None:
            message = f"{self.service} has no action {action}"
            raise LookupError(message)
        return operation

    def parameters(self, action: str) -> dict[str, str]:
        """Return the names of an action's parameters and the members of the API that they mean."""
        shape = get_service_model(self.service).operation_model(self.required_operation(action)).input_shape
        names = names_of(shape, java_cased if self.sdk else capitalized)
        supported = None if self.actions is None else self.actions[action]
        return {name: member for name, member in names.items() if supported is None or name in supported}


_OPTIMIZED: Mapping[str, Integration] = {
    # Parameters: developer guide, "Integrating optimized services", one page per service.
    "lambda": Integration(
        "lambda",
        "Lambda",
        "AWSLambdaException",
        "AWSLambda",
        frozenset({CALLBACK}),
        {"invoke": frozenset({"ClientContext", "FunctionName", "InvocationType", "Payload", "Qualifier"})},
    ),
    "dynamodb": Integration(
        "dynamodb",
        "DynamoDB",
        "AmazonDynamoDBException",
        "AmazonDynamoDBv2",
        frozenset(),
        {
            "getItem": frozenset({"AttributesToGet", "ConsistentRead", "ExpressionAttributeNames", "Key", "TableName"})
            | {"ProjectionExpression", "ReturnConsumedCapacity"},
            "putItem": _ITEM_WRITE | {"Item"},
            "updateItem": _ITEM_WRITE | {"AttributeUpdates", "Key", "UpdateExpression"},
            "deleteItem": _ITEM_WRITE | {"Key"},
        },
    ),
    "sqs": Integration("sqs", "SQS", "AmazonSQSException", "AmazonSQS", frozenset({CALLBACK}), {"sendMessage": None}),
    "sns": Integration("sns", "SNS", "AmazonSNSException", "AmazonSNS", frozenset({CALLBACK}), {"publish": None}),
    "events": Integration(
        "events",
        "EventBridge",
        "AmazonEventBridgeException",
        "AmazonEventBridge",
        frozenset({CALLBACK}),
        {"putEvents": frozenset({"Entries"})},
    ),
    "states": Integration(
        "stepfunctions",
        "StepFunctions",
        "AWSStepFunctionsException",
        "AWSStepFunctions",
        frozenset({CALLBACK, SYNC, SYNC_2}),
        {"startExecution": frozenset({"Input", "Name", "StateMachineArn"})},
    ),
}


@functools.cache
def _sdk_integration(service: str) -> Integration | None:
    name = boto3_name(service)
    if name is None:
        return None
    prefix = error_prefix(get_service_model(name).service_id)
    return Integration(name, prefix, f"{prefix}Exception", prefix, frozenset({CALLBACK}))


def integration_of(resource: ServiceResource) -> Integration | None:
    """Return the integration that a task's resource names; None for one that there is not."""
    if resource.service_name == "aws-sdk":
        return _sdk_integration(resource.api_name)
    return _OPTIMIZED.get(resource.service_name)


def required_integration(resource: ServiceResource) -> Integration:
    """Return the integration that a task's resource names; raise LookupError when there is none."""
    integration = integration_of(resource)
    if integration is None:
        message = f"there is no integration {resource.resource_arn}"
        raise LookupError(message)
    return integration
