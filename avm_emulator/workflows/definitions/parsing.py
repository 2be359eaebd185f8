"""Definitions of state machines: checked when they are created, parsed once."""

from __future__ import annotations

import functools
import json
import threading
from typing import Any

from moto.stepfunctions.parser.asl.component.common.assign.assign_decl import AssignDecl
from moto.stepfunctions.parser.asl.component.program.program import Program
from moto.stepfunctions.parser.asl.component.state.choice.choice_rule import ChoiceRule
from moto.stepfunctions.parser.asl.component.state.exec.state_map.item_selector import ItemSelector
from moto.stepfunctions.parser.asl.parse.asl_parser import AmazonStateLanguageParser, ASLParserException
from moto.stepfunctions.parser.asl.parse.preprocessor import Preprocessor

from avm_emulator.errors import AwsError
from avm_emulator.workflows.definitions.field_names import WHOLE_VALUE, name_fields
from avm_emulator.workflows.definitions.rules import SCHEMA, Problem, problems_of
from avm_emulator.workflows.patching import replace

_parsing = threading.Lock()


def check_definition(definition: str) -> list[Problem]:
    """Return everything that AWS, or the interpreter, refuses in a definition (JSON text)."""
    try:
        document = json.loads(definition)
    except ValueError as error:
        return [Problem("INVALID_JSON_DESCRIPTION", str(error), "/")]
    problems = problems_of(document)
    if problems:
        return problems
    try:
        parsed_definition(definition)
    except ASLParserException as error:
        return [Problem(SCHEMA, str(error), "/")]
    except (ArithmeticError, LookupError, RuntimeError, TypeError, ValueError) as error:
        return [Problem(SCHEMA, f"{error}", "/")]
    return []


def require_valid(definition: str) -> None:
    """Raise the AWS error InvalidDefinition, which names all problems."""
    problems = check_definition(definition)
    if problems:
        raise AwsError("InvalidDefinition", f"Invalid State Machine Definition: '{', '.join(map(str, problems))}'")


@functools.lru_cache(maxsize=256)
def parsed_definition(definition: str) -> Program:
    """Return the interpreter's program of a definition; executions share it, their state is elsewhere."""
    text = json.dumps(_for_grammar(json.loads(definition)), ensure_ascii=False)
    with _parsing:
        program: Program = AmazonStateLanguageParser.parse(text)[0]
    name_fields(program)
    return program


def _for_grammar(machine: dict[str, Any]) -> dict[str, Any]:
    """Return a (nested) state machine as moto's grammar wants it.

    The grammar has percentages like 10.0 only, and no ItemSelector that is an expression.
    """
    return {**machine, "States": {name: _state_for_grammar(state) for name, state in machine["States"].items()}}


def _state_for_grammar(state: dict[str, Any]) -> dict[str, Any]:
    changed = dict(state)
    if isinstance(state.get("ToleratedFailurePercentage"), int):
        changed["ToleratedFailurePercentage"] = float(state["ToleratedFailurePercentage"])
    if isinstance(state.get("ItemSelector"), str):
        changed["ItemSelector"] = {WHOLE_VALUE: state["ItemSelector"]}
    if "Branches" in state:
        changed["Branches"] = [_for_grammar(branch) for branch in state["Branches"]]
    for field in {"ItemProcessor", "Iterator"} & state.keys():
        changed[field] = _for_grammar(state[field])
    return changed


def _item_selector(selector: ItemSelector, env: Any) -> None:
    selector.template_value_object.eval(env=env)
    selected = env.stack.pop()
    env.stack.append(selected.get(WHOLE_VALUE, selected))


def _text_of(parser_rule_context: Any) -> str | None:
    text = parser_rule_context.getText()
    if text == "null":
        return None
    return str(json.loads(text)) if text.startswith('"') else str(text)


_original_init = Preprocessor.__init__


def _init(preprocessor: Preprocessor) -> None:
    _original_init(preprocessor)
    preprocessor._query_language_per_scope = []


_original_variable_rule = Preprocessor.visitChoice_rule_comparison_variable


def _choice_rule(preprocessor: Preprocessor, ctx: Any) -> ChoiceRule:
    rule: ChoiceRule = _original_variable_rule(preprocessor, ctx)
    if rule.assign is None:
        components = (preprocessor.visit(child) for child in ctx.children)
        rule.assign = next((component for component in components if isinstance(component, AssignDecl)), None)
    return rule


def apply() -> None:
    """Repair moto's parser.

    Its grammar wants an ItemSelector to be an object; its stack of query languages belongs to the class, so that one
    definition that fails poisons all later ones; texts of Assign and ItemSelector kept their escapes; Assign of a
    JSONPath choice rule was lost.
    """
    replace(ItemSelector, "_eval_body", _item_selector)
    replace(Preprocessor, "__init__", _init)
    replace(Preprocessor, "_inner_string_of", staticmethod(_text_of))
    replace(Preprocessor, "visitChoice_rule_comparison_variable", _choice_rule)
