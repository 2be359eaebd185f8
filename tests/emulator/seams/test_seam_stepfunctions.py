"""Every name of moto's interpreter that a repair replaces: it is there, called as expected, and in force."""

from __future__ import annotations

import inspect
from typing import Any

import pytest

from avm_emulator.workflows import repair
from avm_emulator.workflows.patching import SEAMS, replace, replace_everywhere

repair()  # raises with the name of whatever has changed in moto


@pytest.mark.parametrize("name", sorted(SEAMS))
def test_a_repair_is_in_force(name: str) -> None:
    owner, attribute = SEAMS[name]
    replaced = inspect.getattr_static(owner, attribute)
    function = getattr(replaced, "__func__", replaced)
    origin = getattr(function, "__module__", type(function).__module__)
    assert origin.startswith("avm_emulator."), origin


def test_the_core_of_the_interpreter_is_among_the_repairs() -> None:
    assert {
        "CommonStateField._eval_body",
        "ExecutionState._eval_state",
        "Program.eval",
        "StepFunctionResponse.describe_execution",
        "StepFunctionsParserBackend.start_execution",
        "StringJSONata._eval_body",
        "WaitFunction._wait_interval",
    } <= set(SEAMS)


class Owner:
    """Stands for a class of moto."""

    def method(self, env: Any, value: int) -> None: ...

    @staticmethod
    def static(value: int) -> None: ...


def method(owner: Owner, env: Any, value: int) -> None: ...


def other(owner: Owner, env: Any, number: int) -> None: ...


@pytest.mark.parametrize(
    ("attribute", "replacement", "error", "reason"),
    [
        ("absent", method, LookupError, r"moto has no Owner\.absent any more"),
        (
            "method",
            other,
            TypeError,
            r"moto's Owner\.method takes \['env', 'value'\], its .* \['env', 'number'\]",
        ),
        ("static", staticmethod(method), TypeError, r"moto's Owner\.static takes \['value'\]"),
    ],
)
def test_a_repair_that_no_longer_fits_is_refused_by_name(
    attribute: str, replacement: Any, error: type[Exception], reason: str
) -> None:
    with pytest.raises(error, match=reason):
        replace(Owner, attribute, replacement)


def test_a_name_that_nobody_imports_any_more_is_refused() -> None:
    with pytest.raises(LookupError, match="any more"):
        replace_everywhere(object(), None)
