"""The resource types that can be deployed: one module per service, one function per type."""

from avm_emulator.deploy.resources import (
    apigateway,
    cloudwatch,
    dynamodb,
    events,
    iam,
    kms,
    lambda_,
    logs,
    s3,
    scheduler,
    secretsmanager,
    servicecatalog,
    sns,
    sqs,
    ssm,
    stepfunctions,
)
from avm_emulator.deploy.resources.base import TYPES, Created, New, ResourceType

__all__ = [
    "TYPES",
    "Created",
    "New",
    "ResourceType",
    "apigateway",
    "cloudwatch",
    "dynamodb",
    "events",
    "iam",
    "kms",
    "lambda_",
    "logs",
    "s3",
    "scheduler",
    "secretsmanager",
    "servicecatalog",
    "sns",
    "sqs",
    "ssm",
    "stepfunctions",
]
