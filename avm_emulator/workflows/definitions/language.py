"""The fields of the Amazon States Language: which state has which, in which query language.

Source: developer guide, "Amazon States Language" and the pages of the states; AWS refuses every other field.
"""

from __future__ import annotations

from collections.abc import Mapping

JSONPATH = "JSONPath"
JSONATA = "JSONata"

MACHINE = frozenset({"Comment", "QueryLanguage", "StartAt", "States", "TimeoutSeconds", "Version"})
NESTED_MACHINE = frozenset({"Comment", "ProcessorConfig", "StartAt", "States"})

_EVERY_STATE = frozenset({"Comment", "QueryLanguage", "Type"})
_TRANSITION = frozenset({"End", "Next"})
_PATHS = frozenset({"InputPath", "OutputPath"})
_RESULTS = frozenset({"ResultPath", "ResultSelector"})
_ERRORS = frozenset({"Catch", "Retry"})
_VALUES = frozenset({"Assign", "Output"})

_FIELDS: Mapping[str, frozenset[str]] = {
    "Task": _TRANSITION
    | _PATHS
    | _RESULTS
    | _ERRORS
    | _VALUES
    | {"Arguments", "Credentials", "HeartbeatSeconds", "HeartbeatSecondsPath", "Parameters", "Resource"}
    | {"TimeoutSeconds", "TimeoutSecondsPath"},
    "Parallel": _TRANSITION | _PATHS | _RESULTS | _ERRORS | _VALUES | {"Arguments", "Branches", "Parameters"},
    "Map": _TRANSITION
    | _PATHS
    | _RESULTS
    | _ERRORS
    | _VALUES
    | {"ItemBatcher", "ItemProcessor", "ItemReader", "ItemSelector", "Items", "ItemsPath", "Iterator", "Label"}
    | {"MaxConcurrency", "MaxConcurrencyPath", "Parameters", "ResultWriter"}
    | {"ToleratedFailureCount", "ToleratedFailureCountPath"}
    | {"ToleratedFailurePercentage", "ToleratedFailurePercentagePath"},
    "Pass": _TRANSITION | _PATHS | _VALUES | {"Parameters", "Result", "ResultPath"},
    "Wait": _TRANSITION | _PATHS | _VALUES | {"Seconds", "SecondsPath", "Timestamp", "TimestampPath"},
    "Choice": _PATHS | _VALUES | {"Choices", "Default"},
    "Succeed": _PATHS | {"Output"},
    "Fail": frozenset({"Cause", "CausePath", "Error", "ErrorPath"}),
}

STATE_TYPES = frozenset(_FIELDS)
WITH_TRANSITION = frozenset({"Task", "Parallel", "Map", "Pass", "Wait"})
TERMINAL = frozenset({"Succeed", "Fail"})

_JSONPATH_ONLY = frozenset(
    {"CausePath", "ErrorPath", "HeartbeatSecondsPath", "InputPath", "ItemsPath", "MaxConcurrencyPath", "OutputPath"}
    | {"Parameters", "Result", "ResultPath", "ResultSelector", "SecondsPath", "TimeoutSecondsPath", "TimestampPath"}
    | {"ToleratedFailureCountPath", "ToleratedFailurePercentagePath"}
)
_JSONATA_ONLY = frozenset({"Arguments", "Items", "Output"})

NOT_IN_EMULATOR = frozenset({"ItemBatcher", "ResultWriter"})
"""Of distributed Maps; moto takes a ResultWriter and writes a manifest of no results."""

REQUIRED: Mapping[str, tuple[str, ...]] = {"Task": ("Resource",), "Parallel": ("Branches",), "Choice": ("Choices",)}


def known_fields(state_type: str) -> frozenset[str]:
    """Return the fields of a state type in either query language."""
    return _FIELDS[state_type] | _EVERY_STATE


def language_only(language: str) -> frozenset[str]:
    """Return the fields that only the *other* query language has."""
    return _JSONPATH_ONLY if language == JSONATA else _JSONATA_ONLY
