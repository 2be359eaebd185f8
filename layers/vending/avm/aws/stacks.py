"""CloudFormation, as far as it says of a product's stack who has launched it, and whether it waits."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from avm.aws.errors import translated
from avm.domain.errors import StackNotWaiting
from avm.domain.time import iso

_LAUNCHER = "aws:servicecatalog:provisioningPrincipalArn"
"""Service Catalog puts it on the stacks of its products (admin guide, "AutoTags"); nobody sets a tag with ``aws:``."""
_WAITING = frozenset({"CREATE_IN_PROGRESS", "UPDATE_IN_PROGRESS"})
"""Only then a resource is created; the second where a creation that has failed is tried again."""


@dataclass(frozen=True)
class Stack:
    """A stack that waits for its resource."""

    created_at: str
    """ISO 8601."""
    launcher: str | None
    """ARN of the principal who has launched the product; None where Service Catalog has not said."""


class Stacks:
    """The stacks of this account."""

    def __init__(self, client: Any) -> None:
        """``client``: boto3's."""
        self._client = client

    def waiting(self, stack_id: str) -> Stack:
        """Return a stack that waits for its resource; raises StackNotWaiting for any other one."""
        # CloudFormation knows no other code for a stack that is not there
        with translated(ValidationError=StackNotWaiting):
            (stack,) = self._client.describe_stacks(StackName=stack_id)["Stacks"]
        status = stack["StackStatus"]
        if status not in _WAITING:
            raise StackNotWaiting(f"stack {stack_id} is {status}: it waits for no account")
        tags = {each["Key"]: each["Value"] for each in stack.get("Tags", [])}
        return Stack(iso(stack["CreationTime"]), tags.get(_LAUNCHER))
