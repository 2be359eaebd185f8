"""Which service and operation a request means: SigV4 scope, ``X-Amz-Target``, ``Action``, REST route.

moto's routers and botocore's models do the work (cached by moto); this module only picks the service, because many
share a signing name (``s3`` and ``s3control``, ``dynamodb`` and ``dynamodbstreams``).
"""

from __future__ import annotations

import functools
import gzip
import json
import re
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import botocore
from moto.core.model import OperationModel, ServiceModel
from moto.core.request import Request
from moto.core.routing import get_service_router
from werkzeug.exceptions import NotFound

# AWS4-HMAC-SHA256 Credential=AKIA.../20260101/eu-west-1/sts/aws4_request, ...
_SCOPE = re.compile(r"(?P<access_key>[^/=\s]+)/\d{8}/(?P<region>[^/]+)/(?P<service>[^/]+)/aws4_request")

# Calls without a signature, by what only they have.
_UNSIGNED_ACTIONS = {"AssumeRoleWithSAML": "sts", "AssumeRoleWithWebIdentity": "sts"}
_IDENTITY_PORTAL_TOKEN = "x-amz-sso_bearer_token"  # noqa: S105  the name of a header, no secret
_IDENTITY_PORTAL_LOGIN = frozenset({"/token", "/client/register", "/device_authorization"})

_HEAD_OF_MODEL = 8192
"""Characters of a service model that hold its metadata for certain (a test reads them all)."""


@dataclass(frozen=True)
class Scope:
    """Who signed a request for what: the credential scope of SigV4."""

    access_key: str
    region: str | None
    """None in URLs presigned by SigV2, which botocore still makes for S3."""
    service: str


@dataclass(frozen=True)
class Candidate:
    """A service (boto3 client name) and what tells it from others with its signing name."""

    name: str
    target_prefix: str | None
    api_version: str


@dataclass(frozen=True)
class Operation:
    """What a request means, by botocore's model."""

    model: OperationModel
    uri_parameters: Mapping[str, Any]

    @property
    def service_model(self) -> ServiceModel:
        """Return the model of the operation's service."""
        return self.model.service_model


def scope_of(request: Request) -> Scope | None:
    """Return the credential scope of a request (header or presigned URL); None when it is not signed."""
    credential = request.headers.get("Authorization") or request.args.get("X-Amz-Credential") or ""
    match = _SCOPE.search(credential)
    if match:
        return Scope(**match.groupdict())
    if "Signature" in request.args and "AWSAccessKeyId" in request.args:
        return Scope(request.args["AWSAccessKeyId"], None, "s3")
    return None


@functools.cache
def candidates_by_signing_name() -> Mapping[str, list[Candidate]]:
    """Return the services of every signing name, the one of the same name first.

    Only the head of each model is read: loading all 400 models takes 10 s, their heads 0.1 s.
    """
    found: dict[str, list[Candidate]] = defaultdict(list)
    for folder in sorted((Path(botocore.__file__).parent / "data").iterdir()):
        versions = sorted(folder.glob("*/service-2.json.gz"))
        if versions:
            metadata = _metadata(versions[-1])
            signing_name = metadata.get("signingName", metadata["endpointPrefix"])
            candidate = Candidate(folder.name, metadata.get("targetPrefix"), metadata["apiVersion"])
            found[signing_name].append(candidate)
    for signing_name, candidates in found.items():
        candidates.sort(key=lambda candidate: candidate.name != signing_name)
    return found


def _metadata(model: Path) -> dict[str, Any]:
    with gzip.open(model, "rt", encoding="utf-8") as file:
        head = file.read(_HEAD_OF_MODEL)
    start = head.index("{", head.index('"metadata"'))
    metadata: dict[str, Any] = json.JSONDecoder().raw_decode(head, start)[0]
    return metadata


def services_of(request: Request, scope: Scope | None) -> list[str]:
    """Return the services (boto3 client names) that a request may mean, most likely first; maybe none."""
    target = request.headers.get("X-Amz-Target")
    if scope is None:
        return _services_of_unsigned(request, target)
    candidates = candidates_by_signing_name().get(scope.service, [])
    if scope.service == "s3":
        # Both are REST services, and a bucket route matches any path.
        return ["s3control"] if request.path.startswith("/v20180820/") else ["s3"]
    if target:
        prefix = target.rpartition(".")[0]
        return [candidate.name for candidate in candidates if candidate.target_prefix == prefix]
    if "Version" in request.form:
        version = request.form["Version"]
        return [candidate.name for candidate in candidates if candidate.api_version == version]
    return [candidate.name for candidate in candidates]


def _services_of_unsigned(request: Request, target: str | None) -> list[str]:
    if target:
        prefix = target.rpartition(".")[0]
        every = (candidate for candidates in candidates_by_signing_name().values() for candidate in candidates)
        return [candidate.name for candidate in every if candidate.target_prefix == prefix]
    if _IDENTITY_PORTAL_TOKEN in request.headers:
        return ["sso"]
    if request.path in _IDENTITY_PORTAL_LOGIN:
        return ["sso-oidc"]
    service = _UNSIGNED_ACTIONS.get(request.form.get("Action", ""))
    return [service] if service else []


def operation_of(request: Request, services: list[str]) -> Operation | None:
    """Return the operation that a request means in the first service whose model has it; None when none has."""
    for service in services:
        try:
            model, uri_parameters = get_service_router(service).match(request)
        except (NotFound, NotImplementedError):  # no such operation; a protocol that the service does not speak
            continue
        return Operation(model, uri_parameters)
    return None
