"""AWS::SSM."""

from __future__ import annotations

from avm_emulator.deploy.resources.base import Created, New, own_resource

_SAME = ("Type", "Value", "Description", "Tier", "AllowedPattern", "DataType")


@own_resource("AWS::SSM::Parameter", "Name", "Tags", *_SAME)
def parameter(new: New) -> Created:
    """Put a parameter."""
    name = new.get("Name") or "CFN-" + new.stack.physical_name(new.logical_id, with_stack=False)
    new.call("ssm", "PutParameter", Name=name, Tags=new.tag_list(), **new.only(*_SAME))
    arn = new.stack.arn("ssm", f"parameter/{name.lstrip('/')}")
    return Created(name, new.only("Type", "Value"), (arn,))
