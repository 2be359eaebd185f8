"""From the template and the built artefacts to plain CloudFormation: what `sam package` and AWS's transform do."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml
from samtranslator.metrics.metrics import DummyMetricsPublisher, Metrics
from samtranslator.model.exceptions import InvalidDocumentException
from samtranslator.parser.parser import Parser
from samtranslator.translator.translator import Translator

from avm_emulator.deploy.errors import TemplateError
from avm_emulator.deploy.template_text import parse_template

_BUCKET = "avm-artefacts"
"""Where a packaged template finds its code and definitions; the key is the logical id in the source template."""
_TRANSFORM = "AWS::Serverless-2016-10-31"
_CODE = {
    "AWS::Serverless::Function": "CodeUri",
    "AWS::Serverless::LayerVersion": "ContentUri",
    "AWS::Lambda::Function": "Code",
    "AWS::Lambda::LayerVersion": "Content",
}
_DEFINITIONS = {
    "AWS::Serverless::StateMachine": "DefinitionUri",
    "AWS::StepFunctions::StateMachine": "DefinitionS3Location",
}
_PLACEHOLDER = re.compile(r"\$\{([A-Za-z0-9_]+)\}")

# it warns at every translation of a toggle that only AWS's own service has
logging.getLogger("samtranslator.feature_toggle.feature_toggle").setLevel(logging.ERROR)


@dataclass(frozen=True)
class Package:
    """A template ready to be deployed."""

    template: dict[str, Any]
    """Plain CloudFormation."""
    artefacts: dict[str, Path] = field(default_factory=dict)
    """Folder of built code, or file of a definition, by the S3 key that the template names."""


def package(template_path: Path, artefacts: Path, parameters: Mapping[str, Any], region: str) -> Package:
    """Return the template, translated, with its code taken from ``artefacts/<logical id>``.

    Raises:
        TemplateError: the template cannot be read or translated, or an artefact is missing.

    """
    try:
        template = _read(template_path)
        found: dict[str, Path] = {}
        problems = list(_locate(template["Resources"], template_path.parent, artefacts, found))
        if not problems and template.get("Transform") == _TRANSFORM:
            template = _translate(template, parameters, region)
    except InvalidDocumentException as error:
        problems = [cause.message for cause in error.causes]
    except (OSError, ValueError, yaml.YAMLError) as error:
        problems = [str(error)]
    problems = problems or list(_placeholder_problems(template["Resources"], found))
    if problems:
        raise TemplateError(str(template_path), problems)
    return Package(template, found)


def _read(path: Path) -> dict[str, Any]:
    template: dict[str, Any] = parse_template(path.read_text("utf-8"))
    if "Resources" not in (template or ()):
        raise ValueError("it has no section Resources")
    return template


@dataclass(frozen=True)
class _Session:
    """What the translator wants of a boto3 session: the Region, from which it takes the partition."""

    region_name: str


def _translate(template: dict[str, Any], parameters: Mapping[str, Any], region: str) -> dict[str, Any]:
    metrics = Metrics("ServerlessTransform", DummyMetricsPublisher())
    translator = Translator(None, Parser(), boto_session=_Session(region), metrics=metrics)
    try:
        translated: dict[str, Any] = translator.translate(template, dict(parameters), get_managed_policy_map=dict)
    finally:
        metrics.publish()  # to nowhere; else the translator warns that it was forgotten
    return translated


def _locate(resources: Mapping[str, Any], folder: Path, artefacts: Path, found: dict[str, Path]) -> Iterator[str]:
    """Put the place of each artefact into ``found`` and its key into the template; yield what is missing."""
    for logical_id, resource in resources.items():
        kind, properties = resource.get("Type"), resource.get("Properties") or {}
        if kind in _CODE and isinstance(properties.get(_CODE[kind]), str):
            found[logical_id] = artefacts / logical_id
            properties[_CODE[kind]] = {"S3Bucket": _BUCKET, "S3Key": logical_id}
            if kind.startswith("AWS::Serverless::"):
                properties[_CODE[kind]] = f"s3://{_BUCKET}/{logical_id}"
            if not found[logical_id].is_dir():
                yield f"{logical_id}: {found[logical_id]} is missing; `make build-host` builds it"
        elif kind in _CODE:
            yield f"{logical_id}: {_CODE[kind]} names no folder; only built artefacts are known here"
        elif kind in _DEFINITIONS and isinstance(properties.get(_DEFINITIONS[kind]), str):
            found[logical_id] = folder / properties[_DEFINITIONS[kind]]
            properties[_DEFINITIONS[kind]] = {"Bucket": _BUCKET, "Key": logical_id}
            if not found[logical_id].is_file():
                yield f"{logical_id}: {found[logical_id]} is missing"
        elif kind in _DEFINITIONS and _DEFINITIONS[kind] in properties:
            yield f"{logical_id}: {_DEFINITIONS[kind]} names no file; only files beside the template are known here"


def _placeholder_problems(resources: Mapping[str, Any], artefacts: Mapping[str, Path]) -> Iterator[str]:
    for logical_id, resource in resources.items():
        if resource.get("Type") != "AWS::StepFunctions::StateMachine":
            continue
        properties = resource.get("Properties", {})
        location = properties.get("DefinitionS3Location")
        text = artefacts[location["Key"]].read_text("utf-8") if location else json.dumps(properties.get("Definition"))
        for name in sorted(set(_PLACEHOLDER.findall(text)) - set(properties.get("DefinitionSubstitutions", {}))):
            yield f"{logical_id}: the definition has ${{{name}}}, which DefinitionSubstitutions does not give"
