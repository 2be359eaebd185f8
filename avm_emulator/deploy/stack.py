"""One stack while it is deployed: whose calls create it, how its resources are named and tagged."""

from __future__ import annotations

import secrets
import string
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from botocore import xform_name

from avm_emulator.context import Emulator
from avm_emulator.deploy.shapes import Api, to_api

_SUFFIX_LENGTH = 12


@dataclass
class Stack:
    """What every resource handler needs to know about the stack it works for."""

    emulator: Emulator
    name: str
    account_id: str
    region: str
    role_arn: str | None
    artefacts: Mapping[str, Path]
    """Folder of built code, or file of a definition, by artefact key."""
    unique_id: str = field(default_factory=lambda: str(uuid.uuid4()))

    @property
    def partition(self) -> str:
        """Return the AWS partition of the Region."""
        return str(self.client("sts").meta.partition)

    @property
    def stack_id(self) -> str:
        """Return the ARN that ``AWS::StackId`` stands for."""
        return self.arn("cloudformation", f"stack/{self.name}/{self.unique_id}")

    def arn(self, service: str, resource: str) -> str:
        """Return the ARN of a regional resource of the stack's account."""
        return f"arn:{self.partition}:{service}:{self.region}:{self.account_id}:{resource}"

    def pseudo_parameters(self) -> dict[str, Any]:
        """Return the values of ``AWS::…``."""
        return {
            "AWS::AccountId": self.account_id,
            "AWS::Region": self.region,
            "AWS::Partition": self.partition,
            "AWS::URLSuffix": "amazonaws.com.cn" if self.partition == "aws-cn" else "amazonaws.com",
            "AWS::StackName": self.name,
            "AWS::StackId": self.stack_id,
            "AWS::NotificationARNs": [],
        }

    def client(self, service: str) -> Any:
        """Return a boto3 client in the stack's account and Region."""
        return self.emulator.clients.client(
            service, self.region, role_arn=self.role_arn, session_name="cloudformation" if self.role_arn else None
        )

    def call(self, service: str, operation: str, **parameters: Any) -> Any:
        """Call ``operation`` (name in the API) with properties as parameters; what is None is left out."""
        client = self.client(service)
        shape = client.meta.service_model.operation_model(operation).input_shape
        given = {name: value for name, value in parameters.items() if value is not None}
        return getattr(client, xform_name(operation))(**to_api(given, shape))

    def shape(self, api: Api) -> Any:
        """Return the botocore shape of a parameter."""
        model = self.client(api.service).meta.service_model
        return model.operation_model(api.operation).input_shape.members[api.parameter]

    def physical_name(
        self, logical_id: str, longest: int = 255, *, lower: bool = False, with_stack: bool = True
    ) -> str:
        """Return a name as CloudFormation makes it where the template gives none: stack, logical id, random suffix."""
        # https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-properties-name.html
        alphabet = string.ascii_lowercase + string.digits if lower else string.ascii_letters + string.digits
        suffix = "".join(secrets.choice(alphabet) for _ in range(_SUFFIX_LENGTH))
        base = f"{self.name}-{logical_id}" if with_stack else logical_id
        base = base[: longest - _SUFFIX_LENGTH - 1]
        return f"{base.lower() if lower else base}-{suffix}"

    def tags(self, logical_id: str, own: Any) -> dict[str, str]:
        """Return the tags of a resource: its own ``Tags`` property (list or map) and the stack's."""
        given = own if isinstance(own, dict) else {tag["Key"]: tag["Value"] for tag in own or []}
        return {
            **{str(key): str(value) for key, value in given.items()},
            "aws:cloudformation:stack-name": self.name,
            "aws:cloudformation:stack-id": self.stack_id,
            "aws:cloudformation:logical-id": logical_id,
        }
