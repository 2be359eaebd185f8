"""Which field of a state an expression stands in: AWS names it in the cause of an evaluation error.

The names are relative to the state: ``Output/a/b[0]``, ``Choices[1]/Condition``, ``Catch[0]/Assign/x``, ``Seconds``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from moto.stepfunctions.parser.asl.component.common.assign.assign_template_binding import AssignTemplateBinding
from moto.stepfunctions.parser.asl.component.common.jsonata.jsonata_template_binding import JSONataTemplateBinding
from moto.stepfunctions.parser.asl.component.common.string.string_expression import StringJSONata
from moto.stepfunctions.parser.asl.component.component import Component
from moto.stepfunctions.parser.asl.component.program.states import States
from moto.stepfunctions.parser.asl.component.state.state import CommonStateField

WHOLE_VALUE = "avm:whole-value"
"""The one key of an object that the parser makes of an expression, where moto's grammar takes objects only."""

_FIELD_OF_ATTRIBUTE: Mapping[str, str] = {
    "assign": "Assign",
    "assign_decl": "Assign",
    "catchers": "Catch",
    "cause": "Cause",
    "comparison": "Condition",
    "credentials": "Credentials",
    "error": "Error",
    "heartbeat": "HeartbeatSeconds",
    "item_reader": "ItemReader",
    "item_selector": "ItemSelector",
    "items": "Items",
    "max_concurrency_decl": "MaxConcurrency",
    "max_items_decl": "MaxItems",
    "output": "Output",
    "parargs": "Arguments",
    "reader_config": "ReaderConfig",
    "role_arn": "RoleArn",
    "rules": "Choices",
    "timeout": "TimeoutSeconds",
    "tolerated_failure_count_decl": "ToleratedFailureCount",
    "tolerated_failure_percentage_decl": "ToleratedFailurePercentage",
}
"""moto's attributes that stand for a field of the language; the others are steps in between."""

_FIELD_OF_CLASS: Mapping[str, str] = {"SecondsJSONata": "Seconds", "Timestamp": "Timestamp"}
_WITH_INDEX = frozenset({"catchers", "rules", "values"})


def name_fields(program: Component) -> None:
    """Give every JSONata expression below ``program`` the attribute ``field``."""
    for state in states_of(program):
        _name(state, "")


def states_of(component: Any) -> Iterator[CommonStateField]:
    """Yield every state below ``component``, those of branches and item processors too."""
    if isinstance(component, States):
        for state in component.states.values():
            yield state
            yield from states_of(state)
        return
    for _, child in _children(component):
        yield from states_of(child)


def _name(component: Component, field: str) -> None:
    if isinstance(component, StringJSONata):
        component.field = field
        return
    if isinstance(component, AssignTemplateBinding | JSONataTemplateBinding) and component.identifier != WHOLE_VALUE:
        field = f"{field}/{component.identifier}"
    for step, child in _children(component):
        if not isinstance(child, States):
            _name(child, _join(field, step or _FIELD_OF_CLASS.get(type(child).__name__, "")))


def _children(component: Any) -> Iterator[tuple[str, Component]]:
    """Yield the components in the attributes of ``component``, each with its step in the name of a field."""
    for attribute, value in list(vars(component).items()):
        step = _FIELD_OF_ATTRIBUTE.get(attribute, "")
        if isinstance(value, Component):
            yield step, value
        elif isinstance(value, list):
            for index, member in enumerate(value):
                if isinstance(member, Component):
                    yield f"{step}[{index}]" if attribute in _WITH_INDEX else step, member


def _join(field: str, step: str) -> str:
    if not field or not step or step.startswith("["):
        return field + step
    return f"{field}/{step}"
