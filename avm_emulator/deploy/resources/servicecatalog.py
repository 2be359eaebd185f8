"""AWS::ServiceCatalog."""

from __future__ import annotations

import json

from avm_emulator.deploy.resources.base import Created, New, fields, resource


@resource("AWS::ServiceCatalog::Portfolio", "DisplayName", "ProviderName", "Description", "Tags")
def portfolio(new: New) -> Created:
    """Create a portfolio."""
    made = new.call(
        "servicecatalog", "CreatePortfolio", IdempotencyToken=_token(new), Tags=new.tag_list(), **new.without("Tags")
    )
    return Created(made["PortfolioDetail"]["Id"], {"PortfolioName": made["PortfolioDetail"]["DisplayName"]})


@resource(
    "AWS::ServiceCatalog::CloudFormationProduct",
    "Name",
    "Owner",
    "Description",
    "SupportEmail",
    "ProductType",
    "Tags",
    ProvisioningArtifactParameters=fields("Name", "Description", "Type", "Info"),
)
def product(new: New) -> Created:
    """Create a product with its one artifact."""
    (artifact,) = new["ProvisioningArtifactParameters"]
    made = new.call(
        "servicecatalog",
        "CreateProduct",
        ProvisioningArtifactParameters=artifact,
        IdempotencyToken=_token(new),
        Tags=new.tag_list(),
        **new.without("ProvisioningArtifactParameters", "Tags"),
    )
    view, made_artifact = made["ProductViewDetail"]["ProductViewSummary"], made["ProvisioningArtifactDetail"]
    attributes = {
        "ProductName": view["Name"],
        "ProvisioningArtifactIds": made_artifact["Id"],
        "ProvisioningArtifactNames": made_artifact["Name"],
    }
    return Created(view["ProductId"], attributes)


@resource("AWS::ServiceCatalog::PortfolioProductAssociation", "PortfolioId", "ProductId")
def portfolio_product_association(new: New) -> Created:
    """Put a product into a portfolio."""
    new.call("servicecatalog", "AssociateProductWithPortfolio", **new.without())
    return Created(f"{new['PortfolioId']}|{new['ProductId']}")


@resource("AWS::ServiceCatalog::PortfolioPrincipalAssociation", "PortfolioId", "PrincipalARN", "PrincipalType")
def portfolio_principal_association(new: New) -> Created:
    """Let somebody launch what is in a portfolio."""
    new.call("servicecatalog", "AssociatePrincipalWithPortfolio", **new.without())
    return Created(f"{new['PortfolioId']}|{new['PrincipalARN']}")


@resource("AWS::ServiceCatalog::LaunchRoleConstraint", "PortfolioId", "ProductId", "RoleArn", "Description")
def launch_role_constraint(new: New) -> Created:
    """Give a product of a portfolio its launch role."""
    made = new.call(
        "servicecatalog",
        "CreateConstraint",
        Type="LAUNCH",
        Parameters=json.dumps({"RoleArn": new["RoleArn"]}),
        IdempotencyToken=_token(new),
        **new.without("RoleArn"),
    )
    return Created(made["ConstraintDetail"]["ConstraintId"])


def _token(new: New) -> str:
    return new.stack.physical_name(new.logical_id, 128)
