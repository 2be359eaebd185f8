"""The products of Service Catalog, made from the catalog: a template, and an artifact for each account type."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path

from avm.catalog import load_catalog
from avm.domain.account_type import AccountType

CATALOG = Path(__file__).parents[1] / "layers" / "catalog" / "catalog"

_HEAD = """\
AWSTemplateFormatVersion: "2010-09-09"
Description: Account vending machine - account types as products of Service Catalog; deploy it beside the application.
# Made by python -m tools.write_references from the catalog

Parameters:
  ArtifactBucket:
    Type: String
    MinLength: 3
    Description: The application's output ReportBucketName, with templates/service_catalog in it as service-catalog/.
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
      Name: {name}
      Owner: Account vending machine
      Description: {description}
      SupportEmail: !If [HasSupportEmail, !Ref SupportEmail, !Ref AWS::NoValue]
      ProductType: EXTERNAL
      ProvisioningArtifactParameters:
        - Name: v1
          Type: EXTERNAL
          Info: {{LoadTemplateFromURL: !Sub "https://${{ArtifactBucket}}.s3.${{AWS::Region}}.${{AWS::URLSuffix}}/service-catalog/{name}.json"}}

  {id}InPortfolio:
    Type: AWS::ServiceCatalog::PortfolioProductAssociation
    Properties: {{PortfolioId: !Ref Portfolio, ProductId: !Ref {id}Product}}

  {id}Launch:
    Type: AWS::ServiceCatalog::LaunchRoleConstraint
    DependsOn: {id}InPortfolio
    Properties: {{PortfolioId: !Ref Portfolio, ProductId: !Ref {id}Product, RoleArn: !GetAtt LaunchRole.Arn}}
"""


def product_files(templates: Path) -> Iterator[tuple[Path, str]]:
    """Yield ``(file, text)`` of the template and of the artifacts, below a folder."""
    types = _asked_for(load_catalog(CATALOG).account_types.values())
    yield templates / "service_catalog.yaml", _HEAD + "".join(_product(each) for each in types)
    for each in types:
        yield templates / "service_catalog" / f"{each.name}.json", json.dumps({"account_type": each.name}) + "\n"


def _asked_for(types: Iterable[AccountType]) -> list[AccountType]:
    """Return the types that teams ask for; of the others there is one account, which the foundation asks for."""
    return sorted((each for each in types if not each.singleton), key=lambda each: each.name)


def _product(account_type: AccountType) -> str:
    camel = "".join(part.capitalize() for part in account_type.name.split("-"))
    # a string of JSON is one of YAML
    return _PRODUCT.format(id=camel, name=account_type.name, description=json.dumps(account_type.description))
