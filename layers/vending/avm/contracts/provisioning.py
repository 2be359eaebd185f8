"""What Service Catalog sends to the engine of its products of type EXTERNAL (admin guide, "External Engines")."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from avm.contracts.body import refused
from avm.contracts.json_document import json_document
from avm.domain.account_request import REQUEST_ID_PATTERN
from avm.domain.errors import FieldProblem, InvalidRequest

Operation = Literal["PROVISION", "UPDATE", "TERMINATE"]

_OPERATIONS: dict[str, Operation] = {
    "PROVISION_PRODUCT": "PROVISION",
    "UPDATE_PROVISION_PRODUCT": "UPDATE",
    "UPDATE_PROVISIONED_PRODUCT": "UPDATE",
    "TERMINATE_PROVISION_PRODUCT": "TERMINATE",
    "TERMINATE_PROVISIONED_PRODUCT": "TERMINATE",
}
"""Of the last two operations the guide has the first spelling, messages were seen with the second one."""

_WIRE = ConfigDict(frozen=True, extra="ignore", populate_by_name=True)


class Artifact(BaseModel):
    """Where a product's artifact lies: ``S3://BUCKET/KEY``."""

    model_config = _WIRE

    path: str
    type: Literal["AWS_S3"]


class Identity(BaseModel):
    """Who launches the product: the unique id of a role or user, and its account; the guide promises neither."""

    model_config = _WIRE

    principal: str | None = None
    account: str | None = Field(None, alias="awsAccountId")


class Answer(BaseModel):
    """A parameter, as it was filled in."""

    model_config = _WIRE

    key: str
    value: str


class Provisioning(BaseModel):
    """A message of one of the three queues."""

    model_config = _WIRE

    token: Annotated[str, StringConstraints(min_length=1, max_length=20_000)]
    """Must be given back with the result; 20,000 characters at most (botocore, EngineWorkflowToken)."""
    operation_name: str = Field(alias="operation")
    record_id: Annotated[str, StringConstraints(pattern=REQUEST_ID_PATTERN)] = Field(alias="recordId")
    launch_role_arn: str | None = Field(None, alias="launchRoleArn")
    artifact: Artifact | None = None
    identity: Identity | None = None
    parameters: tuple[Answer, ...] = ()

    @property
    def operation(self) -> Operation:
        """Return what is asked for."""
        return _OPERATIONS[self.operation_name]

    def answers(self) -> dict[str, str]:
        """Return the parameters by key; raises InvalidRequest where one is given twice."""
        keys = [each.key for each in self.parameters]
        if twice := sorted({key for key in keys if keys.count(key) > 1}):
            raise InvalidRequest([FieldProblem(key, "is given twice", "give each parameter once") for key in twice])
        return {each.key: each.value for each in self.parameters}


class ProductArtifact(BaseModel):
    """The artifact of one of our products: which account type it is."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    account_type: str


def provisioning(text: str) -> Provisioning:
    """Return what a message asks for; raises RequestTooLarge and InvalidRequest: then nobody can be answered."""
    try:
        message = Provisioning.model_validate(json_document(text))
    except ValidationError as error:
        raise refused(error, "a message of Service Catalog to an external engine") from error
    if message.operation_name not in _OPERATIONS:
        hint = f"one of: {', '.join(_OPERATIONS)}"
        raise InvalidRequest([FieldProblem("operation", f"'{message.operation_name}' is not known", hint)])
    return message


def account_type_of(artifact: str) -> str:
    """Return the account type that the text of a product's artifact names; raises InvalidRequest."""
    try:
        return ProductArtifact.model_validate(json_document(artifact)).account_type
    except ValidationError as error:
        raise refused(error, "the artifact of a product of templates/service_catalog.yaml") from error
