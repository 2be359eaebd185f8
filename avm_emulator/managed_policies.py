"""The AWS-managed policies of IAM, there when somebody asks for one.

moto has them all, but either in no account or in every one of them from the start: 1,582 objects and 80 ms for each
account (``load_aws_managed_policies``). Here an account gets the policies that it uses.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from moto.iam.aws_managed_policies import aws_managed_policies_data
from moto.iam.models import AWSManagedPolicy, IAMBackend

if TYPE_CHECKING:
    from avm_emulator.context import Emulator

# Methods of moto's IAM that look a policy up by its ARN.
_LOOKUPS = ("attach_role_policy", "attach_user_policy", "attach_group_policy", "get_policy")


def install(emulator: Emulator) -> None:  # noqa: ARG001  every part is installed alike
    """Make moto's IAM find AWS-managed policies; installing twice is installing once."""
    for name in (*_LOOKUPS, "list_policies"):
        method = getattr(IAMBackend, name)
        if not hasattr(method, "__wrapped__"):
            setattr(IAMBackend, name, _with_all(method) if name == "list_policies" else _with_one(method))


def exists(arn: str, partition: str = "aws") -> bool:
    """Return whether there is an AWS-managed policy with this ARN."""
    return arn in _documents(partition)


@functools.cache
def _documents(partition: str) -> Mapping[str, tuple[str, dict[str, Any]]]:
    """Return ARN → name and data of every AWS-managed policy that moto knows."""
    policies: dict[str, dict[str, Any]] = json.loads(aws_managed_policies_data)
    return {f"arn:{partition}:iam::aws:policy{data['Path']}{name}": (name, data) for name, data in policies.items()}


def _know(backend: IAMBackend, arn: str) -> None:
    if arn in backend.managed_policies or arn not in _documents(backend.partition):
        return
    name, data = _documents(backend.partition)[arn]
    policy = AWSManagedPolicy.from_data(name, backend.account_id, backend.region_name, data)
    backend.aws_managed_policies.append(policy)
    backend.managed_policies[arn] = policy


def _with_one(method: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(method)
    def lookup(self: IAMBackend, policy_arn: str, *args: Any, **kwargs: Any) -> Any:
        _know(self, policy_arn)
        return method(self, policy_arn, *args, **kwargs)

    return lookup


def _with_all(method: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(method)
    def listing(self: IAMBackend, *args: Any, **kwargs: Any) -> Any:
        for arn in _documents(self.partition):
            _know(self, arn)
        return method(self, *args, **kwargs)

    return listing
