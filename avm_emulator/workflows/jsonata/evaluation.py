"""JSONata for the interpreter, by jsonata-python: moto's evaluator is a bridge to Java that is not there."""

from __future__ import annotations

import functools
import json
import math
from collections.abc import Mapping
from typing import Any, Final

from jsonata import Jsonata
from jsonata.functions import Functions
from jsonata.jexception import JException
from jsonata.utils import Utils

from avm_emulator.workflows.jsonata.functions import BINDINGS
from avm_emulator.workflows.patching import replace


class Undefined:
    """JSONata's "nothing": no value, not even null."""


UNDEFINED: Final = Undefined()


class EvaluationError(Exception):
    """An expression cannot be parsed or evaluated; the message is JSONata's, with its code."""


class UnsupportedResultError(Exception):
    """An expression gives a function or a regular expression, which have no form in JSON."""


@functools.lru_cache(maxsize=4096)
def parsed(expression: str) -> Jsonata:
    """Return the parsed expression; raise ``EvaluationError`` when it is no JSONata.

    A parsed expression holds no state of an evaluation (jsonata-python keeps that per thread), so threads share it.
    """
    try:
        query = Jsonata(expression)
    except JException as error:
        raise EvaluationError(_message(error)) from error
    if query.errors:
        raise EvaluationError("; ".join(_message(error) for error in query.errors))
    query.set_output_convert_nulls(False)
    return query


def evaluate(expression: str, variables: Mapping[str, Any]) -> Any:
    """Evaluate an expression and return a value of plain JSON types, or ``UNDEFINED``.

    Args:
        expression: JSONata, without ``{%`` and ``%}``.
        variables: the values of ``$name``, by name without the ``$``.

    Raises:
        EvaluationError: JSONata refuses the expression or one of its operations.
        UnsupportedResultError: the result has no form in JSON.
    """
    query = parsed(expression)
    bindings = dict(BINDINGS)
    bindings.update((name, Utils.NULL_VALUE if value is None else value) for name, value in variables.items())
    try:
        result = query.evaluate(None, bindings)
    except JException as error:
        raise EvaluationError(_message(error)) from error
    except ZeroDivisionError as error:
        raise EvaluationError("D1001: Number out of range: Infinity") from error
    except (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError) as error:
        # jsonata-python lets errors of Python out where an argument has an unexpected type.
        raise EvaluationError(str(error) or type(error).__name__) from error
    return UNDEFINED if result is None else _plain(result)


def _message(error: Exception) -> str:
    code = getattr(error, "error", None)
    return f"{code}: {error}" if code else str(error)


def _plain(value: Any) -> Any:
    """Return a copy of a result in plain JSON types: own dictionaries and lists, no sequences of the library."""
    if value is None or value is Utils.NULL_VALUE:
        return None
    if isinstance(value, dict):
        return {key: _plain(member) for key, member in value.items()}
    if isinstance(value, list):
        # By index: the library's lazy ranges know no other way to all of their members.
        return [_plain(value[index]) for index in range(len(value))]
    if isinstance(value, float) and not math.isfinite(value):
        message = f"D1001: Number out of range: {value}"
        raise EvaluationError(message)
    if isinstance(value, str | bool | int | float):
        return value
    message = f"{type(value).__name__} has no form in JSON"
    raise UnsupportedResultError(message)


def _text(arg: Any, prettify: bool) -> str:  # noqa: FBT001  the library's signature
    """Return ``$string`` of anything but a string: like JSON.stringify, which does not escape what is not ASCII."""
    if Utils.is_function(arg):
        return ""
    if isinstance(arg, int | float) and not isinstance(arg, bool):
        return _original_text(arg, prettify)
    return json.dumps(
        arg,
        cls=Functions.Encoder,
        ensure_ascii=False,
        indent=2 if prettify else None,
        separators=None if prettify else (",", ":"),
    )


_original_text = Functions._string


def apply() -> None:
    """Repair jsonata-python's ``$string``, which escapes what is not ASCII."""
    replace(Functions, "_string", staticmethod(_text))
