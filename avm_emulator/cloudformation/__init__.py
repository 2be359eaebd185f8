"""AWS CloudFormation, as far as products of Service Catalog need it: stacks of custom resources.

What is deployed here otherwise goes by ``avm_emulator.deploy``. moto's own answers to all other calls stay.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from avm_emulator.cloudformation.stacks import Stacks

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from werkzeug import Response

    from avm_emulator.boundary import Call
    from avm_emulator.cloudformation.state import Stack
    from avm_emulator.context import Emulator

__all__ = ["OPERATIONS", "install"]


def describe_stacks(stack: Stack) -> dict[str, Any]:
    """Return a stack as it stands."""
    return {"Stacks": [stack.view()]}


def describe_stack_events(stack: Stack) -> dict[str, Any]:
    """Return what has happened to a stack, the newest first."""
    return {"StackEvents": list(reversed(stack.events))}


OPERATIONS: Mapping[str, Callable[[Stack], dict[str, Any]]] = {
    "DescribeStacks": describe_stacks,
    "DescribeStackEvents": describe_stack_events,
}
"""What is answered of the stacks that are here; of others, and everything else, by moto."""


def install(emulator: Emulator) -> None:
    """Run stacks, and answer what is asked of them."""
    emulator.stacks = Stacks(emulator)

    def answer(call: Call) -> Response | None:
        if call.service != "cloudformation" or call.operation not in OPERATIONS:
            return None
        found = emulator.stacks.find(call.account, call.region, str(call.parameters.get("StackName", "")))
        return None if found is None else call.answer(OPERATIONS[call.operation](found))

    emulator.boundary.interceptors.append(answer)
