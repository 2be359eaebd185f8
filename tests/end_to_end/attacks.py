"""The table of attacks, ``attacks.yaml``, and what its texts stand for."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import yaml

USUAL = {
    "ec2": "UnauthorizedOperation",
    "sns": "AuthorizationError",
    **dict.fromkeys(("iam", "s3", "s3control", "sqs", "sts"), "AccessDenied"),
}
"""AWS's error code of a service for who may not; of all others AccessDeniedException."""

ANYBODY = json.dumps(
    {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "sts:AssumeRole"}]}
)
_EVERYTHING = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]})
_DOCUMENTS = {"anybody": ANYBODY, "everything": _EVERYTHING, "metadata": "x" * 1000}


@dataclass(frozen=True)
class Attack:
    """One call that must not succeed."""

    sentence: str
    service: str
    operation: str
    """The client's method."""
    parameters: Mapping[str, Any]
    region: str
    refused: Literal["scp", "reach", "aws"]
    code: str | None
    """The error code that the service has for its own refusal; None: the usual one."""

    @property
    def denied(self) -> str:
        """Return the error code of a refusal by policies."""
        return USUAL.get(self.service, "AccessDeniedException")

    def filled(self, names: Mapping[str, str]) -> dict[str, Any]:
        """Return the parameters with names in place of their marks."""
        filled: dict[str, Any] = _filled(self.parameters, {**names, **_DOCUMENTS})
        return filled


def _filled(value: Any, names: Mapping[str, str]) -> Any:
    if isinstance(value, str):
        return value.format(**names)
    if isinstance(value, Mapping):
        return {key: _filled(each, names) for key, each in value.items()}
    return [_filled(each, names) for each in value] if isinstance(value, list) else value


def _attacks(rows: list[dict[str, Any]]) -> Iterator[Attack]:
    for row in rows:
        yield Attack(
            sentence=row["does"],
            service=row["service"],
            operation=row["call"],
            parameters=row.get("with", {}),
            region=row.get("region", "eu-west-1"),
            refused=row.get("refused", "scp"),
            code=row.get("code"),
        )


_TABLE = yaml.safe_load(Path(__file__).with_suffix(".yaml").read_text("utf-8"))
HARMLESS = tuple(_attacks(_TABLE.pop("may")))
"""What the attacker may do, so that refusals mean something."""
GROUPS = {group: tuple(_attacks(rows)) for group, rows in _TABLE.items()}
"""What he is after -> the attacks."""
