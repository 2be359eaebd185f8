"""What Step Functions refuses when a state machine is created: all problems, each with code and place."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from moto.stepfunctions.parser.asl.component.state.exec.state_task.service.resource import (
    LambdaResource,
    Resource,
    ServiceResource,
)

from avm_emulator.workflows.definitions import expressions
from avm_emulator.workflows.definitions import language as fields
from avm_emulator.workflows.tasks.integrations import integration_of

SCHEMA = "SCHEMA_VALIDATION_FAILED"
TRANSITION = "MISSING_TRANSITION_TARGET"
NO_END = "MISSING_END_STATE"
DUPLICATE = "DUPLICATE_STATE_NAME"


@dataclass(frozen=True)
class Problem:
    """One reason to refuse a definition."""

    code: str
    message: str
    location: str

    def __str__(self) -> str:
        """Return it as the message of InvalidDefinition shows it."""
        return f"{self.code}: {self.message} at {self.location}"


def problems_of(definition: Any) -> list[Problem]:
    """Return everything that is wrong with a definition (parsed JSON)."""
    if not isinstance(definition, dict):
        return [Problem(SCHEMA, "The definition is not an object", "/")]
    found = list(_machine(definition, "", fields.MACHINE, definition.get("QueryLanguage", fields.JSONPATH)))
    names: set[str] = set()
    for location, name in _state_names(definition, ""):
        if name in names:
            found.append(Problem(DUPLICATE, f"State name '{name}' is used more than once", location))
        names.add(name)
    return found


def _machine(machine: dict[str, Any], at: str, known: frozenset[str], language: str) -> Iterator[Problem]:
    yield from _unknown_fields(machine, known, at or "/")
    if language not in {fields.JSONPATH, fields.JSONATA}:
        yield Problem(SCHEMA, "Value should be one of the following: [JSONPath, JSONata]", f"{at}/QueryLanguage")
    states = machine.get("States")
    if not isinstance(states, dict) or not states:
        yield Problem(SCHEMA, "The field 'States' must hold at least one state", f"{at}/States")
        return
    proper = {name: state for name, state in states.items() if _has_type(state)}
    for name in states.keys() - proper.keys():
        yield Problem(SCHEMA, "A state needs a 'Type' of the Amazon States Language", f"{at}/States/{name}")
    for name, state in proper.items():
        yield from _state(state, f"{at}/States/{name}", language)
    yield from _transitions(machine.get("StartAt"), states, proper, at)


def _transitions(start: Any, states: dict[str, Any], proper: dict[str, Any], at: str) -> Iterator[Problem]:
    if start not in states:
        yield Problem(TRANSITION, f"Missing 'StartAt' target: {start}", f"{at}/StartAt")
    reached = {start}
    for name, state in proper.items():
        for field, target in _targets(state):
            reached.add(target)
            if target not in states:
                yield Problem(TRANSITION, f"Missing 'Next' target: {target}", f"{at}/States/{name}/{field}")
    if not any(state["Type"] in fields.TERMINAL or state.get("End") is True for state in proper.values()):
        yield Problem(NO_END, "No state ends the state machine", f"{at}/States")
    for name in states:
        if name not in reached:
            yield Problem(TRANSITION, f'State "{name}" is not reachable.', f"{at}/States/{name}")


def _has_type(state: Any) -> bool:
    return isinstance(state, dict) and state.get("Type") in fields.STATE_TYPES


def _unknown_fields(holder: dict[str, Any], known: frozenset[str], at: str) -> Iterator[Problem]:
    for field in sorted(holder.keys() - known):
        yield Problem(SCHEMA, f"Field '{field}' is not supported", at)


def _state(state: dict[str, Any], at: str, machine_language: str) -> Iterator[Problem]:
    kind = state["Type"]
    language = state.get("QueryLanguage", machine_language)
    if machine_language == fields.JSONATA and language == fields.JSONPATH:
        yield Problem(SCHEMA, "'QueryLanguage' can not be 'JSONPath' if set to 'JSONata' for whole state machine", at)
        return
    yield from _unknown_fields(state, fields.known_fields(kind), at)
    yield from _fields_of_language(state, at, language)
    for field in fields.REQUIRED.get(kind, ()):
        if not state.get(field):
            yield Problem(SCHEMA, f"The field '{field}' is required", at)
    if kind in fields.WITH_TRANSITION and ("Next" in state) == (state.get("End") is True):
        yield Problem(SCHEMA, "A state has either 'Next' or 'End'", at)
    if kind == "Task" and state.get("Resource"):
        yield from _resource(state, at)
    for place, nested in _nested_machines(state):
        yield from _machine(nested, f"{at}/{place}", fields.NESTED_MACHINE, machine_language)


def _fields_of_language(state: dict[str, Any], at: str, language: str) -> Iterator[Problem]:
    other = fields.JSONPATH if language == fields.JSONATA else fields.JSONATA
    for field in sorted(state.keys() & fields.language_only(language)):
        only = f"field '{field}' is only supported for the '{other}' QueryLanguage"
        yield Problem(SCHEMA, f"The QueryLanguage is set to '{language}', but {only}", at)
    for field in sorted(state.keys() & fields.NOT_IN_EMULATOR):
        yield Problem(SCHEMA, f"The emulator does not have the field '{field}'", f"{at}/{field}")
    if language == fields.JSONATA:
        yield from _expressions(state, at)


def _targets(state: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    for field in ("Next", "Default"):
        if field in state:
            yield field, state[field]
    for field in ("Choices", "Catch"):
        for index, rule in enumerate(state.get(field) or []):
            yield f"{field}[{index}]/Next", rule.get("Next")


def _nested_machines(state: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for index, branch in enumerate(state.get("Branches") or []):
        yield f"Branches[{index}]", branch
    for field in ("ItemProcessor", "Iterator"):
        if field in state:
            yield field, state[field]


def _state_names(machine: dict[str, Any], at: str) -> Iterator[tuple[str, str]]:
    states = machine.get("States")
    for name, state in states.items() if isinstance(states, dict) else ():
        yield f"{at}/States/{name}", name
        for place, nested in _nested_machines(state) if isinstance(state, dict) else ():
            yield from _state_names(nested, f"{at}/States/{name}/{place}")


def _expressions(state: dict[str, Any], at: str) -> Iterator[Problem]:
    own = {field: value for field, value in state.items() if field not in {"Branches", "ItemProcessor", "Iterator"}}
    for location, text in _texts(own, at):
        if expressions.is_expression(text):
            expression = expressions.expression_of(text)
            for code, message in expressions.problems(expression, in_catcher=f"{at}/Catch[" in location):
                yield Problem(code, message, location)


def _texts(value: Any, at: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        yield at, value
    elif isinstance(value, dict):
        for field, member in value.items():
            yield from _texts(member, f"{at}/{field}")
    elif isinstance(value, list):
        for index, member in enumerate(value):
            yield from _texts(member, f"{at}[{index}]")


def _resource(state: dict[str, Any], at: str) -> Iterator[Problem]:
    name = state["Resource"]
    place = f"{at}/Resource"
    try:
        resource = Resource.from_resource_arn(name)
    except (RuntimeError, ValueError) as error:
        yield Problem(SCHEMA, f"The resource provided {name} is not recognized: {error}", place)
        return
    if isinstance(resource, LambdaResource):
        return
    integration = integration_of(resource) if isinstance(resource, ServiceResource) else None
    if integration is None or integration.operation(resource.api_action) is None:
        yield Problem(
            SCHEMA, f"The resource provided {name} is not recognized, or not one that the emulator has.", place
        )
        return
    if resource.condition and resource.condition not in integration.patterns:
        yield Problem(SCHEMA, f"The pattern '.{resource.condition}' is not supported for {name}", place)
    for field in ("Arguments", "Parameters"):
        arguments = state.get(field)
        if isinstance(arguments, dict):
            known = integration.parameters(resource.api_action)
            for argument in arguments:
                if argument.removesuffix(".$") not in known:
                    message = f'The field "{argument}" is not supported by Step Functions'
                    yield Problem(SCHEMA, message, f"{at}/{field}")
