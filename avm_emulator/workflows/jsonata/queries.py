"""Expressions in states: what they see, and what happens when they fail."""

from __future__ import annotations

from typing import Any

from moto.stepfunctions.parser.asl.component.common.string.string_expression import StringJSONata, StringVariableSample
from moto.stepfunctions.parser.asl.eval.states import States
from moto.stepfunctions.parser.asl.eval.variable_store import VariableStore

from avm_emulator.workflows.encoding import to_json
from avm_emulator.workflows.failures import RUNTIME, failure, query_failure
from avm_emulator.workflows.jsonata.evaluation import UNDEFINED, EvaluationError, UnsupportedResultError, evaluate
from avm_emulator.workflows.patching import replace


def query(env: Any, expression: str, field: str) -> Any:
    """Return the value of an expression in ``field`` of the current state.

    Raise the state's failure States.QueryEvaluationError when it cannot be evaluated or gives nothing.
    """
    what = f"The JSONata expression '{expression}' specified for the field '{field}'"
    try:
        value = evaluate(expression, {**_variables(env), "states": _reserved(env.states)})
    except EvaluationError as error:
        raise query_failure(env, f"{what} threw an error during evaluation. {error}", field) from error
    except UnsupportedResultError as error:
        raise query_failure(env, f"{what} returned an unsupported result type.", field) from error
    if value is UNDEFINED:
        raise query_failure(env, f"{what} returned nothing (undefined).", field)
    return value


def expect(env: Any, expression: Any, expected: str, *accepted: type) -> Any:
    """Evaluate a ``StringJSONata`` whose value must be of a type; fail the state with what it is instead.

    Args:
        env: the interpreter's environment.
        expression: the component.
        expected: JSONata's name of the type, for the cause.
        accepted: the Python types that it has.
    """
    value = query(env, expression.expression, expression.field)
    if isinstance(value, accepted) and (bool in accepted or not isinstance(value, bool)):
        return value
    cause = (
        f"The JSONata expression '{expression.expression}' specified for the field '{expression.field}' returned an "
        f"unexpected result type. Expected '{expected}', but was '{_type_name(value)}' for value: {to_json(value)}"
    )
    raise query_failure(env, cause, expression.field)


def _variables(env: Any) -> dict[str, Any]:
    store: VariableStore = env.variable_store
    return {**store._outer_scope, **store._inner_scope}


def _reserved(states: States) -> dict[str, Any]:
    """Return ``$states``: result and errorOutput are there only while AWS defines them."""
    return dict(states._states_data)


def _type_name(value: Any) -> str:
    names = {bool: "boolean", int: "integer", float: "number", str: "string", list: "array", dict: "object"}
    return names.get(type(value), "null")


def _evaluate_jsonata(component: StringJSONata, env: Any) -> None:
    env.stack.append(query(env, component.expression, component.field))


def _evaluate_variable(component: StringVariableSample, env: Any) -> None:
    """Evaluate ``$name.path`` of a JSONPath state: a variable, no JSONata."""
    try:
        value = evaluate(component.expression, _variables(env))
    except (EvaluationError, UnsupportedResultError) as error:
        raise failure(env, RUNTIME, f"The variable '{component.expression}' cannot be read: {error}") from error
    if value is UNDEFINED:
        raise failure(env, RUNTIME, f"The variable '{component.expression}' has no value.")
    env.stack.append(value)


def _reset(states: States, input_value: Any) -> None:
    states._states_data["input"] = to_plain_copy(input_value)
    for name in ("result", "errorOutput"):
        states._states_data.pop(name, None)


def to_plain_copy(value: Any) -> Any:
    """Return a deep copy of JSON data (quicker than ``copy.deepcopy``)."""
    if isinstance(value, dict):
        return {key: to_plain_copy(member) for key, member in value.items()}
    if isinstance(value, list):
        return [to_plain_copy(member) for member in value]
    return value


def apply() -> None:
    """Repair moto's expressions: no evaluator, variables pasted unescaped into the text, fields without names."""
    replace(StringJSONata, "_eval_body", _evaluate_jsonata)
    replace(StringVariableSample, "_eval_body", _evaluate_variable)
    # moto leaves result and errorOutput as null after a state; on AWS they are undefined outside their fields.
    replace(States, "reset", _reset)
