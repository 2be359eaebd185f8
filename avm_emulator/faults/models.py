"""What botocore's models say of services and operations, for rules about them."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import botocore.session

from avm_emulator.boundary.effects import is_mutating
from avm_emulator.service_errors import COMMON_CODES, modelled_codes

if TYPE_CHECKING:
    from botocore.model import OperationModel, ServiceModel

ANY = "*"
"""Every service, or every operation."""


@functools.cache
def _session() -> Any:
    return botocore.session.get_session()


@functools.cache
def services() -> frozenset[str]:
    """Return the boto3 client names of all services."""
    return frozenset(_session().get_available_services())


@functools.cache
def service_model(service: str) -> ServiceModel:
    """Return the model of a service that exists."""
    model: ServiceModel = _session().get_service_model(service)
    return model


def operations(service: str) -> frozenset[str]:
    """Return the API names of all operations of a service."""
    return frozenset(service_model(service).operation_names)


def reads(service: str, operation: str) -> bool:
    """Say whether an operation only reads."""
    return not is_mutating(service, operation, {})


def is_signed(service: str, operation: str) -> bool:
    """Say whether callers of an operation sign with AWS credentials (those of the identity portal do not)."""
    return service_model(service).operation_model(operation).auth_type != "none"


def knows_code(service: str, operation: str, code: str) -> bool:
    """Say whether an operation may answer an error code: it, its service, or every service names it.

    EC2 and a few others name no codes at all in their models: there any code will do.
    """
    if code in COMMON_CODES or service == ANY:
        return code in COMMON_CODES
    return not service_model(service).error_shapes or any(code in codes for codes in _codes(service, operation))


def known_codes(service: str, operation: str) -> list[str]:
    """Return the error codes that the models name for an operation, for messages."""
    if service == ANY:
        return sorted(COMMON_CODES)
    return sorted(next(iter(codes for codes in _codes(service, operation) if codes), []))


def _codes(service: str, operation: str) -> Iterator[dict[str, int | None]]:
    model = service_model(service)
    if operation != ANY:
        yield modelled_codes(model.operation_model(operation))
    yield modelled_codes(model)


def operation_model(service: str, operation: str) -> OperationModel:
    """Return the model of an operation that exists."""
    return service_model(service).operation_model(operation)
