"""An engine tells how an operation has ended."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from avm_emulator.service_catalog.state import Record, ServiceCatalog, invalid, missing, place_of

if TYPE_CHECKING:
    from avm_emulator.boundary import Call


def notify_provision_product_engine_workflow_result(catalog: ServiceCatalog, call: Call, **told: Any) -> None:
    """End a launch: what was launched is AVAILABLE, or in ERROR."""
    record = _end(catalog, call, "PROVISION_PRODUCT", told)
    if record is None:
        return
    provisioned = record.provisioned
    if record.status == "SUCCEEDED":
        provisioned.outputs, provisioned.last_success = told.get("outputs", []), record.id
        provisioned.status = "AVAILABLE"
    else:
        provisioned.status = "ERROR"


def notify_update_provisioned_product_engine_workflow_result(catalog: ServiceCatalog, call: Call, **told: Any) -> None:
    """End an update: what was launched is AVAILABLE, or as good as before."""
    record = _end(catalog, call, "UPDATE_PROVISIONED_PRODUCT", told)
    if record is None:
        return
    if record.status == "SUCCEEDED":
        record.provisioned.outputs = told.get("outputs", record.provisioned.outputs)
        record.provisioned.status = "AVAILABLE"
    else:
        record.provisioned.taint()


def notify_terminate_provisioned_product_engine_workflow_result(
    catalog: ServiceCatalog, call: Call, **told: Any
) -> None:
    """End a termination: what was launched is gone, or as good as before; gone as well where errors are ignored."""
    record = _end(catalog, call, "TERMINATE_PROVISIONED_PRODUCT", told)
    if record is None:
        return
    if record.status == "SUCCEEDED" or record.ignores_errors:
        del catalog.provisioned[record.provisioned.id]
    else:
        record.provisioned.taint()


def _end(catalog: ServiceCatalog, call: Call, kind: str, told: dict[str, Any]) -> Record | None:
    """End a record and return it; None where it had ended so before, and was told by the same idempotency token.

    Raises AwsError for a record that is not there, another one's token, another result than before.
    """
    record = catalog.records.get(told["record_id"])
    if record is None or record.provisioned.place != place_of(call) or record.kind != kind:
        raise missing("Record", told["record_id"])
    if told["workflow_token"] != record.workflow_token:
        raise invalid("The workflow token is not the record's.")
    result = {name: value for name, value in told.items() if name != "workflow_token"}
    if record.result is not None:
        if record.result["told"] != result:
            raise invalid(f"Record {record.id} has ended.")
        return None
    if record.status != "IN_PROGRESS":
        raise invalid(f"Record {record.id} is not in progress.")
    record.result = {"told": result, "Outputs": told.get("outputs", [])}
    record.status, record.updated_at = told["status"], call.time
    record.provisioned.status_message = None
    if record.status == "FAILED":
        record.fail(str(told.get("failure_reason", "")), call.time)
    return record
