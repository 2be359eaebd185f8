"""From the SAM template and the built artefacts to plain CloudFormation: what `sam package` and AWS's transform do."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from samtranslator.metrics.metrics import DummyMetricsPublisher, Metrics
from samtranslator.model.exceptions import InvalidDocumentException
from samtranslator.parser.parser import Parser
from samtranslator.translator.translator import Translator
from samtranslator.yaml_helper import yaml_parse

from avm_emulator.deploy.errors import TemplateError

_BUCKET = "avm-artefacts"
"""Where the translated template finds its code; the key is the logical id in the SAM template."""

_CODE_PROPERTIES = {
    "AWS::Serverless::Function": "CodeUri",
    "AWS::Serverless::LayerVersion": "ContentUri",
}
_PLACEHOLDER = re.compile(r"\$\{([A-Za-z0-9_]+)\}")

# it warns at every translation about a toggle that only AWS's own service has
logging.getLogger("samtranslator.feature_toggle.feature_toggle").setLevel(logging.ERROR)


@dataclass(frozen=True)
class Package:
    """A template ready to be deployed."""

    template: dict[str, Any]
    """Plain CloudFormation."""
    artefacts: Mapping[str, Path]
    """Folder of built code, or file of a definition, by the S3 key that the template names."""


@dataclass(frozen=True)
class _Session:
    """What the translator wants of a boto3 session: the Region, to derive the partition."""

    region_name: str


def package(template_path: Path, artefacts: Path, parameters: Mapping[str, Any], region: str) -> Package:
    """Translate the template with its code replaced by the artefacts in ``artefacts/<logical id>``.

    Raises:
        TemplateError: the template cannot be read or translated, or an artefact is missing.

    """
    try:
        template = yaml_parse(template_path.read_text("utf-8"))
    except (OSError, ValueError, TypeError) as error:
        raise TemplateError(str(template_path), [str(error)]) from error
    found: dict[str, Path] = {}
    problems = list(_locate(template, template_path.parent, artefacts, found))
    if problems:
        raise TemplateError(str(template_path), problems)
    metrics = Metrics("ServerlessTransform", DummyMetricsPublisher())
    translator = Translator(None, Parser(), boto_session=_Session(region), metrics=metrics)
    try:
        translated = translator.translate(template, dict(parameters), get_managed_policy_map=dict)
    except InvalidDocumentException as error:
        raise TemplateError(str(template_path), [cause.message for cause in error.causes]) from error
    finally:
        metrics.publish()  # to nowhere; else the translator warns of unpublished metrics
    problems = list(_placeholder_problems(translated, found))
    if problems:
        raise TemplateError(str(template_path), problems)
    return Package(translated, found)


def _locate(template: Mapping[str, Any], folder: Path, artefacts: Path, found: dict[str, Path]) -> Iterator[str]:
    for logical_id, resource in template.get("Resources", {}).items():
        properties = resource.get("Properties") or {}
        code = _CODE_PROPERTIES.get(resource.get("Type"))
        if code is not None:
            found[logical_id] = artefacts / logical_id
            properties[code] = f"s3://{_BUCKET}/{logical_id}"
            if not found[logical_id].is_dir():
                yield f"{logical_id}: {found[logical_id]} is missing; build it with `make build-host`"
        elif resource.get("Type") == "AWS::Serverless::StateMachine" and isinstance(
            properties.get("DefinitionUri"), str
        ):
            found[logical_id] = folder / properties["DefinitionUri"]
            properties["DefinitionUri"] = {"Bucket": _BUCKET, "Key": logical_id}
            if not found[logical_id].is_file():
                yield f"{logical_id}: DefinitionUri {found[logical_id]} is missing"


def _placeholder_problems(template: Mapping[str, Any], artefacts: Mapping[str, Path]) -> Iterator[str]:
    for logical_id, resource in template["Resources"].items():
        if resource["Type"] != "AWS::StepFunctions::StateMachine":
            continue
        properties = resource["Properties"]
        location = properties.get("DefinitionS3Location")
        text = artefacts[location["Key"]].read_text("utf-8") if location else json.dumps(properties.get("Definition"))
        missing = set(_PLACEHOLDER.findall(text)) - set(properties.get("DefinitionSubstitutions", {}))
        for name in sorted(missing):
            yield f"{logical_id}: the definition has ${{{name}}}, which DefinitionSubstitutions does not give"
