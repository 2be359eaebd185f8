"""Products whose stacks ask for accounts: the template of one, with what the catalog allows, and their launch role."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from avm.domain.account_request import EMAIL_PATTERN
from avm.domain.account_type import AccountType
from avm.domain.catalog import Catalog
from avm.domain.product import parameters_of

STACK_LAUNCH_ROLE = """\
  # In this role Service Catalog makes the stack of a product, and the stack calls the function that takes it. Accounts
  # are made by the application, in roles of its own (admin guide, "AWS Service Catalog Launch Constraints")
  StackLaunchRole:
    Type: AWS::IAM::Role
    Properties:
      RoleName: avm-launch-stack
      Path: /avm-service-catalog/
      Description: Makes the stacks of the products of the account vending machine
      AssumeRolePolicyDocument:
        Version: "2012-10-17"
        Statement:
          - Effect: Allow
            Principal: {Service: servicecatalog.amazonaws.com}
            Action: sts:AssumeRole
            Condition:
              StringEquals: {aws:SourceAccount: !Ref AWS::AccountId}
      Policies:
        - PolicyName: make-stacks
          PolicyDocument:
            Version: "2012-10-17"
            Statement:
              - Effect: Allow
                Action:
                  - cloudformation:CreateStack
                  - cloudformation:DeleteStack
                  - cloudformation:DescribeStackEvents
                  - cloudformation:DescribeStacks
                  - cloudformation:SetStackPolicy
                  - cloudformation:UpdateStack
                Resource: !Sub arn:${AWS::Partition}:cloudformation:${AWS::Region}:${AWS::AccountId}:stack/SC-*/*
              # About templates, which are no resources
              - Effect: Allow
                Action: [cloudformation:GetTemplateSummary, cloudformation:ValidateTemplate]
                Resource: "*"
              # Service Catalog keeps artifacts in buckets of its own, and marks them
              - Effect: Allow
                Action: s3:GetObject
                Resource: !Sub arn:${AWS::Partition}:s3:::*/*
                Condition:
                  StringEquals: {s3:ExistingObjectTag/servicecatalog:provisioning: "true"}
              - Effect: Allow
                Action: lambda:InvokeFunction
                Resource: !Sub arn:${AWS::Partition}:lambda:${AWS::Region}:${AWS::AccountId}:function:avm-take-stack

"""

_FUNCTION = "arn:${AWS::Partition}:lambda:${AWS::Region}:${AWS::AccountId}:function:avm-take-stack"
_TIMEOUT_SECONDS = 900
"""How long the stack waits: longer than the function is tried (``EventInvokeConfig`` of ``TakeStackFunction``)."""
_NOTHING_CLOSED = (
    "The account is no part of this stack: deleting the stack, or terminating the product, closes nothing."
)
_ACCESS = ("AccessTo", "AccessPermissionSet")


def stack_template(account_type: AccountType, catalog: Catalog) -> Mapping[str, Any]:
    """Return the template of an account type's product: its form, and one resource that asks for the account."""
    parameters = _parameters(account_type, catalog)
    has_access = bool(account_type.allowed_permission_sets)
    asked: dict[str, Any] = {field: {"Ref": key} for field, key in _FIELDS.items() if field != "access"}
    asked["regions"] = {"Fn::Join": [",", {"Ref": "Regions"}]}
    if has_access:
        asked["access"] = {"Fn::If": ["HasAccess", {"Fn::Sub": "${AccessTo}=${AccessPermissionSet}"}, ""]}
    template: dict[str, Any] = {
        "AWSTemplateFormatVersion": "2010-09-09",
        "Description": f"Asks for an AWS account of type {account_type.name}. {_NOTHING_CLOSED}",
        "Parameters": parameters,
    }
    if has_access:
        template["Conditions"] = {"HasAccess": {"Fn::Not": [{"Fn::Equals": [{"Ref": "AccessTo"}, ""]}]}}
    return template | {
        "Resources": {
            "Account": {
                "Type": "Custom::AwsAccount",
                "Properties": {
                    "ServiceToken": {"Fn::Sub": _FUNCTION},
                    "ServiceTimeout": str(_TIMEOUT_SECONDS),
                    "type": account_type.name,
                    **asked,
                },
            }
        },
        "Outputs": {
            "RequestId": {"Description": "The request: avm status", "Value": {"Fn::GetAtt": ["Account", "RequestId"]}},
            "Follow": {
                "Description": "What has become of the request, by the API (docs/api.md)",
                "Value": {"Fn::GetAtt": ["Account", "Follow"]},
            },
        },
    }


_FIELDS: Mapping[str, str] = {
    "name": "Name",
    "owner": "Owner",
    "cost_center": "CostCenter",
    "purpose": "Purpose",
    "email": "Email",
    "regions": "Regions",
    "access": "Access",
    "budget": "Budget",
    "tags": "Tags",
}
"""Field of the request -> parameter: CloudFormation takes letters and digits only."""


def _parameters(account_type: AccountType, catalog: Catalog) -> dict[str, Mapping[str, Any]]:
    restricted = _restrictions(account_type, catalog)
    parameters: dict[str, Mapping[str, Any]] = {}
    for each in parameters_of(catalog, account_type.name):
        key = _FIELDS[each.key]
        if each.key != "access":
            default = {} if each.is_required else {"Default": ""}
            parameters[key] = {"Type": "String", "Description": each.description, **default, **restricted[each.key]}
        elif account_type.allowed_permission_sets:
            parameters |= _access(account_type)
    return parameters


def _restrictions(account_type: AccountType, catalog: Catalog) -> Mapping[str, Mapping[str, Any]]:
    regions = catalog.regions(account_type.name)
    domains = "|".join(domain.replace(".", "[.]") for domain in catalog.organization.email.domains)
    email = EMAIL_PATTERN.strip("^$")
    return {
        "name": {"MinLength": 1, "MaxLength": 50, "AllowedPattern": "[ -;=?-~]+"},
        "owner": {"MinLength": 6, "MaxLength": 254, "AllowedPattern": email},
        "cost_center": {"AllowedPattern": catalog.organization.cost_center_pattern},
        "purpose": {"MinLength": 1, "MaxLength": 256},
        "email": {"MaxLength": 64, "AllowedPattern": f"([^@]+@({domains}))?"},
        "regions": {
            "Type": "CommaDelimitedList",
            "Description": "Regions with workloads.",
            "Default": ",".join(regions),
            "AllowedValues": list(regions),
        },
        "budget": {
            "Type": "Number",
            "Description": "What it may cost in a month, in USD.",
            "Default": f"{account_type.budget.monthly_usd:g}",
            "MinValue": 1,
            "MaxValue": 100_000_000,
        },
        "tags": {"AllowedPattern": "([^=,]+=[^=,]*(,[^=,]+=[^=,]*)*)?"},
    }


def _access(account_type: AccountType) -> dict[str, Mapping[str, Any]]:
    to, permission_set = _ACCESS
    return {
        to: {
            "Type": "String",
            "Description": "A group, or a user by e-mail address, with more access than the type gives. Empty: none.",
            "Default": "",
            "AllowedPattern": "[^,=]*",
        },
        permission_set: {
            "Type": "String",
            "Description": "The permission set that it gets.",
            "Default": "",
            "AllowedValues": ["", *account_type.allowed_permission_sets],
        },
    }
