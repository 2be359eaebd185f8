"""Guardrails: policies of AWS Organizations that an OU puts on its accounts, whatever the accounts' own policies say.

What service and resource control policies have in common. ``scp`` and ``rcp`` say what sets them apart.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from enum import Enum
from functools import cached_property
from typing import Annotated, ClassVar

from pydantic import Field, StringConstraints, ValidationInfo, field_validator

from avm.domain.catalog_model import CatalogModel, Text, fault
from avm.domain.policy_document import PolicyDocument

ORGANIZATION_ID = "{organization_id}"
"""Stands in a policy for the id of the organization, which a catalog cannot know before there is one."""

LONGEST_ORGANIZATION_ID = "o-" + "x" * 32
"""An id has 10 to 32 characters after ``o-`` (botocore, organizations.OrganizationId)."""

ASSUMED_ROOT = "aws:AssumedRoot"
"""Condition key that only sessions of sts:AssumeRoot carry (IAM User Guide, global condition context keys)."""

AWS_SERVICE = "aws:PrincipalIsAWSService"
"""Condition key that is true where an AWS service calls as itself (the same)."""


class GuardrailKind(Enum):
    """The kinds; the name is what people say, the value what AWS Organizations calls the type of policy."""

    SCP = "SERVICE_CONTROL_POLICY"
    RCP = "RESOURCE_CONTROL_POLICY"

    @property
    def full_access(self) -> str:
        """Return the policy of AWS that allows everything: on each OU and account, since those of the catalog deny."""
        return {GuardrailKind.SCP: "FullAWSAccess", GuardrailKind.RCP: "RCPFullAWSAccess"}[self]

    @property
    def field(self) -> str:
        """Return the catalog's folder of them, which is also the field in which an OU names them."""
        return f"{self.name.lower()}s"


SLOTS_TAKEN_ON_OU = 1
"""Policies of a kind on every OU beside those of the catalog: AWS's own, which this machine leaves there."""


class Guardrail(CatalogModel):
    """One guardrail: the policy itself, and what people must know before they touch it."""

    kind: ClassVar[GuardrailKind]

    # Policy names have at most 128 characters (botocore, organizations.CreatePolicy); '-' and the hash take nine
    name: Annotated[str, StringConstraints(max_length=119, pattern=r"^[a-z][a-z0-9-]*$")] = Field(
        description="Name of the policy, and of its file. In AWS the first eight digits of a content hash follow."
    )
    # A policy's description has at most 512 characters (botocore, organizations.CreatePolicy)
    purpose: Annotated[Text, StringConstraints(max_length=512)] = Field(
        description="What the policy prevents. Becomes its description in AWS."
    )
    risk: Text = Field(description="What it can break, and what it does not cover.")
    rollback: Text = Field(description="How to get rid of it when it does harm.")
    policy: PolicyDocument = Field(description="The policy document. Every statement denies.")
    exempt: Mapping[str, Text] = Field(
        default_factory=dict,
        description="Whom it does not bind, and why. Keys are exactly the values of `ArnNotLike aws:PrincipalArn` in "
        "the document, `aws:AssumedRoot` where it spares AssumeRoot sessions, and `aws:PrincipalIsAWSService` where it "
        "spares AWS services.",
    )

    @field_validator("policy")
    @classmethod
    def _only_denies(cls, policy: PolicyDocument) -> PolicyDocument:
        for statement in policy.statement:
            if statement.effect != "Deny":
                stays = f"beside {cls.kind.full_access}, which stays, it changes nothing"
                raise fault(f"statement {statement.sid!r} allows; {stays}", "write what must not happen as a Deny")
        return policy

    @field_validator("exempt")
    @classmethod
    def _as_in_the_policy(cls, exempt: Mapping[str, str], info: ValidationInfo) -> Mapping[str, str]:
        policy: PolicyDocument | None = info.data.get("policy")
        spared = _spared(policy) if policy else set(exempt)
        if missing := spared - set(exempt):
            raise fault(f"the policy also spares {', '.join(sorted(missing))}", "list it here, with the reason")
        if extra := set(exempt) - spared:
            raise fault(f"the policy does not spare {', '.join(sorted(extra))}", "add it to the policy, or remove it")
        return exempt

    @cached_property
    def content(self) -> str:
        """Return the policy as minified JSON, as it is the same in every organization."""
        return self.policy.content()

    def content_in(self, organization_id: str) -> str:
        """Return the policy as AWS gets it in an organization."""
        return self.content.replace(ORGANIZATION_ID, organization_id)

    @cached_property
    def aws_name(self) -> str:
        """Return the policy's name in AWS: a changed guardrail is a new policy (design, "Guardrails")."""
        return f"{self.name}-{hashlib.sha256(self.content.encode()).hexdigest()[:8]}"


def _spared(policy: PolicyDocument) -> set[str]:
    spared: set[str] = set()
    for statement in policy.statement:
        spared.update(statement.condition_values("ArnNotLike", "aws:PrincipalArn"))
        if statement.condition_values("Null", ASSUMED_ROOT):
            spared.add(ASSUMED_ROOT)
        if "false" in statement.condition_values("BoolIfExists", AWS_SERVICE):
            spared.add(AWS_SERVICE)
    return spared
