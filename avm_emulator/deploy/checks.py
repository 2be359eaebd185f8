"""Everything that can be wrong with a template, found before anything is created."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from avm_emulator.deploy.resolver import ResolveError, Resolver
from avm_emulator.deploy.resources import TYPES
from avm_emulator.deploy.shapes import ShapeOf, unknown_fields
from avm_emulator.deploy.without_effect import WITHOUT_EFFECT
from avm_emulator.front.openapi import document_problems

_SECTIONS = {
    "AWSTemplateFormatVersion",
    "Description",
    "Metadata",
    "Parameters",
    "Mappings",
    "Conditions",
    "Resources",
    "Outputs",
}
_ATTRIBUTES = {"Type", "Properties", "DependsOn", "Condition", "DeletionPolicy", "UpdateReplacePolicy", "Metadata"}


def template_problems(template: Mapping[str, Any]) -> Iterator[str]:
    """Yield the sections, resource attributes and types that are not known here."""
    for section in sorted(set(template) - _SECTIONS):
        yield f"section {section} is not known here"
    for logical_id, resource in template.get("Resources", {}).items():
        for attribute in sorted(set(resource) - _ATTRIBUTES):
            yield f"{logical_id}: attribute {attribute} is not known here"
        if resource.get("Type") not in TYPES:
            yield f"{logical_id}: resource type {resource.get('Type')} is not known here"


def property_problems(logical_id: str, resource: Mapping[str, Any], shape_of: ShapeOf) -> Iterator[str]:
    """Yield the properties of a resource (branches chosen) that its type does not know."""
    kind = TYPES.get(resource["Type"])
    if kind is None:
        return
    accepted = {name for owner, name in WITHOUT_EFFECT if owner == kind.name}
    specification = {**dict.fromkeys(accepted), **kind.properties}
    for path in unknown_fields(resource.get("Properties", {}), specification, shape_of):
        yield f"{logical_id}: property {path} of {kind.name} is not known here"
    if kind.name == "AWS::ApiGateway::RestApi":
        for problem in document_problems(resource.get("Properties", {}).get("Body", {})):
            yield f"{logical_id}: Body: {problem}"


def ignored_properties(logical_id: str, resource: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    """Yield (logical id, property, reason) for each property that is accepted without effect."""
    for name in resource.get("Properties", {}):
        reason = WITHOUT_EFFECT.get((resource["Type"], name))
        if reason is not None:
            yield logical_id, name, reason


def chosen(
    template: Mapping[str, Any], resolver: Resolver
) -> tuple[dict[str, dict[str, Any]], dict[str, Any], list[str]]:
    """Return the resources and outputs (values by name) whose condition holds, branches chosen, and all problems."""
    resources: dict[str, dict[str, Any]] = {}
    outputs: dict[str, Any] = {}
    problems: list[str] = []
    for logical_id, resource in template["Resources"].items():
        try:
            if resolver.exists(logical_id):
                properties = resolver.choose(resource.get("Properties") or {})
                resources[logical_id] = {**resource, "Properties": properties}
        except ResolveError as error:
            problems.append(f"{logical_id}: {error}")
    for name, output in template.get("Outputs", {}).items():
        try:
            if "Condition" not in output or resolver.condition(output["Condition"]):
                outputs[name] = resolver.choose(output.get("Value"))
                list(resolver.references(outputs[name]))
        except ResolveError as error:
            problems.append(f"output {name}: {error}")
    return resources, outputs, problems


def creation_order(resources: Mapping[str, Mapping[str, Any]], resolver: Resolver) -> tuple[list[str], list[str]]:
    """Return the logical ids in the order of their dependencies, and every reference that leads nowhere or in circles.

    ``resources``: those whose condition holds, branches chosen.
    """
    problems: list[str] = []
    needs: dict[str, list[str]] = {}
    for logical_id, resource in resources.items():
        depends = resource.get("DependsOn", [])
        depends = [depends] if isinstance(depends, str) else depends
        problems += [
            f"{logical_id}: DependsOn {one}: no such resource" for one in depends if not resolver.declares(one)
        ]
        # one whose condition fails is passed over, as CloudFormation does
        needs[logical_id] = [one for one in depends if one in resources]
        try:
            needs[logical_id] += resolver.references(resource.get("Properties", {}))
        except ResolveError as error:
            problems.append(f"{logical_id}: {error}")
    order: list[str] = []
    visiting: list[str] = []

    def visit(logical_id: str) -> None:
        if logical_id in order:
            return
        if logical_id in visiting:
            circle = [*visiting[visiting.index(logical_id) :], logical_id]
            problems.append(f"circular dependency: {' -> '.join(circle)}")
            return
        visiting.append(logical_id)
        for needed in needs[logical_id]:
            visit(needed)
        visiting.pop()
        if logical_id not in order:
            order.append(logical_id)

    for logical_id in resources:
        visit(logical_id)
    return order, problems
