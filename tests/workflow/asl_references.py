"""Find the faults of a state machine that no other tool looks for (names, variables, errors, time-outs, arguments).

``make check`` runs it over every state machine of ``template.yaml``; run it by hand with::

    python tests/workflow/asl_references.py
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import botocore.session
from samtranslator.yaml_helper import yaml_parse

from avm.domain.errors import ERRORS
from tests.workflow.asl_integrations import Integration, argument_problems, integration
from tests.workflow.asl_variables import assigned_anywhere, assigned_before, edges, inner_machines
from tests.workflow.jsonata_names import FUNCTIONS, NotJsonata, names_in

ROOT = Path(__file__).parents[2]

STATES_ERRORS = frozenset(
    {"States.ALL", "States.BranchFailed", "States.DataLimitExceeded", "States.ExceedToleratedFailureThreshold"}
    | {"States.HeartbeatTimeout", "States.Http.Socket", "States.ItemReaderFailed", "States.NoChoiceMatched"}
    | {"States.Permissions", "States.QueryEvaluationError", "States.ResultWriterFailed", "States.Runtime"}
    | {"States.TaskFailed", "States.Timeout"}
)
"""What a JSONata machine can meet; "Handling errors in Step Functions workflows", Developer Guide."""

LAMBDA_ERRORS = frozenset(
    {"Lambda.AWSLambdaException", "Lambda.ClientExecutionTimeoutException", "Lambda.SdkClientException"}
    | {"Lambda.Unknown", "Sandbox.Timedout", "Runtime.ExitError"}
) | frozenset(
    f"Lambda.{shape.name}"
    for shape in botocore.session.get_session().get_service_model("lambda").operation_model("Invoke").error_shapes
)
"""Errors of the Lambda service itself, and those that its runtime reports instead of the handler."""

STATES_PARTS = {"input", "context", "result", "errorOutput"}
CONTEXT_PARTS = {"Execution", "Map", "State", "StateMachine", "Task"}
WITH_RESULT = {"Task", "Map", "Parallel"}
EXPRESSION = re.compile(r"\{%(.*)%\}", re.DOTALL)
SUBSTITUTION = re.compile(r"\$\{(\w+)\}")


@dataclass(frozen=True)
class Fault:
    """One thing wrong, and where."""

    state: str
    problem: str

    def __str__(self) -> str:
        return f"{self.state}: {self.problem}"


def faults(machine: Mapping[str, Any], substitutions: set[str]) -> list[Fault]:
    """Return what is wrong with a machine (as in its file) whose template fills in ``substitutions``."""
    written = set(SUBSTITUTION.findall(json.dumps(machine)))
    found = [
        Fault("DefinitionSubstitutions", f"${{{name}}} is not filled in") for name in sorted(written - substitutions)
    ]
    found += [Fault("DefinitionSubstitutions", f"{name} is used nowhere") for name in sorted(substitutions - written)]
    return [*found, *_machine(machine, frozenset(), frozenset())]


def _machine(machine: Mapping[str, Any], outer: frozenset[str], taken: frozenset[str]) -> Iterator[Fault]:
    """Check one level. ``outer``: variables certainly assigned outside; ``taken``: those of enclosing states."""
    states: Mapping[str, Any] = machine["States"]
    before = assigned_before(machine, outer)
    for name in sorted(assigned_anywhere(machine) & taken):
        yield Fault(machine["StartAt"], f"${name} belongs to an enclosing state and cannot be assigned in here")
    for name in sorted(assigned_anywhere(machine) & FUNCTIONS):
        yield Fault(machine["StartAt"], f"Assign: ${name} is a function's name")
    if machine["StartAt"] not in states:
        yield Fault("StartAt", f"there is no state {machine['StartAt']}")
    for name, state in states.items():
        if name not in before:
            yield Fault(name, "no state leads here")
            continue
        for problem in (*_flow(state, states), *_errors(state), *_task(state), *_expressions(state, before[name])):
            yield Fault(name, problem)
        distributed = state.get("ItemProcessor", {}).get("ProcessorConfig", {}).get("Mode") == "DISTRIBUTED"
        for inner in inner_machines(state):
            # The child executions of a distributed Map see none of their parent's variables.
            yield from _machine(
                inner,
                frozenset() if distributed else before[name],
                frozenset() if distributed else taken | assigned_anywhere(machine),
            )


def _flow(state: Mapping[str, Any], states: Mapping[str, Any]) -> Iterator[str]:
    for target, _ in edges(state):
        if target not in states:
            yield f"leads to {target}, which does not exist"
    goes_on = "Next" in state or state.get("End") is True
    if not goes_on and state["Type"] not in {"Choice", "Succeed", "Fail"}:
        yield "neither Next nor End"


def _errors(state: Mapping[str, Any]) -> Iterator[str]:
    try:
        called = integration(str(state.get("Resource", "")))
    except ValueError:
        called = None
    for kind in ("Retry", "Catch"):
        rules = state.get(kind, [])
        for rule in rules:
            matched = rule["ErrorEquals"]
            if "States.ALL" in matched and (len(matched) > 1 or rule is not rules[-1]):
                yield f"{kind}: States.ALL must stand alone, in the last rule"
            yield from (f"{kind}: there is no error {error}" for error in matched if not _is_error(error, called))


def _is_error(name: str, called: Integration | None) -> bool:
    return (
        name in STATES_ERRORS
        or name in LAMBDA_ERRORS
        or name in ERRORS
        or (called is not None and name.lower() in called.errors())
    )


def _task(state: Mapping[str, Any]) -> Iterator[str]:
    if state["Type"] != "Task":
        return
    timeout, heartbeat = state.get("TimeoutSeconds"), state.get("HeartbeatSeconds")
    if timeout is None:
        yield "a Task without TimeoutSeconds waits for ever"
    if isinstance(timeout, int) and isinstance(heartbeat, int) and heartbeat >= timeout:
        yield f"HeartbeatSeconds {heartbeat} is not below TimeoutSeconds {timeout}"
    try:
        called = integration(state["Resource"])
    except ValueError as error:
        yield f"Resource: {error}"
        return
    if called is None and not SUBSTITUTION.fullmatch(state["Resource"]):
        yield f"Resource: {state['Resource']} is neither an integration nor a substitution"
    if called is not None:
        yield from (f"Arguments: {problem}" for problem in argument_problems(called.model, state.get("Arguments", {})))


def _expressions(state: Mapping[str, Any], assigned: frozenset[str]) -> Iterator[str]:
    result = {"result"} if state["Type"] in WITH_RESULT else set()
    inner = {"Branches", "ItemProcessor", "Catch", "Choices", "Comment", "Retry"}
    for part, value in state.items():
        if part not in inner:
            legal = result if part in {"Output", "Assign"} else set()
            yield from _values(value, part, assigned, legal)
    for rule in state.get("Choices", []):
        yield from _values(rule, "Choices", assigned, set())
    for rule in state.get("Catch", []):
        yield from _values(rule, "Catch", assigned, {"errorOutput"})


def _values(value: object, place: str, assigned: frozenset[str], legal: set[str]) -> Iterator[str]:
    if isinstance(value, Mapping):
        for key, item in value.items():
            yield from _values(item, f"{place}.{key}", assigned, legal)
    elif isinstance(value, list):
        for item in value:
            yield from _values(item, place, assigned, legal)
    elif isinstance(value, str) and ("{%" in value or "%}" in value):
        match = EXPRESSION.fullmatch(value)
        problems = _expression(match[1], assigned, legal) if match else ["{% %} must enclose the whole text"]
        yield from (f"{place}: {problem}" for problem in problems)


def _expression(text: str, assigned: frozenset[str], legal: set[str]) -> Iterator[str]:
    try:
        names = names_in(SUBSTITUTION.sub("x", text))
    except NotJsonata as error:
        yield f"no JSONata: {error}"
        return
    for name in sorted(names.variables - assigned):
        yield (
            f"there is no function ${name}"
            if name in names.called
            else f"${name} is not assigned on every path to here"
        )
    for name in sorted(names.top_level):
        yield f"{name} looks at a top-level input, which there is none of: say $states.input"
    for path in sorted(names.states):
        part = path[0] if path else ""
        if path and part not in STATES_PARTS:
            yield f"there is no $states.{part}"
        elif part in {"result", "errorOutput"} and part not in legal:
            yield f"$states.{part} does not exist here"
        elif part == "context" and path[1:] and path[1] not in CONTEXT_PARTS:
            yield f"there is no $states.context.{path[1]}"


def machines_of(template: Path) -> Iterator[tuple[Path, dict[str, Any], set[str]]]:
    """Yield file, definition and substitutions of each state machine that ``template`` deploys."""
    resources = yaml_parse(template.read_text("utf-8"))["Resources"]
    for resource in resources.values():
        if resource["Type"] == "AWS::Serverless::StateMachine":
            properties = resource["Properties"]
            file = template.parent / properties["DefinitionUri"]
            yield file, json.loads(file.read_text("utf-8")), set(properties.get("DefinitionSubstitutions", {}))


def main() -> int:
    """Print every fault of this project's machines; return 1 if there is one."""
    found = [
        f"{file.relative_to(ROOT)}: {fault}"
        for file, machine, substitutions in machines_of(ROOT / "template.yaml")
        for fault in faults(machine, substitutions)
    ]
    print("\n".join(found) or "state machines: no faults")  # noqa: T201 (a command)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
