"""A product is launched, and what was launched is updated or terminated: an engine gets a message, or a stack runs."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from avm_emulator.boundary.moto_app import not_implemented
from avm_emulator.errors import AwsError
from avm_emulator.service_catalog.engine import send
from avm_emulator.service_catalog.product_stacks import Order, run
from avm_emulator.service_catalog.products import choose, launch_role_of
from avm_emulator.service_catalog.state import (
    EXTERNAL,
    LAUNCHED,
    Provisioned,
    Record,
    ServiceCatalog,
    invalid,
    place_of,
)

if TYPE_CHECKING:
    from avm_emulator.boundary import Call

Pairs = Sequence[Mapping[str, str]]


def provision_product(
    catalog: ServiceCatalog,
    call: Call,
    *,
    provisioned_product_name: str,
    provision_token: str,
    provisioning_parameters: Pairs = (),
    tags: Pairs = (),
    accept_language: str | None = None,  # noqa: ARG001  there is one language
    notification_arns: Sequence[str] = (),
    provisioning_preferences: Mapping[str, Any] | None = None,
    **wanted: str,
) -> dict[str, Any]:
    """Launch a product; the same token again is the same record."""
    if notification_arns or provisioning_preferences:
        raise not_implemented(call.service, call.operation, "notifications and preferences of stack sets")
    if known := _known(catalog, call, provision_token):
        return {"RecordDetail": known.detail()}
    product, path = choose(catalog, call, **wanted)
    role = launch_role_of(path, product)
    here = place_of(call)
    if any(each.place == here and each.name == provisioned_product_name for each in catalog.provisioned.values()):
        sentence = f"A provisioned product named {provisioned_product_name} exists already."
        raise AwsError("DuplicateResourceException", sentence)
    provisioned = Provisioned(
        place=here,
        id=catalog.new_id("pp"),
        name=provisioned_product_name,
        product_id=product.id,
        artifact_id=product.artifact_id,
        launch_role=role,
        kind=LAUNCHED[product.kind],
        created_at=call.time,
        token=provision_token,
    )
    catalog.provisioned[provisioned.id] = provisioned
    record = _begin(catalog, call, provisioned, "PROVISION_PRODUCT", provision_token)
    record.path_id = path.path_id
    return _carry_out(catalog, call, record, Order(product.artifact_path, provisioning_parameters, tags))


def update_provisioned_product(
    catalog: ServiceCatalog,
    call: Call,
    *,
    update_token: str,
    provisioned_product_id: str | None = None,
    provisioned_product_name: str | None = None,
    provisioning_parameters: Pairs = (),
    tags: Pairs = (),
    **others: Any,
) -> dict[str, Any]:
    """Ask for a change of what was launched; product, version and path stay."""
    if known := _known(catalog, call, update_token):
        return {"RecordDetail": known.detail()}
    if set(others) & {"provisioning_preferences"}:
        raise not_implemented(call.service, call.operation, "preferences of stack sets")
    provisioned = catalog.find_provisioned(call, provisioned_product_id, provisioned_product_name)
    record = _begin(catalog, call, provisioned, "UPDATE_PROVISIONED_PRODUCT", update_token)
    path = catalog.products[provisioned.product_id].artifact_path
    return _carry_out(catalog, call, record, Order(path, provisioning_parameters, tags))


def terminate_provisioned_product(
    catalog: ServiceCatalog,
    call: Call,
    *,
    terminate_token: str,
    provisioned_product_id: str | None = None,
    provisioned_product_name: str | None = None,
    ignore_errors: bool = False,
    accept_language: str | None = None,  # noqa: ARG001  there is one language
    retain_physical_resources: bool = False,
) -> dict[str, Any]:
    """Ask for the end of what was launched."""
    if retain_physical_resources:
        raise not_implemented(call.service, call.operation, "RetainPhysicalResources")
    if known := _known(catalog, call, terminate_token):
        return {"RecordDetail": known.detail()}
    provisioned = catalog.find_provisioned(call, provisioned_product_id, provisioned_product_name)
    record = _begin(catalog, call, provisioned, "TERMINATE_PROVISIONED_PRODUCT", terminate_token)
    record.ignores_errors = ignore_errors
    return _carry_out(catalog, call, record, Order())


def _known(catalog: ServiceCatalog, call: Call, token: str) -> Record | None:
    here = place_of(call)
    held = (each for each in catalog.records.values() if each.provisioned.place == here)
    return next((each for each in held if each.token == token), None)


def _begin(catalog: ServiceCatalog, call: Call, provisioned: Provisioned, kind: str, token: str) -> Record:
    if provisioned.records and provisioned.status == "UNDER_CHANGE":
        raise invalid(f"Provisioned product {provisioned.id} is under change.")
    record_id = catalog.new_id("rec")
    digest = hashlib.sha256(record_id.encode()).hexdigest()
    record = Record(
        id=record_id,
        kind=kind,
        provisioned=provisioned,
        path_id=None,
        token=token,
        # AWS's were seen as UUIDs, which the pattern of EngineWorkflowToken in its own model does not have
        workflow_token="-".join((digest[:8], digest[8:12], digest[12:16], digest[16:20], digest[20:32])),
        created_at=call.time,
        updated_at=call.time,
    )
    catalog.records[record.id] = record
    if provisioned.records:
        provisioned.stable = provisioned.status
    provisioned.records.append(record.id)
    provisioned.status = "UNDER_CHANGE"
    return record


def _carry_out(catalog: ServiceCatalog, call: Call, record: Record, order: Order) -> dict[str, Any]:
    answer = record.detail()
    if record.provisioned.kind == EXTERNAL:
        principal = call.principal.unique_id.partition(":")[0]
        trouble = send(record, principal, order.artifact_path, order.parameters, order.tags)
    else:
        trouble = run(catalog, call, record, order)
    if trouble is None:
        record.status = "IN_PROGRESS" if record.status == "CREATED" else record.status
    else:
        record.fail(trouble, call.time)
        record.provisioned.status = record.provisioned.stable
    return {"RecordDetail": answer}
