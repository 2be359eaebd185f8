"""What tests of the boundary ask: the last record, an error as boto3 has it, a role to act in."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from avm_emulator.calls import CallRecord
from avm_emulator.context import Emulator

ROLE = "arn:aws:iam::210987654321:role/avm/avm-enforce"
TRUST = json.dumps({"Version": "2012-10-17", "Statement": []})

Ask = Callable[..., Any]


def last(emulator: Emulator) -> CallRecord:
    return list(emulator.calls)[-1]


def refused(call: Callable[..., Any], **parameters: Any) -> dict[str, Any]:
    with pytest.raises(ClientError) as caught:
        call(**parameters)
    return dict(caught.value.response)


def is_uuid(text: str) -> bool:
    return str(uuid.UUID(text)) == text
