"""From the text of a template and given parameters to what a stack is to have."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import yaml
from moto.utilities.utils import get_partition

from avm_emulator.cloudformation.state import Wanted
from avm_emulator.deploy import checks
from avm_emulator.deploy.parameters import parameter_values
from avm_emulator.deploy.resolver import Resolver
from avm_emulator.deploy.template_text import parse_template
from avm_emulator.errors import AwsError


def parse(text: str) -> dict[str, Any]:
    """Return a template; raise ValidationError for what is none, or has resources that are not custom ones."""
    try:
        template = parse_template(text)
    except yaml.YAMLError as error:
        raise refused(f"Template format error: {error}") from error
    if not isinstance(template, dict) or not template.get("Resources"):
        raise refused("Template format error: At least one Resources member must be defined.")
    for logical_id, resource in template["Resources"].items():
        kind = str(resource.get("Type"))
        if not kind.startswith("Custom::") and kind != "AWS::CloudFormation::CustomResource":
            raise refused(f"{logical_id}: stacks of products are modelled with custom resources only, not with {kind}")
        if "ServiceToken" not in resource.get("Properties", {}):
            raise refused(f"{logical_id}: a custom resource needs a ServiceToken")
    return template


def wanted(text: str, given: Mapping[str, str], pseudo: Mapping[str, str]) -> Wanted:
    """Return what a template asks for with these parameters; raise ValidationError for what cannot be."""
    template = parse(text)
    values, problems = parameter_values(template.get("Parameters", {}), given)
    if problems:
        raise refused("; ".join(problems))
    resolver = Resolver(template, {**values, **pseudo})
    resources, outputs, problems = checks.chosen(template, resolver)
    order, lost = checks.creation_order(resources, resolver)
    if problems or lost:
        raise refused("; ".join([*problems, *lost]))
    return Wanted(values, {logical_id: resources[logical_id] for logical_id in order}, outputs, resolver)


def pseudo_parameters(account: str, region: str, name: str) -> Mapping[str, str]:
    """Return the values of ``AWS::…``."""
    partition = get_partition(region)
    return {
        "AWS::AccountId": account,
        "AWS::Region": region,
        "AWS::Partition": partition,
        "AWS::URLSuffix": "amazonaws.com.cn" if partition == "aws-cn" else "amazonaws.com",
        "AWS::StackName": name,
    }


def refused(sentence: str) -> AwsError:
    """Return CloudFormation's error for what it does not take."""
    return AwsError("ValidationError", sentence)
