"""JSON as Step Functions writes it, and the size limit on it."""

from __future__ import annotations

import json
from datetime import date, datetime
from typing import Any

from moto.stepfunctions.parser.asl.component.intrinsic.function.statesfunction.json_manipulation.json_to_string import (
    JsonToString,
)
from moto.stepfunctions.parser.asl.utils import encoding
from moto.stepfunctions.parser.quotas import is_within_size_quota

from avm_emulator.workflows.patching import replace, replace_everywhere
from avm_emulator.workflows.running import iso8601

MAXIMUM_STATE_BYTES = 262_144
"""Input or output of a task, state or execution: 256 KiB as a UTF-8 encoded string (Step Functions quotas)."""


def to_json(value: Any, separators: tuple[str, str] | None = (",", ":")) -> str:
    """Return ``value`` as JSON text; times become ISO 8601 strings."""
    return json.dumps(value, default=_plain, separators=separators, ensure_ascii=False)


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return iso8601(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, bytes):
        return value.decode()
    message = f"{type(value).__name__} has no form in JSON"
    raise TypeError(message)


def fits_into_state(value: Any) -> bool:
    """Say whether a value (or JSON text) is within the limit of 256 KiB."""
    text = value if isinstance(value, str) else to_json(value)
    return len(text.encode()) <= MAXIMUM_STATE_BYTES


def apply() -> None:
    """Repair moto's JSON: it escapes what is not ASCII, so texts came out longer than AWS counts them.

    moto also refused exactly 262,144 bytes, and wrote unknown objects by ``str()`` instead of failing.
    """
    replace_everywhere(encoding.to_json_str, _to_json_str)
    replace_everywhere(is_within_size_quota, fits_into_state)
    replace(JsonToString, "_eval_body", _json_to_string)


def _to_json_str(obj: Any, separators: tuple[str, str] | None = None) -> str:
    return to_json(obj, separators or (",", ":"))


def _json_to_string(function: JsonToString, env: Any) -> None:
    function.argument_list.eval(env=env)
    env.stack.append(to_json(env.stack.pop()[0]))
