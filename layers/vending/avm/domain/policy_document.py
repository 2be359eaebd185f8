"""IAM policy documents as SCPs and permission sets hold them: strict structure, canonical content."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import (
    AfterValidator,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    StringConstraints,
    WithJsonSchema,
    model_validator,
)
from pydantic.alias_generators import to_pascal

from avm.domain.catalog_model import CatalogModel, fault
from avm.domain.policy.conditions import is_operator


def _one_or_many(value: object) -> object:
    """Read a text like a list of one, as IAM does: one form inside makes equal documents equal."""
    if isinstance(value, str):
        return (value,)
    return tuple(value) if isinstance(value, list) else value


def _one_or_list(values: tuple[str, ...]) -> str | list[str]:
    """Write a single value as a text, as everybody does: some linters read Null and Bool in no other form."""
    return values[0] if len(values) == 1 else list(values)


def _known_operator(operator: str) -> str:
    if not is_operator(operator):
        reason = f"{operator!r} is not a condition operator of IAM"
        raise fault(reason, "correct its spelling, e.g. StringNotEquals, ArnNotLike, BoolIfExists, Null")
    return operator


def _texts(example: str) -> WithJsonSchema:
    one = {"type": "string", "examples": [example]}
    return WithJsonSchema({"anyOf": [one, {"type": "array", "items": one, "minItems": 1}]}, mode="validation")


Action = Annotated[str, StringConstraints(pattern=r"^(\*|[a-z0-9-]+:[A-Za-z0-9*?]+)$")]
Resource = Annotated[str, StringConstraints(pattern=r"^(\*|arn:[^:]+:[^:]+:[^:]*:[^:]*:.+)$")]
ConditionKey = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9*-]+:\S+$")]
Operator = Annotated[str, AfterValidator(_known_operator)]
_Many = (BeforeValidator(_one_or_many), Field(min_length=1), PlainSerializer(_one_or_list))
Actions = Annotated[tuple[Action, ...], *_Many, _texts("ec2:RunInstances")]
Resources = Annotated[tuple[Resource, ...], *_Many, _texts("arn:*:iam::*:role/avm/*")]
Values = Annotated[tuple[str, ...], *_Many, _texts("eu-west-1")]


class PolicyPart(CatalogModel):
    """Base of a document's parts: fields have IAM's own names (``NotAction``) outside."""

    model_config = ConfigDict(alias_generator=to_pascal)


class Statement(PolicyPart):
    """One statement. The ``Sid`` is required: refusals and reports name it."""

    sid: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9]+$")] = Field(description="Name of the statement.")
    effect: Literal["Allow", "Deny"] = Field(description="What a match means.")
    action: Actions | None = Field(default=None, description="Actions that match; give this or NotAction.")
    not_action: Actions | None = Field(default=None, description="All actions but these match.")
    resource: Resources | None = Field(default=None, description="Resources that match; give this or NotResource.")
    not_resource: Resources | None = Field(default=None, description="All resources but these match.")
    condition: Mapping[Operator, Mapping[ConditionKey, Values]] | None = Field(
        default=None, description="Operator, then condition key, then values; all of them must hold."
    )

    @model_validator(mode="after")
    def _one_of_each(self) -> Statement:
        for plain, inverse, names in (
            (self.action, self.not_action, "Action and NotAction"),
            (self.resource, self.not_resource, "Resource and NotResource"),
        ):
            if (plain is None) == (inverse is None):
                raise fault(f"statement {self.sid!r} must have exactly one of {names}", "IAM refuses both and neither")
        return self

    def condition_values(self, operator: str, key: str) -> tuple[str, ...]:
        """Return what ``operator`` compares ``key`` with (keys have no case in IAM); empty where it does not."""
        tests = (self.condition or {}).get(operator, {})
        return tuple(value for name, values in tests.items() if name.lower() == key.lower() for value in values)


class PolicyDocument(PolicyPart):
    """A policy document in the language of 2012-10-17, without principals."""

    version: Literal["2012-10-17"] = Field(description="Version of the policy language.")
    statement: Annotated[tuple[Statement, ...], Field(min_length=1, description="The statements.")]

    @model_validator(mode="after")
    def _unique_sids(self) -> PolicyDocument:
        sids = [statement.sid for statement in self.statement]
        for sid in sids:
            if sids.count(sid) > 1:
                raise fault(f"two statements are called {sid!r}", "give each statement a Sid of its own")
        return self

    def content(self) -> str:
        """Return the document as minified JSON: white space counts against AWS's quotas (aws-semantics 1.5).

        It is ASCII; what is not, is written as an escape, and counts as one.
        """
        return json.dumps(self.model_dump(mode="json", exclude_none=True), separators=(",", ":"))
