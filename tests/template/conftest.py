"""The template as it is deployed: translated by AWS's own translator, with the state machines inlined."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from samtranslator.yaml_helper import yaml_parse

from avm_emulator.deploy.package import package

ROOT = Path(__file__).parents[2]
SAMPLE_VALUES = {"Partition": "aws"}
SAMPLE_ARN = "arn:aws:lambda:eu-west-1:123456789012:function:sample"

Template = dict[str, Any]


@pytest.fixture(scope="session")
def source() -> Template:
    """template.yaml as it is written."""
    parsed: Template = yaml_parse((ROOT / "template.yaml").read_text("utf-8"))
    return parsed


@pytest.fixture(scope="session")
def template(source: Template, tmp_path_factory: pytest.TempPathFactory) -> Template:
    """template.yaml as plain CloudFormation, the state machines' definitions inside, filled in with sample values."""
    artefacts = tmp_path_factory.mktemp("artefacts")
    for logical_id in source["Resources"]:
        (artefacts / logical_id).mkdir()
    packaged = package(ROOT / "template.yaml", artefacts, {}, "eu-west-1")
    for resource in packaged.template["Resources"].values():
        if resource["Type"] == "AWS::StepFunctions::StateMachine":
            properties = resource["Properties"]
            text = packaged.artefacts[properties.pop("DefinitionS3Location")["Key"]].read_text("utf-8")
            properties["Definition"] = json.loads(
                re.sub(r"\$\{(\w+)\}", lambda name: SAMPLE_VALUES.get(name[1], SAMPLE_ARN), text)
            )
    return packaged.template


@pytest.fixture(scope="session")
def functions(template: Template) -> Mapping[str, Any]:
    """Properties of every function by logical id."""
    return resources(template, "AWS::Lambda::Function")


def resources(template: Template, kind: str) -> dict[str, Any]:
    """Return the properties of every resource of a type, by logical id."""
    found = {name: each.get("Properties", {}) for name, each in template["Resources"].items() if each["Type"] == kind}
    assert found, f"the template has no {kind}"
    return found


def statements_of(document: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the statements of a policy, those under a condition of the template as where it is fulfilled."""
    return [each["Fn::If"][1] if "Fn::If" in each else each for each in document["Statement"]]
