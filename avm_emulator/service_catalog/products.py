"""What somebody may launch, how, and what he is asked for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from avm_emulator.pages import InvalidPageError, cut
from avm_emulator.service_catalog.engine import parse
from avm_emulator.service_catalog.product_stacks import parameters_of
from avm_emulator.service_catalog.state import (
    EXTERNAL,
    Portfolio,
    Product,
    ServiceCatalog,
    invalid,
    missing,
    place_of,
)

if TYPE_CHECKING:
    from avm_emulator.boundary import Call


def search_products(
    catalog: ServiceCatalog,
    call: Call,
    *,
    filters: Mapping[str, Sequence[str]] | None = None,
    page_size: int | None = None,
    page_token: str | None = None,
    accept_language: str | None = None,  # noqa: ARG001  there is one language
    sort_by: str | None = None,  # noqa: ARG001  the order is that of the titles
    sort_order: str | None = None,  # noqa: ARG001  as above
) -> dict[str, Any]:
    """Return the products that the caller may launch; of the filters FullTextSearch counts."""
    words = [word.lower() for word in (filters or {}).get("FullTextSearch", ())]
    found = [
        product.view
        for product in sorted(catalog.products.values(), key=lambda each: each.name)
        if any(True for _ in catalog.paths(call, product))
        and all(word in f"{product.name} {product.description}".lower() for word in words)
    ]
    page, token = _page(found, page_token, page_size, size=100)
    return {"ProductViewSummaries": page, "ProductViewAggregations": {}, "NextPageToken": token}


def list_launch_paths(
    catalog: ServiceCatalog,
    call: Call,
    *,
    product_id: str,
    page_size: int | None = None,
    page_token: str | None = None,
    accept_language: str | None = None,  # noqa: ARG001  there is one language
) -> dict[str, Any]:
    """Return the portfolios by which the caller may launch a product."""
    product = catalog.product(call, product_id)
    paths = [
        {"Id": each.path_id, "ConstraintSummaries": _constraints(each, product), "Tags": [], "Name": each.name}
        for each in catalog.paths(call, product)
    ]
    page, token = _page(paths, page_token, page_size, size=20)
    return {"LaunchPathSummaries": page, "NextPageToken": token}


def describe_provisioning_parameters(
    catalog: ServiceCatalog,
    call: Call,
    *,
    accept_language: str | None = None,  # noqa: ARG001  there is one language
    **wanted: str,
) -> dict[str, Any]:
    """Return what a launch asks for: as the engine tells it, without a restriction, or as the template says."""
    product, path = choose(catalog, call, **wanted)
    parameters = [] if product.kind == EXTERNAL else parameters_of(product.artifact_path)
    role = launch_role_of(path, product)
    for each in parse(place_of(call), product.artifact_path, role) if product.kind == EXTERNAL else ():
        shown = {"ParameterKey": each["key"], "ParameterType": each["type"], "IsNoEcho": each.get("isNoEcho", False)}
        parameters.append({**shown, "ParameterConstraints": {"AllowedValues": []}})
        names = {"DefaultValue": "defaultValue", "Description": "description"}
        parameters[-1] |= {ours: each[theirs] for ours, theirs in names.items() if theirs in each}
    return {
        "ProvisioningArtifactParameters": parameters,
        "ConstraintSummaries": _constraints(path, product),
        "UsageInstructions": [],
        "TagOptions": [],
    }


def choose(
    catalog: ServiceCatalog,
    call: Call,
    *,
    product_id: str | None = None,
    product_name: str | None = None,
    provisioning_artifact_id: str | None = None,
    provisioning_artifact_name: str | None = None,
    path_id: str | None = None,
    path_name: str | None = None,
) -> tuple[Product, Portfolio]:
    """Return the product that a call names, and the portfolio by which it is launched.

    Raises AwsError where the caller may not launch it, or where a name leaves a choice.
    """
    if (product_id is None) == (product_name is None):
        raise invalid("Give either the id or the name of the product.")
    if (provisioning_artifact_id is None) == (provisioning_artifact_name is None):
        raise invalid("Give either the id or the name of the provisioning artifact.")
    found = [
        (product, path)
        for product in catalog.products.values()
        if product.id == product_id or product.name == product_name
        for path in catalog.paths(call, product)
        if path_id in (None, path.path_id) and path_name in (None, path.name)
    ]
    if not found:
        raise missing("Product", str(product_id or product_name))
    if len(found) > 1:
        raise invalid("There is more than one launch path: give the one to take.")
    product, path = found[0]
    if product.artifact_id != provisioning_artifact_id and product.artifact_name != provisioning_artifact_name:
        raise missing("Provisioning artifact", str(provisioning_artifact_id or provisioning_artifact_name))
    return product, path


def launch_role_of(path: Portfolio, product: Product) -> str:
    """Return a product's launch role; raise InvalidParametersException: nobody launches in his own."""
    if product.id not in path.launch_roles:
        raise invalid(f"Product {product.id} has no launch constraint; without one, products are not launched here.")
    return path.launch_roles[product.id]


def _constraints(path: Portfolio, product: Product) -> list[dict[str, str]]:
    role = path.launch_roles.get(product.id)
    return [] if role is None else [{"Type": "LAUNCH", "Description": f"Launch as {role}"}]


def _page(
    items: list[dict[str, Any]], token: str | None, size_given: int | None, *, size: int
) -> tuple[list[dict[str, Any]], str | None]:
    try:
        return cut(items, token, size_given or None, size=size)
    except InvalidPageError as error:
        raise invalid(str(error)) from error
