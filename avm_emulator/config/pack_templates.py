"""Templates of conformance packs: read, and refused where AWS Config would take none of it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

import yaml
from moto.s3.models import s3_backends

from avm_emulator.deploy.template_text import parse_template
from avm_emulator.errors import AwsError

RULE = "AWS::Config::ConfigRule"
TYPES = (RULE, "AWS::Config::RemediationConfiguration")
"""What a conformance pack consists of (developer guide, "Conformance Packs")."""

_OWNERS = ("AWS", "CUSTOM_LAMBDA", "CUSTOM_POLICY")


def read(uri: str | None, body: str | None) -> str:
    """Return a template, from S3 where its URI is given (what the caller may read there is not asked).

    Raises:
        AwsError: ValidationException where neither is given, InsufficientPermissionsException for what is not there.
    """
    if uri is None:
        if not body:
            raise AwsError("ValidationException", "Template body is invalid")
        return body
    bucket, _, key = uri.removeprefix("s3://").partition("/")
    if not uri.startswith("s3://") or not key:
        raise AwsError("ValidationException", f"{uri} is no location in S3.")
    partition, owner = s3_backends.bucket_accounts.get(bucket, ("aws", ""))
    held = s3_backends[owner][partition].buckets[bucket].keys.get(key) if owner else None
    if held is None:
        raise AwsError("InsufficientPermissionsException", f"You do not have permission to read {uri}.")
    return str(held.value.decode())


def check(text: str, given: Collection[str]) -> None:
    """Raise OrganizationConformancePackTemplateValidationException; ``given``: the names of the input parameters."""
    try:
        template = parse_template(text)
    except (ValueError, yaml.YAMLError) as error:
        raise _invalid(f"The template is not valid YAML: {error}") from error
    resources = template.get("Resources") if isinstance(template, Mapping) else None
    if not isinstance(resources, Mapping) or not resources:
        raise _invalid("The template has no Resources.")
    for name, resource in resources.items():
        _check_resource(str(name), resource)
    parameters = template.get("Parameters") or {}
    missing = [name for name, each in parameters.items() if "Default" not in each and name not in given]
    if missing:
        raise _invalid(f"Parameters without a value: {', '.join(missing)}.")
    unknown = sorted(set(given) - set(parameters))
    if unknown:
        raise _invalid(f"Parameters that the template does not have: {', '.join(unknown)}.")


def _check_resource(name: str, resource: Any) -> None:
    kind = resource.get("Type") if isinstance(resource, Mapping) else None
    if kind not in TYPES:
        raise _invalid(f"{name} is of type {kind}; a conformance pack takes {' and '.join(TYPES)}.")
    source = (resource.get("Properties") or {}).get("Source") or {}
    if kind == RULE and source.get("Owner") not in _OWNERS:
        raise _invalid(f"{name} has no Source with an Owner.")
    if kind == RULE and source["Owner"] != "CUSTOM_POLICY" and not source.get("SourceIdentifier"):
        raise _invalid(f"{name} has no Source with a SourceIdentifier.")


def _invalid(sentence: str) -> AwsError:
    return AwsError("OrganizationConformancePackTemplateValidationException", sentence)
