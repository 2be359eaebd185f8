"""AWS::StepFunctions."""

from __future__ import annotations

import json

from avm_emulator.deploy.resolver import text
from avm_emulator.deploy.resources.base import Created, New, fields, own_resource
from avm_emulator.deploy.shapes import Api


@own_resource(
    "AWS::StepFunctions::StateMachine",
    "StateMachineName",
    "StateMachineType",
    "RoleArn",
    "Definition",
    "DefinitionString",
    "DefinitionSubstitutions",
    "Tags",
    DefinitionS3Location=fields("Bucket", "Key"),
    LoggingConfiguration=Api("stepfunctions", "CreateStateMachine", "loggingConfiguration"),
    TracingConfiguration=Api("stepfunctions", "CreateStateMachine", "tracingConfiguration"),
    EncryptionConfiguration=Api("stepfunctions", "CreateStateMachine", "encryptionConfiguration"),
)
def state_machine(new: New) -> Created:
    """Create a state machine from its definition with the substitutions made."""
    made = new.call(
        "stepfunctions",
        "CreateStateMachine",
        name=new.name("StateMachineName", 80, with_stack=False),
        definition=_definition(new),
        roleArn=new.get("RoleArn"),
        type=new.get("StateMachineType"),
        loggingConfiguration=new.get("LoggingConfiguration"),
        tracingConfiguration=new.get("TracingConfiguration"),
        encryptionConfiguration=new.get("EncryptionConfiguration"),
        tags=new.tag_list("key", "value"),
    )
    arn = made["stateMachineArn"]
    name = arn.rsplit(":", 1)[1]
    return Created(arn, {"Arn": arn, "Name": name}, (name,))


def _definition(new: New) -> str:
    location = new.get("DefinitionS3Location")
    if location is not None:
        definition = new.stack.artefacts[location["Key"]].read_text("utf-8")
    else:
        definition = new.get("DefinitionString") or json.dumps(new.get("Definition"))
    for name, value in new.get("DefinitionSubstitutions", {}).items():
        definition = definition.replace("${" + name + "}", text(value))
    return definition
