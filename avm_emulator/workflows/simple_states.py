"""Choice, Fail and Pass states."""

from __future__ import annotations

from typing import Any

from moto.stepfunctions.parser.asl.component.common.string.string_expression import StringJSONata
from moto.stepfunctions.parser.asl.component.state.choice.choice_rule import ChoiceRule
from moto.stepfunctions.parser.asl.component.state.choice.comparison.comparison import ConditionStringJSONata
from moto.stepfunctions.parser.asl.component.state.choice.state_choice import StateChoice
from moto.stepfunctions.parser.asl.component.state.fail.cause_decl import Cause
from moto.stepfunctions.parser.asl.component.state.fail.error_decl import Error
from moto.stepfunctions.parser.asl.component.state.state_pass.state_pass import StatePass

from avm_emulator.workflows.failures import RUNTIME, failure
from avm_emulator.workflows.jsonata.queries import expect
from avm_emulator.workflows.patching import replace


def _rule(rule: ChoiceRule, env: Any) -> None:
    """Push whether a rule holds; Assign and Output of one that does see the state's input on the stack."""
    depth = len(env.stack)
    rule.comparison.eval(env)
    holds = env.stack.pop()
    del env.stack[depth:]
    if holds and rule.assign:
        rule.assign.eval(env=env)
    if holds and rule.output:
        rule.output.eval(env=env)
    env.stack.append(holds)


def _choose(state: StateChoice, env: Any) -> None:
    """Find the next state: that of the first rule that holds, else the default with the state's own values."""
    for rule in state.choices_decl.rules:
        rule.eval(env)
        if env.stack.pop() is True:
            env.stack.append(rule.next_stmt.name)
            return
    if state.default_state is None:
        cause = "Failed to transition out of the state. The state does not point to a next state."
        raise failure(env, RUNTIME, cause)
    if state.assign_decl:
        state.assign_decl.eval(env=env)
    if state.output:
        state.output.eval(env=env)
    env.stack.append(state.default_state.state_name)


def _leave(state: StateChoice, env: Any) -> None:
    next_state_name = env.stack.pop()
    if state.output_path:
        state.output_path.eval(env=env)
    env.next_state_name = next_state_name


def _condition(condition: ConditionStringJSONata, env: Any) -> None:
    env.stack.append(expect(env, condition.string_jsonata, "boolean", bool))


def _text(declaration: Error | Cause, env: Any) -> None:
    expression = declaration.string_expression
    if isinstance(expression, StringJSONata):
        env.stack.append(expect(env, expression, "string", str))
    else:
        expression.eval(env=env)


_original_pass = StatePass._eval_state


def _pass(state: StatePass, env: Any) -> None:
    if state._is_language_query_jsonpath():
        _original_pass(state, env)
    elif state.assign_decl:
        state.assign_decl.eval(env=env)


def apply() -> None:
    """Repair moto's Choice, Fail and Pass states.

    A rule that leads to the default's state also ran the default's Assign and Output, and its own Assign read ``true``
    for the input; no match and conditions that are no booleans ended in an error of Python; Error and Cause could be
    anything; a Pass had a ``$states.result``.
    """
    replace(StatePass, "_eval_state", _pass)
    replace(ChoiceRule, "_eval_body", _rule)
    replace(StateChoice, "_eval_state", _choose)
    replace(StateChoice, "_eval_state_output", _leave)
    replace(ConditionStringJSONata, "_eval_body", _condition)
    replace(Error, "_eval_body", _text)
    replace(Cause, "_eval_body", _text)
