"""Service control policies: what no one in an account may do, whatever their own permissions say."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from functools import cached_property
from typing import Annotated

from pydantic import Field, StringConstraints, ValidationInfo, field_validator

from avm.domain.catalog_model import CatalogModel, Text, fault
from avm.domain.policy_document import PolicyDocument

QUARANTINE = "avm-quarantine"
"""The SCP that a vend attaches to an account before anything else; every catalog has it."""

FULL_ACCESS = "FullAWSAccess"
"""AWS's SCP that allows everything; it stays on each OU and account, since those of the catalog only deny."""

SLOTS_TAKEN_ON_OU = 1
"""SCPs that are attached to every OU beside those of the catalog: FullAWSAccess, which this machine leaves there."""

SLOTS_TAKEN_ON_ACCOUNT = 2
"""The same of an account: FullAWSAccess, and the quarantine until it is released."""

ASSUMED_ROOT = "aws:AssumedRoot"
"""Condition key that only sessions of sts:AssumeRoot carry (IAM User Guide, global condition context keys)."""


class Scp(CatalogModel):
    """One SCP: the policy itself, and what people must know before they touch it."""

    # Policy names have at most 128 characters (botocore, organizations.CreatePolicy); '-' and the hash take nine
    name: Annotated[str, StringConstraints(max_length=119, pattern=r"^[a-z][a-z0-9-]*$")] = Field(
        description="Name of the SCP, and of its file. In AWS the first eight digits of a content hash follow."
    )
    # A policy's description has at most 512 characters (botocore, organizations.CreatePolicy)
    purpose: Annotated[Text, StringConstraints(max_length=512)] = Field(
        description="What the SCP prevents. Becomes the policy's description in AWS."
    )
    risk: Text = Field(description="What it can break, and what it does not cover.")
    rollback: Text = Field(description="How to get rid of it when it does harm.")
    policy: PolicyDocument = Field(description="The policy document. Every statement denies.")
    exempt: Mapping[str, Text] = Field(
        default_factory=dict,
        description="Whom it does not bind, and why. Keys are exactly the values of `ArnNotLike aws:PrincipalArn` in "
        "the document, and `aws:AssumedRoot` where it spares AssumeRoot sessions.",
    )

    @field_validator("policy")
    @classmethod
    def _only_denies(cls, policy: PolicyDocument) -> PolicyDocument:
        for statement in policy.statement:
            if statement.effect != "Deny":
                reason = f"statement {statement.sid!r} allows; beside FullAWSAccess, which stays, it changes nothing"
                raise fault(reason, "write what must not happen as a Deny")
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
        """Return the policy as AWS gets it: minified JSON."""
        return self.policy.content()

    @cached_property
    def aws_name(self) -> str:
        """Return the policy's name in AWS: a changed SCP is a new policy (design, "Guardrails")."""
        return f"{self.name}-{hashlib.sha256(self.content.encode()).hexdigest()[:8]}"


def _spared(policy: PolicyDocument) -> set[str]:
    spared: set[str] = set()
    for statement in policy.statement:
        spared.update(statement.condition_values("ArnNotLike", "aws:PrincipalArn"))
        if statement.condition_values("Null", ASSUMED_ROOT):
            spared.add(ASSUMED_ROOT)
    return spared
