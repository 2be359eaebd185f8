"""What Step Functions calls the services of AWS: in resource ARNs and in the names of errors."""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping

import botocore.session

# Service ids of the Java SDK (as in aws-sdk ARNs) whose boto3 name is another; else only hyphens are missing.
_BOTO3_NAMES: Mapping[str, str] = {
    "applicationdiscovery": "discovery",
    "cloudwatchlogs": "logs",
    "cognitoidentityprovider": "cognito-idp",
    "costandusagereport": "cur",
    "costexplorer": "ce",
    "databasemigration": "dms",
    "directory": "ds",
    "elasticloadbalancing": "elb",
    "elasticloadbalancingv2": "elbv2",
    "elasticsearch": "es",
    "eventbridge": "events",
    "iotdataplane": "iot-data",
    "iotjobsdataplane": "iot-jobs-data",
    "lexmodelbuilding": "lex-models",
    "marketplacemetering": "meteringmarketplace",
    "migrationhub": "mgh",
    "sfn": "stepfunctions",
}

_NO_LETTER_OR_DIGIT = re.compile(r"[^a-z0-9]")


@functools.cache
def _boto3_names() -> Mapping[str, str]:
    available = set(botocore.session.get_session().get_available_services()) - set(_BOTO3_NAMES.values())
    return {_NO_LETTER_OR_DIGIT.sub("", name): name for name in available} | dict(_BOTO3_NAMES)


def boto3_name(service: str) -> str | None:
    """Return the boto3 name of a service in an ``aws-sdk`` ARN; None for one that AWS does not have."""
    return _boto3_names().get(service)


def error_prefix(service_id: str) -> str:
    """Return what stands before the dot in errors of an AWS SDK integration: the Java SDK's name of the service.

    ``DynamoDB`` -> ``DynamoDb``, ``SSO Admin`` -> ``SsoAdmin``, ``SFN`` -> ``Sfn``, ``Config Service`` -> ``Config``.
    """
    return java_cased(service_id).removeprefix("Amazon").removeprefix("Aws").removesuffix("Service")


def exception_name(error: str) -> str:
    """Return the Java SDK's class of a modelled error: ``AWSOrganizationsNotInUseException`` begins with ``Aws``."""
    return f"{java_cased(error.removesuffix('Fault').removesuffix('Exception'))}Exception"


def java_cased(name: str) -> str:
    """Return a name in the Java SDK's capitals: ``DBName`` -> ``DbName``, ``accountId`` -> ``AccountId``."""
    return "".join(word.lower().capitalize() for word in _words(name))


@functools.cache
def _words(name: str) -> list[str]:
    """Split a name into words as the generator of the Java SDK does (aws/aws-sdk-java-v2, ``CodegenNamingUtils``)."""
    name = re.sub(r"[^A-Za-z0-9]+", " ", name)
    name = re.sub(r"([^a-z]{2,})v([0-9]+)", r"\1 v\2 ", name)
    name = re.sub(r"([^A-Z]{2,})V([0-9]+)", r"\1 V\2 ", name)
    name = re.sub(r"(?<=[a-z])(?=[A-Z][a-zA-Z0-9])", " ", name)
    name = re.sub(r"([A-Z]+)([A-Z][a-z])", r"\1 \2", name)
    return re.sub(r"([0-9])([a-zA-Z])", r"\1 \2", name).split()
