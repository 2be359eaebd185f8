"""Service Catalog, as somebody of the application's account uses it."""

from __future__ import annotations

from typing import Any

from tests.end_to_end.conftest import Machine


class Records:
    """Launches products, and reads what becomes of them."""

    def __init__(self, machine: Machine) -> None:
        self.machine = machine
        self.catalog = machine.application_client("servicecatalog")

    def provision(self, product: str, name: str, given: dict[str, str], **more: str) -> dict[str, Any]:
        """Launch a product with answers to its form, and return the record as it begins."""
        answer = self.catalog.provision_product(
            ProductName=product,
            ProvisioningArtifactName="v1",
            ProvisionedProductName=name,
            ProvisioningParameters=[{"Key": key, "Value": value} for key, value in given.items()],
            **more,
        )
        record: dict[str, Any] = answer["RecordDetail"]
        return record

    def record(self, record_id: str) -> dict[str, Any]:
        """Return a record when nothing runs any more."""
        self.machine.settle_now()
        answer = self.catalog.describe_record(Id=record_id)
        outputs = {each["OutputKey"]: each["OutputValue"] for each in answer.get("RecordOutputs", [])}
        (*_, reason) = ["", *(each["Description"] for each in answer["RecordDetail"].get("RecordErrors", []))]
        return {"status": answer["RecordDetail"]["Status"], "outputs": outputs, "reason": reason}
