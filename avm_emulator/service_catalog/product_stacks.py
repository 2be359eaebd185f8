"""Products that are templates: launching one creates a stack in the launch role, and its end is the record's.

Source: admin guide, "AWS Service Catalog Launch Constraints" and "AutoTags"; stacks are named ``SC-ACCOUNT-ID`` after
the provisioned product. What exactly a record says of a failed stack is assumed: why the resource has failed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from moto.utilities.utils import get_partition

from avm_emulator.authorization.services import admits, role_may
from avm_emulator.cloudformation.stacks import New
from avm_emulator.cloudformation.templates import parse
from avm_emulator.errors import AwsError
from avm_emulator.service_catalog.artifacts import text_of
from avm_emulator.service_catalog.engine import SERVICE

if TYPE_CHECKING:
    from avm_emulator.boundary import Call
    from avm_emulator.cloudformation.state import Stack
    from avm_emulator.service_catalog.state import Record, ServiceCatalog

Pairs = Sequence[Mapping[str, Any]]


@dataclass(frozen=True)
class Order:
    """What an operation on a provisioned product comes with."""

    artifact_path: str | None = None
    """None where a termination needs none."""
    parameters: Pairs = ()
    tags: Pairs = ()


_CONSTRAINTS = (
    "AllowedValues",
    "AllowedPattern",
    "ConstraintDescription",
    "MinLength",
    "MaxLength",
    "MinValue",
    "MaxValue",
)
_MARK = {"s3:ExistingObjectTag/servicecatalog:provisioning": "true"}


def parameters_of(artifact_path: str) -> list[dict[str, Any]]:
    """Return what a template asks for, with what it allows."""
    return [
        {
            "ParameterKey": name,
            "ParameterType": each["Type"],
            "IsNoEcho": each.get("NoEcho", False),
            "ParameterConstraints": {"AllowedValues": []}
            | {key: _text(each[key]) for key in _CONSTRAINTS if key in each},
        }
        | {ours: each[theirs] for ours, theirs in (("DefaultValue", "Default"), ("Description",) * 2) if theirs in each}
        for name, each in parse(text_of(artifact_path)).get("Parameters", {}).items()
    ]


def run(catalog: ServiceCatalog, call: Call, record: Record, order: Order) -> str | None:
    """Begin an operation on the stack of a record; return why that cannot be, None where it has begun."""
    stacks, provisioned = catalog.emulator.stacks, record.provisioned
    ended = partial(_ended, catalog, record)
    trouble = _may_begin(record, order.artifact_path)
    if trouble is not None:
        return trouble
    stack, template = provisioned.stack, "" if order.artifact_path is None else text_of(order.artifact_path)
    given = {each["Key"]: each.get("Value", "") for each in order.parameters if not each.get("UsePreviousValue")}
    try:
        if record.kind == "PROVISION_PRODUCT":
            tags = {each["Key"]: each["Value"] for each in order.tags} | _auto_tags(call, record)
            new = New(f"SC-{call.account}-{provisioned.id}", template, given, provisioned.launch_role, tags)
            provisioned.stack = stacks.create(provisioned.place, new, ended)
        elif stack is None and record.kind == "TERMINATE_PROVISIONED_PRODUCT":
            # nothing was begun that could be deleted
            record.status, record.updated_at = "SUCCEEDED", call.time
            del catalog.provisioned[provisioned.id]
        elif stack is None:
            return "There is no stack that could be updated."
        elif record.kind == "TERMINATE_PROVISIONED_PRODUCT":
            stacks.delete(stack, ended)
        else:
            stacks.update(stack, template, _before(stack) | given, ended)
    except AwsError as error:
        return error.message
    return None


def _may_begin(record: Record, artifact_path: str | None) -> str | None:
    """Return why Service Catalog cannot work in the launch role."""
    account, region = record.provisioned.place
    role = record.provisioned.launch_role
    if not admits(SERVICE, "sts:AssumeRole", role, {"aws:SourceAccount": account}):
        return f"{SERVICE} is not authorized to perform: sts:AssumeRole on resource: {role}"
    if artifact_path is None:
        return None
    resource = f"arn:{get_partition(region)}:s3:::{artifact_path.removeprefix('S3://')}"
    if not role_may(role, "servicecatalog", region, ("s3:GetObject", resource), _MARK):
        return f"{role} is not authorized to perform: s3:GetObject on resource: {resource}"
    return None


def _auto_tags(call: Call, record: Record) -> dict[str, str]:
    provisioned = record.provisioned
    account, region = provisioned.place
    partition, place = get_partition(region), f"{region}:{account}"
    ours = f"stack/{provisioned.name}/{provisioned.id}"
    return {
        "aws:servicecatalog:productArn": f"arn:{partition}:catalog:{place}:product/{provisioned.product_id}",
        "aws:servicecatalog:provisionedProductArn": f"arn:{partition}:servicecatalog:{place}:{ours}",
        "aws:servicecatalog:provisioningArtifactIdentifier": provisioned.artifact_id,
        "aws:servicecatalog:provisioningPrincipalArn": call.principal.arn,
    }


def _before(stack: Stack) -> dict[str, str]:
    return {
        name: ",".join(value) if isinstance(value, list) else value for name, value in stack.wanted.parameters.items()
    }


def _ended(catalog: ServiceCatalog, record: Record, stack: Stack) -> None:
    """End a record as its stack has ended."""
    now, provisioned = catalog.emulator.clock.now(), record.provisioned
    with catalog.lock:
        if stack.status not in {"CREATE_COMPLETE", "UPDATE_COMPLETE", "DELETE_COMPLETE"}:
            record.fail(stack.failure or str(stack.reason), now)
            if record.kind == "PROVISION_PRODUCT":
                provisioned.status = "ERROR"
            elif record.ignores_errors:
                del catalog.provisioned[provisioned.id]
            else:
                provisioned.taint()
            return
        record.status, record.updated_at = "SUCCEEDED", now
        if record.kind == "TERMINATE_PROVISIONED_PRODUCT":
            del catalog.provisioned[provisioned.id]
            return
        told = [{"OutputKey": key, "OutputValue": value} for key, value in stack.outputs.items()]
        told.append({"OutputKey": "CloudformationStackARN", "OutputValue": stack.id})
        record.result = {"Outputs": told}
        provisioned.outputs, provisioned.last_success = told, record.id
        provisioned.status, provisioned.status_message = "AVAILABLE", None


def _text(value: object) -> object:
    return [str(each) for each in value] if isinstance(value, list) else str(value)
