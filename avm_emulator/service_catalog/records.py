"""What has become of a launch."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from moto.utilities.utils import get_partition

from avm_emulator.service_catalog.state import ServiceCatalog, invalid, missing, place_of

if TYPE_CHECKING:
    from avm_emulator.boundary import Call


def describe_record(
    catalog: ServiceCatalog,
    call: Call,
    *,
    id: str,  # noqa: A002  the name of the parameter in AWS
    accept_language: str | None = None,  # noqa: ARG001  there is one language
    page_size: int | None = None,  # noqa: ARG001  an engine tells few outputs
    page_token: str | None = None,  # noqa: ARG001  as above
) -> dict[str, Any]:
    """Return a record, with the outputs that its result has."""
    record = catalog.records.get(id)
    if record is None or record.provisioned.place != place_of(call):
        raise missing("Record", id)
    return {"RecordDetail": record.detail(), "RecordOutputs": (record.result or {}).get("Outputs", [])}


def describe_provisioned_product(
    catalog: ServiceCatalog,
    call: Call,
    *,
    id: str | None = None,  # noqa: A002  the name of the parameter in AWS
    name: str | None = None,
    accept_language: str | None = None,  # noqa: ARG001  there is one language
) -> dict[str, Any]:
    """Return a provisioned product."""
    if (id is None) == (name is None):
        raise invalid("Give either the id or the name of the provisioned product.")
    found = catalog.find_provisioned(call, id, name)
    account_id, region = found.place
    resource = f"stack/{found.name}/{found.id}"
    detail = {
        "Name": found.name,
        "Arn": f"arn:{get_partition(region)}:servicecatalog:{region}:{account_id}:{resource}",
        "Type": found.kind,
        "Id": found.id,
        "Status": found.status,
        "CreatedTime": found.created_at,
        "IdempotencyToken": found.token,
        "LastRecordId": found.records[-1],
        "LastProvisioningRecordId": found.records[0],
        "ProductId": found.product_id,
        "ProvisioningArtifactId": found.artifact_id,
        "LaunchRoleArn": found.launch_role,
    }
    beside = {"StatusMessage": found.status_message, "LastSuccessfulProvisioningRecordId": found.last_success}
    detail |= {key: value for key, value in beside.items() if value is not None}
    return {"ProvisionedProductDetail": detail, "CloudWatchDashboards": []}


def get_provisioned_product_outputs(
    catalog: ServiceCatalog,
    call: Call,
    *,
    provisioned_product_id: str | None = None,
    provisioned_product_name: str | None = None,
    output_keys: Sequence[str] = (),
    accept_language: str | None = None,  # noqa: ARG001  there is one language
    page_size: int | None = None,  # noqa: ARG001  an engine tells few outputs
    page_token: str | None = None,  # noqa: ARG001  as above
) -> dict[str, Any]:
    """Return the outputs of a provisioned product, or those that are asked for."""
    outputs = catalog.find_provisioned(call, provisioned_product_id, provisioned_product_name).outputs
    if unknown := set(output_keys) - {each["OutputKey"] for each in outputs}:
        raise invalid(f"There are no outputs {', '.join(sorted(unknown))}.")
    return {"Outputs": [each for each in outputs if not output_keys or each["OutputKey"] in output_keys]}
