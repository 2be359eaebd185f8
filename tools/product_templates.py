"""The products of Service Catalog, made from the catalog: templates, and an artifact for each account type."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from avm.catalog import load_catalog
from avm.domain.account_type import AccountType
from avm.domain.catalog import Catalog
from tools.product_stacks import STACK_LAUNCH_ROLE, stack_template

CATALOG = Path(__file__).parents[1] / "layers" / "catalog" / "catalog"

_HEAD = """\
AWSTemplateFormatVersion: "2010-09-09"
Description: Account vending machine - {title}; deploy it beside the application.
# Made by python -m tools.write_references from the catalog

Parameters:
  ArtifactBucket:
    Type: String
    MinLength: 3
    Description: The application's output ReportBucketName, with templates/{folder} in it as {prefix}/.
  Launchers:
    Type: String
    Default: role/aws-reserved/sso.amazonaws.com/*AWSReservedSSO_AvmRequester_*
    AllowedPattern: (role|user|group)/.+
    Description: Who may launch the products - roles, users or a group of this account; * and ? stand for anything.
  SupportEmail:
    Type: String
    Default: ""
    Description: Whom launchers may ask for help; empty means nobody.

Conditions:
  HasSupportEmail: !Not [!Equals [!Ref SupportEmail, ""]]

Resources:
"""

_LAUNCH_ROLE = """\
  # A product of type EXTERNAL has a launch role. It reads the product's artifact, and does nothing else: accounts are
  # made by the application, in roles of its own
  LaunchRole:
    Type: AWS::IAM::Role
    Properties:
      RoleName: avm-launch
      Path: /avm-service-catalog/
      Description: Reads the artifacts of the products of the account vending machine
      AssumeRolePolicyDocument:
        Version: "2012-10-17"
        Statement:
          - Effect: Allow
            Principal: {Service: servicecatalog.amazonaws.com}
            Action: sts:AssumeRole
            Condition:
              StringEquals: {aws:SourceAccount: !Ref AWS::AccountId}
          - Effect: Allow
            Principal: {AWS: !Sub "arn:${AWS::Partition}:iam::${AWS::AccountId}:root"}
            Action: sts:AssumeRole
            Condition:
              ArnLike:
                aws:PrincipalArn: !Sub arn:${AWS::Partition}:iam::${AWS::AccountId}:role/avm-functions/service-catalog/*
      Policies:
        - PolicyName: read-artifacts
          PolicyDocument:
            Version: "2012-10-17"
            Statement:
              # Service Catalog keeps artifacts in buckets of its own, and marks them
              - Effect: Allow
                Action: s3:GetObject
                Resource: !Sub arn:${AWS::Partition}:s3:::*/*
                Condition:
                  StringEquals: {s3:ExistingObjectTag/servicecatalog:provisioning: "true"}

"""

_PORTFOLIO = """\
  Portfolio:
    Type: AWS::ServiceCatalog::Portfolio
    Properties:
      DisplayName: AWS accounts
      ProviderName: Account vending machine
      Description: An AWS account of each type that teams may ask for.

  PortfolioLaunchers:
    Type: AWS::ServiceCatalog::PortfolioPrincipalAssociation
    Properties:
      PortfolioId: !Ref Portfolio
      PrincipalARN: !Sub arn:${AWS::Partition}:iam:::${Launchers}
      PrincipalType: IAM_PATTERN
"""

_PRODUCT = """
  {id}Product:
    Type: AWS::ServiceCatalog::CloudFormationProduct
    Properties:
      Name: {title}
      Owner: Account vending machine
      Description: {description}
      SupportEmail: !If [HasSupportEmail, !Ref SupportEmail, !Ref AWS::NoValue]
      ProductType: {kind}
      ProvisioningArtifactParameters:
        - Name: v1
          Type: {kind}
          Info: {{LoadTemplateFromURL: !Sub "https://${{ArtifactBucket}}.s3.${{AWS::Region}}.${{AWS::URLSuffix}}/{prefix}/{name}.json"}}

  {id}InPortfolio:
    Type: AWS::ServiceCatalog::PortfolioProductAssociation
    Properties: {{PortfolioId: !Ref Portfolio, ProductId: !Ref {id}Product}}

  {id}Launch:
    Type: AWS::ServiceCatalog::LaunchRoleConstraint
    DependsOn: {id}InPortfolio
    Properties: {{PortfolioId: !Ref Portfolio, ProductId: !Ref {id}Product, RoleArn: !GetAtt {role}.Arn}}
"""


@dataclass(frozen=True)
class _Kind:
    """One way to launch account types."""

    product_type: str
    title: str
    """What the template has."""
    folder: str
    """The template's name without its ending, and where the artifacts are."""
    prefix: str
    """Where the artifacts are put in the bucket."""
    launch_role: str
    """Logical id of the role in which a product is launched."""
    launch_role_text: str
    name: str
    """Of a product."""
    artifact: Callable[[AccountType, Catalog], Mapping[str, Any]]


_EXTERNAL = _Kind(
    "EXTERNAL",
    "account types as products of Service Catalog",
    "service_catalog",
    "service-catalog",
    "LaunchRole",
    _LAUNCH_ROLE,
    "{name}",
    lambda kind, _: {"account_type": kind.name},
)
_STACKS = _Kind(
    "CLOUD_FORMATION_TEMPLATE",
    "account types as products of Service Catalog whose stacks ask for accounts",
    "service_catalog_stacks",
    "service-catalog-stacks",
    "StackLaunchRole",
    STACK_LAUNCH_ROLE,
    # beside the products of the other kind nobody shall have to choose between two of one name
    "{name} account",
    stack_template,
)


def product_files(templates: Path) -> Iterator[tuple[Path, str]]:
    """Yield ``(file, text)`` of the templates and of the artifacts, below a folder."""
    catalog = load_catalog(CATALOG)
    types = _asked_for(catalog.account_types.values())
    for kind in (_EXTERNAL, _STACKS):
        head = _HEAD.format(title=kind.title, folder=kind.folder, prefix=kind.prefix)
        products = "".join(_product(each, kind) for each in types)
        yield templates / f"{kind.folder}.yaml", head + kind.launch_role_text + _PORTFOLIO + products
        for each in types:
            artifact = kind.artifact(each, catalog)
            yield (
                templates / kind.folder / f"{each.name}.json",
                json.dumps(artifact, indent=None if kind is _EXTERNAL else 2) + "\n",
            )


def _asked_for(types: Iterable[AccountType]) -> list[AccountType]:
    """Return the types that teams ask for; of the others there is one account, which the foundation asks for."""
    return sorted((each for each in types if not each.singleton), key=lambda each: each.name)


def _product(account_type: AccountType, kind: _Kind) -> str:
    return _PRODUCT.format(
        id="".join(part.capitalize() for part in account_type.name.split("-")),
        name=account_type.name,
        title=kind.name.format(name=account_type.name),
        # a string of JSON is one of YAML
        description=json.dumps(account_type.description),
        kind=kind.product_type,
        prefix=kind.prefix,
        role=kind.launch_role,
    )
