"""AWS Service Catalog: portfolios, launches, records, and the engine or the stack that a product is launched by.

moto has portfolios and products that nobody can launch; none of it is used. What no function answers is refused by
name.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from avm_emulator.boundary.moto_app import not_implemented
from avm_emulator.operations import Operations
from avm_emulator.service_catalog import administration, launches, products, records, results
from avm_emulator.service_catalog.state import ServiceCatalog

if TYPE_CHECKING:
    from werkzeug import Response

    from avm_emulator.boundary import Call
    from avm_emulator.context import Emulator

__all__ = ["FUNCTIONS", "install"]

FUNCTIONS = (
    administration.associate_principal_with_portfolio,
    administration.associate_product_with_portfolio,
    administration.create_constraint,
    administration.create_portfolio,
    administration.create_product,
    launches.provision_product,
    launches.terminate_provisioned_product,
    launches.update_provisioned_product,
    products.describe_provisioning_parameters,
    products.list_launch_paths,
    products.search_products,
    records.describe_provisioned_product,
    records.describe_record,
    records.get_provisioned_product_outputs,
    results.notify_provision_product_engine_workflow_result,
    results.notify_terminate_provisioned_product_engine_workflow_result,
    results.notify_update_provisioned_product_engine_workflow_result,
)
"""All that there is."""


def install(emulator: Emulator) -> None:
    """Serve Service Catalog from here."""
    operations = Operations("servicecatalog", ServiceCatalog(emulator), FUNCTIONS)

    def answer(call: Call) -> Response | None:
        response = operations.answer(call)
        if response is None and call.service == "servicecatalog":
            raise not_implemented(call.service, call.operation)
        return response

    emulator.boundary.interceptors.append(answer)
