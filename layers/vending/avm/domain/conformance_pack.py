"""Conformance packs: AWS Config rules that judge what is in the accounts of an OU, and keep nobody from anything.

What must not happen is a guardrail's; what should not be, and can only be found, is a rule's.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from functools import cached_property
from typing import Annotated, Literal

from pydantic import Field, StringConstraints, field_validator

from avm.domain.catalog_model import CatalogModel, Text, fault

TEMPLATE_CHARACTERS = 51_200
"""In a template that is handed over in the call (botocore, config.PutOrganizationConformancePack)."""

EXCLUDED_AT_MOST = 1_000
"""Accounts that a pack of an organization leaves out (the same)."""

_OURS = re.compile(r"avm-[a-z0-9-]+-[0-9a-f]{8}")


class RuleSource(CatalogModel):
    """Where a rule comes from."""

    owner: Literal["AWS"] = Field(alias="Owner", description="`AWS`: the rule is one that AWS manages.")
    source_identifier: Annotated[str, StringConstraints(pattern=r"^[A-Z][A-Z0-9_]{0,127}$")] = Field(
        alias="SourceIdentifier", description="AWS's identifier of the rule, `RDS_INSTANCE_PUBLIC_ACCESS_CHECK`."
    )


class RuleProperties(CatalogModel):
    """One rule of AWS Config."""

    # AWS puts '-conformance-pack-' and an id behind it; a rule's name has 128 characters (botocore, ConfigRuleName)
    config_rule_name: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{0,63}$")] = Field(
        alias="ConfigRuleName", description="Name of the rule; findings show it."
    )
    source: RuleSource = Field(alias="Source", description="Where the rule comes from.")
    input_parameters: Mapping[str, str] = Field(
        default_factory=dict, alias="InputParameters", description="The rule's parameters, all as text."
    )


class ConfigRule(CatalogModel):
    """One resource of a pack's template."""

    type: Literal["AWS::Config::ConfigRule"] = Field(
        alias="Type", description="A rule; a pack of the catalog mends nothing."
    )
    properties: RuleProperties = Field(alias="Properties", description="The rule.")


class PackTemplate(CatalogModel):
    """The template of a pack, as AWS Config takes it."""

    resources: Annotated[
        Mapping[Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9]{1,255}$")], ConfigRule], Field(min_length=1)
    ] = Field(alias="Resources", description="The rules, each by a name of its own.")


class ConformancePack(CatalogModel):
    """One pack: its rules, and what people must know before they rely on it."""

    # The pack's stack in an account is called by it, too; '-' and the hash take nine
    name: Annotated[str, StringConstraints(max_length=51, pattern=r"^avm(-[a-z0-9]+)+$")] = Field(
        description="Name of the pack, and of its file; it begins with `avm-`. In AWS the first eight digits of a "
        "content hash follow."
    )
    purpose: Text = Field(description="What the rules find.")
    regions: Literal["home", "governed"] = Field(
        description="`governed`: it judges in every governed Region. `home`: in the home Region alone, for rules about "
        "what an account has once, as IAM is."
    )
    template: PackTemplate = Field(description="The rules, as AWS Config takes them.")

    @field_validator("template")
    @classmethod
    def _fits(cls, template: PackTemplate) -> PackTemplate:
        size = len(_body(template))
        if size > TEMPLATE_CHARACTERS:
            reason = f"has {size} characters without white space, AWS takes {TEMPLATE_CHARACTERS}"
            raise fault(reason, "split it in two packs")
        return template

    @cached_property
    def body(self) -> str:
        """Return the template as AWS gets it: JSON, which is YAML."""
        return _body(self.template)

    @cached_property
    def aws_name(self) -> str:
        """Return the pack's name in AWS, which shows no pack's template: another content is another pack."""
        return f"{self.name}-{hashlib.sha256(self.body.encode()).hexdigest()[:8]}"


def is_ours(aws_name: str) -> bool:
    """Say whether a pack in AWS has been made from a catalog, whatever that one says now."""
    return _OURS.fullmatch(aws_name) is not None


def _body(template: PackTemplate) -> str:
    return json.dumps(template.model_dump(mode="json", exclude_defaults=True), separators=(",", ":"))
