"""Portfolios and products are made, and put together."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from moto.utilities.utils import get_partition

from avm_emulator.boundary.moto_app import not_implemented
from avm_emulator.cloudformation.templates import parse
from avm_emulator.service_catalog.artifacts import keep, text_of
from avm_emulator.service_catalog.state import LAUNCHED, TEMPLATE, Portfolio, Product, ServiceCatalog, invalid, place_of

if TYPE_CHECKING:
    from avm_emulator.boundary import Call


def create_portfolio(
    catalog: ServiceCatalog,
    call: Call,
    *,
    display_name: str,
    provider_name: str,
    idempotency_token: str,  # noqa: ARG001  nobody repeats it here
    description: str = "",
    accept_language: str | None = None,  # noqa: ARG001  there is one language
    tags: Sequence[Mapping[str, str]] = (),
) -> dict[str, Any]:
    """Create a portfolio without products."""
    portfolio = Portfolio(place_of(call), catalog.new_id("port"), display_name, catalog.new_id("lpv3"))
    catalog.portfolios[portfolio.id] = portfolio
    detail = {
        "Id": portfolio.id,
        "ARN": _arn(call, f"portfolio/{portfolio.id}"),
        "DisplayName": display_name,
        "Description": description,
        "CreatedTime": call.time,
        "ProviderName": provider_name,
    }
    return {"PortfolioDetail": detail, "Tags": list(tags)}


def create_product(
    catalog: ServiceCatalog,
    call: Call,
    *,
    name: str,
    owner: str,
    product_type: str,
    idempotency_token: str,  # noqa: ARG001  nobody repeats it here
    description: str = "",
    support_email: str | None = None,
    provisioning_artifact_parameters: Mapping[str, Any] | None = None,
    accept_language: str | None = None,  # noqa: ARG001  there is one language
    tags: Sequence[Mapping[str, str]] = (),
    **others: Any,
) -> dict[str, Any]:
    """Create a product of type EXTERNAL or CLOUD_FORMATION_TEMPLATE; its artifact is copied."""
    if product_type not in LAUNCHED or others:
        reason = ", ".join(others) or f"products of type {product_type}"
        raise not_implemented(call.service, call.operation, reason)
    given = provisioning_artifact_parameters or {}
    if given.get("Type") != product_type or set(given.get("Info", ())) != {"LoadTemplateFromURL"}:
        raise invalid(f"An artifact of type {product_type}, with LoadTemplateFromURL, is required.")
    product_id, artifact_id = catalog.new_id("prod"), catalog.new_id("pa")
    path = keep(call.account, call.region, given["Info"]["LoadTemplateFromURL"], f"{product_id}-{artifact_id}")
    if product_type == TEMPLATE:
        parse(text_of(path))
    product = Product(
        place=place_of(call),
        id=product_id,
        name=name,
        owner=owner,
        description=description,
        support_email=support_email,
        created_at=call.time,
        artifact_id=artifact_id,
        artifact_name=given.get("Name", artifact_id),
        artifact_path=path,
        kind=product_type,
    )
    catalog.products[product.id] = product
    view = {
        "ProductViewSummary": product.view,
        "Status": "AVAILABLE",
        "ProductARN": _arn(call, f"product/{product.id}"),
        "CreatedTime": call.time,
    }
    artifact = {
        "Id": artifact_id,
        "Name": product.artifact_name,
        "Type": product_type,
        "CreatedTime": call.time,
        "Active": True,
        "Guidance": "DEFAULT",
    }
    return {"ProductViewDetail": view, "ProvisioningArtifactDetail": artifact, "Tags": list(tags)}


def associate_product_with_portfolio(
    catalog: ServiceCatalog,
    call: Call,
    *,
    product_id: str,
    portfolio_id: str,
    accept_language: str | None = None,  # noqa: ARG001  there is one language
) -> None:
    """Put a product into a portfolio."""
    catalog.portfolio(call, portfolio_id).products.add(catalog.product(call, product_id).id)


def associate_principal_with_portfolio(
    catalog: ServiceCatalog,
    call: Call,
    *,
    portfolio_id: str,
    principal_arn: str,
    principal_type: str,
    accept_language: str | None = None,  # noqa: ARG001  there is one language
) -> None:
    """Let somebody launch what is in a portfolio: an ARN, or a pattern of one that names no account."""
    if principal_type == "IAM_PATTERN" and principal_arn.split(":")[4:5] != [""]:
        raise invalid("A principal of type IAM_PATTERN names no account.")
    catalog.portfolio(call, portfolio_id).principals.add(principal_arn)


def create_constraint(
    catalog: ServiceCatalog,
    call: Call,
    *,
    portfolio_id: str,
    product_id: str,
    parameters: str,
    type: str,  # noqa: A002  the name of the parameter in AWS
    idempotency_token: str,  # noqa: ARG001  nobody repeats it here
    description: str = "",
    accept_language: str | None = None,  # noqa: ARG001  there is one language
) -> dict[str, Any]:
    """Give a product of a portfolio its launch role."""
    portfolio, product = catalog.portfolio(call, portfolio_id), catalog.product(call, product_id)
    if type != "LAUNCH":
        raise not_implemented(call.service, call.operation, f"constraints of type {type}")
    if product.id not in portfolio.products:
        raise invalid(f"Product {product_id} is not in portfolio {portfolio_id}.")
    try:
        portfolio.launch_roles[product.id] = json.loads(parameters)["RoleArn"]
    except (ValueError, KeyError) as error:
        raise invalid("A launch constraint is given as {'RoleArn': ARN}.") from error
    detail = {
        "ConstraintId": catalog.new_id("cons"),
        "Type": type,
        "Description": description,
        "Owner": call.account,
        "ProductId": product_id,
        "PortfolioId": portfolio_id,
    }
    return {"ConstraintDetail": detail, "ConstraintParameters": parameters, "Status": "AVAILABLE"}


def _arn(call: Call, resource: str) -> str:
    return f"arn:{get_partition(call.region)}:catalog:{call.region}:{call.account}:{resource}"
