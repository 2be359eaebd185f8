"""What CloudFormation asks of a custom resource, and how it is answered.

CloudFormation user guide, "Custom resource request and response reference": a request comes with a presigned URL, to
which the answer is put.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from avm.contracts.queue_message import fitting

MAX_ANSWER_BYTES = 4096
MAX_REASON_BYTES = 1024
"""JSON may write a byte as two, and ids and outputs need room, too."""

_STACK_OF_SERVICE_CATALOG = r"^arn:[a-z-]+:cloudformation:[a-z0-9-]+:[0-9]{12}:stack/SC-[A-Za-z0-9-]+/[0-9a-f-]{36}$"
_OWN = frozenset({"ServiceToken", "ServiceTimeout", "type"})
"""Properties that are no field of the form: what CloudFormation reads, and the account type that the template is of."""

Status = Literal["SUCCESS", "FAILED"]


class ResourceRequest(BaseModel):
    """A request about the one custom resource of a product's stack."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    kind: Literal["Create", "Update", "Delete"] = Field(alias="RequestType")
    answer_url: Annotated[str, StringConstraints(min_length=1, max_length=8192)] = Field(alias="ResponseURL")
    stack_id: Annotated[str, StringConstraints(pattern=_STACK_OF_SERVICE_CATALOG)] = Field(alias="StackId")
    operation_id: Annotated[str, StringConstraints(min_length=1, max_length=256)] = Field(alias="RequestId")
    logical_id: Annotated[str, StringConstraints(min_length=1, max_length=255)] = Field(alias="LogicalResourceId")
    physical_id: Annotated[str, StringConstraints(max_length=1024)] | None = Field(None, alias="PhysicalResourceId")
    properties: Mapping[str, str] = Field(alias="ResourceProperties")

    @property
    def request_id(self) -> str:
        """Return the id of the request that the stack is: one stack is one account, for ever."""
        return f"stack-{self.stack_id.rpartition('/')[2]}"

    @property
    def account_type(self) -> str:
        """Return the account type that the product's template is of."""
        return self.properties.get("type", "")

    @property
    def answers(self) -> dict[str, str]:
        """Return what the form was filled in with, by field: CloudFormation gives every scalar as text."""
        return {key: value for key, value in self.properties.items() if key not in _OWN}

    def answer(self, status: Status, reason: str, outputs: Mapping[str, str] | None = None) -> bytes:
        """Return the answer, of at most ``MAX_ANSWER_BYTES``; ``outputs``: what the template may read of the resource.

        The resource keeps the physical id that it has: a new one would let CloudFormation delete the old resource.
        """
        body = {
            "Status": status,
            "Reason": fitting(reason, MAX_REASON_BYTES),
            "PhysicalResourceId": self.physical_id or self.request_id,
            "StackId": self.stack_id,
            "RequestId": self.operation_id,
            "LogicalResourceId": self.logical_id,
            "Data": dict(outputs or {}),
        }
        return json.dumps(body, ensure_ascii=False).encode()
