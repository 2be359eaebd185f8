"""What a target gets: the event as it is, or what ``Input``, ``InputPath`` or ``InputTransformer`` make of it.

Facts: EventBridge user guide, "Input transformation", with its list of common issues.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from avm_emulator.delivery.attempts import DeliveryError

_MISSING = object()
_STEP = re.compile(r"\.([\w/-]+)|\[(\d+|\*)\]|\.(\*)")
_VARIABLE = re.compile(r"<([\w.-]+)>")


def target_input(
    target: Mapping[str, Any], event: Mapping[str, Any], *, rule_arn: str, rule_name: str, ingestion_time: str
) -> str:
    """Return the text that the target gets.

    Args:
        target: the rule's target, as PutTargets takes it.
        event: the event with all its fields.
        rule_arn: value of ``<aws.events.rule-arn>``.
        rule_name: value of ``<aws.events.rule-name>``.
        ingestion_time: value of ``<aws.events.event.ingestion-time>``.

    Raises:
        DeliveryError: the template does not give valid JSON.
    """
    if "Input" in target:
        return str(target["Input"])
    if "InputPath" in target:
        value = value_at(target["InputPath"], event)
        return "{}" if value is _MISSING else _compact(value)
    if "InputTransformer" not in target:
        return _compact(event)
    transformer = target["InputTransformer"]
    values = {name: value_at(path, event) for name, path in transformer.get("InputPathsMap", {}).items()}
    values |= {
        "aws.events.rule-arn": rule_arn,
        "aws.events.rule-name": rule_name,
        "aws.events.event.ingestion-time": ingestion_time,
        "aws.events.event": {key: value for key, value in event.items() if key != "detail"},
        "aws.events.event.json": dict(event),
    }
    return _fill(transformer["InputTemplate"], values)


def value_at(path: str, event: Mapping[str, Any]) -> Any:
    """Return what a JSON path (dots, indices and wildcards) names in the event."""
    value: Any = event
    rest = path.removeprefix("$")
    while rest:
        step = _STEP.match(rest)
        if step is None:
            return _MISSING
        rest = rest[step.end() :]
        name, index, star = step.groups()
        if star or index == "*":
            items = list(value.values()) if isinstance(value, Mapping) else value
            if not isinstance(items, list):
                return _MISSING
            found = [value_at(f"${rest}", item) for item in items]
            return [item for item in found if item is not _MISSING]
        try:
            value = value[name] if name is not None else value[int(index)]
        except (KeyError, IndexError, TypeError):
            return _MISSING
    return value


def _fill(template: str, values: Mapping[str, Any]) -> str:
    """Put the values into the template.

    Outside quotes a string gets its own quotes, and what is missing is an empty string. Inside quotes the bare text is
    put in, without escaping and without the quotes of objects.
    """
    is_json = template.lstrip()[:1] in ("{", "[", '"')
    parts: list[str] = []
    quoted = False
    position = 0
    for variable in _VARIABLE.finditer(template):
        before = template[position : variable.start()]
        quoted ^= _unescaped_quotes(before) % 2 == 1
        position = variable.end()
        value = values.get(variable[1], _MISSING)
        if quoted or not is_json:
            text = "" if value is _MISSING else value if isinstance(value, str) else _compact(value)
            parts += [before, text.replace('"', "") if quoted and not isinstance(value, str) else text]
        else:
            parts += [before, '""' if value is _MISSING else _compact(value)]
    filled = "".join([*parts, template[position:]])
    if not is_json:
        return filled
    try:
        return _compact(json.loads(filled))
    except ValueError as error:
        message = f"the input template gives no valid JSON: {error}"
        raise DeliveryError("INVALID_JSON", message) from error


def _unescaped_quotes(text: str) -> int:
    return len(re.findall(r'(?<!\\)"', text))


def _compact(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)
