"""The engine of an account's products of type EXTERNAL: a function and three queues, found by names that are fixed.

Source: admin guide, "External Engines for AWS Service Catalog", and "Confused deputy" of the engines.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from moto.awslambda.models import lambda_backends
from moto.sqs.models import sqs_backends
from moto.utilities.utils import get_partition

from avm_emulator.authorization.services import admits
from avm_emulator.delivery.attempts import SERVICE_ERRORS
from avm_emulator.service_catalog.state import Place, Record, invalid

SERVICE = "servicecatalog.amazonaws.com"
PARSER = "ServiceCatalogExternalParameterParser"
QUEUES = {
    "PROVISION_PRODUCT": "ServiceCatalogExternalProvisionOperationQueue",
    "UPDATE_PROVISIONED_PRODUCT": "ServiceCatalogExternalUpdateOperationQueue",
    "TERMINATE_PROVISIONED_PRODUCT": "ServiceCatalogExternalTerminateOperationQueue",
}
OPERATIONS = {
    "PROVISION_PRODUCT": "PROVISION_PRODUCT",
    "UPDATE_PROVISIONED_PRODUCT": "UPDATE_PROVISION_PRODUCT",
    "TERMINATE_PROVISIONED_PRODUCT": "TERMINATE_PROVISION_PRODUCT",
}
"""What a message calls the operation: the spelling of the guide."""


def parse(place: Place, artifact_path: str, launch_role: str) -> list[Mapping[str, Any]]:
    """Return the parameters that the engine's function finds in an artifact.

    Raises AwsError where there is no such function, it admits nobody or fails.
    """
    account_id, region = place
    arn = f"arn:{get_partition(region)}:lambda:{region}:{account_id}:function:{PARSER}"
    keys = {"aws:SourceAccount": account_id}
    try:
        function = lambda_backends[account_id][region].get_function(PARSER)
    except SERVICE_ERRORS as error:
        raise invalid(f"There is no function {PARSER} in account {account_id}.") from error
    if not admits(SERVICE, "lambda:InvokeFunction", arn, keys):
        raise invalid(f"{SERVICE} is not authorized to perform: lambda:InvokeFunction on resource: {arn}")
    asked = {"artifact": {"path": artifact_path, "type": "AWS_S3"}, "launchRoleArn": launch_role}
    headers: dict[str, str] = {}
    payload = function.invoke(json.dumps(asked), {"x-amz-invocation-type": "RequestResponse"}, headers)
    answer = json.loads(payload)
    if "x-amz-function-error" in headers:
        raise invalid(f"{PARSER} has failed: {answer.get('errorType')}: {answer.get('errorMessage')}")
    return list(answer["parameters"])


def send(
    record: Record,
    principal: str,
    artifact_path: str | None,
    parameters: Sequence[Mapping[str, str]],
    tags: Sequence[Mapping[str, str]],
) -> str | None:
    """Put an operation into its queue; return why that cannot be, None where it is there.

    ``principal``: unique id of who asks; ``artifact_path``: None where a termination needs none.
    """
    provisioned = record.provisioned
    account_id, region = provisioned.place
    queue = QUEUES[record.kind]
    arn = f"arn:{get_partition(region)}:sqs:{region}:{account_id}:{queue}"
    message: dict[str, Any] = {
        "token": record.workflow_token,
        "operation": OPERATIONS[record.kind],
        "provisionedProductId": provisioned.id,
        "provisionedProductName": provisioned.name,
        "recordId": record.id,
        "launchRoleArn": provisioned.launch_role,
        # the guide calls it unused; AWS's messages were seen with the unique id, and without the organization's
        "identity": {"principal": principal, "awsAccountId": account_id, "organizationId": None},
    }
    if artifact_path is not None:
        message |= {
            "productId": provisioned.product_id,
            "provisioningArtifactId": provisioned.artifact_id,
            "artifact": {"path": artifact_path, "type": "AWS_S3"},
            "parameters": [{"key": each["Key"], "value": each.get("Value", "")} for each in parameters],
            "tags": [{"key": each["Key"], "value": each["Value"]} for each in tags],
        }
    backend = sqs_backends[account_id][region]
    if queue not in backend.queues:
        return f"There is no queue {queue} in account {account_id}."
    if not admits(SERVICE, "sqs:SendMessage", arn, {"aws:SourceAccount": account_id}):
        return f"{SERVICE} is not authorized to perform: sqs:SendMessage on resource: {arn}"
    backend.send_message(queue, json.dumps(message))
    return None
