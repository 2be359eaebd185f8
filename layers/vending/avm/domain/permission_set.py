"""Permission sets: what people may do in the accounts that Identity Center lets them into."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, Field, StringConstraints, ValidationInfo, field_validator

from avm.domain.catalog_model import CatalogModel, Text, each_once, fault
from avm.domain.policy_document import PolicyDocument

INLINE_POLICY_CHARACTERS = 32_768
"""botocore, sso-admin.PutInlinePolicyToPermissionSet."""

PolicyPath = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9.,+@=_-]+(/[A-Za-z0-9.,+@=_-]+)*$")]


class PermissionSet(CatalogModel):
    """One permission set of IAM Identity Center."""

    # botocore, sso-admin.CreatePermissionSet
    name: Annotated[str, StringConstraints(max_length=32, pattern=r"^[\w+=,.@-]+$")] = Field(
        description="Name of the permission set, and of its file."
    )
    description: Annotated[Text, StringConstraints(max_length=700, pattern=r"^[\x20-\x7e\xa1-\xff]*$")] = Field(
        description="Who gets it, for what."
    )
    # Identity Center takes 1 to 12 hours (IAM Identity Center User Guide, "Set session duration")
    session_duration: Annotated[str, StringConstraints(pattern=r"^PT([1-9]|1[0-2])H$")] = Field(
        description="How long a session lasts, ISO 8601, whole hours from PT1H to PT12H."
    )
    managed_policies: Annotated[tuple[PolicyPath, ...], AfterValidator(each_once)] = Field(
        default=(), description="AWS managed policies: what stands after `policy/` in the ARN, `job-function/Billing`."
    )
    inline_policy: PolicyDocument | None = Field(
        default=None, description="A policy document of its own.", validate_default=True
    )

    @field_validator("inline_policy")
    @classmethod
    def _some_permission(cls, inline_policy: PolicyDocument | None, info: ValidationInfo) -> PolicyDocument | None:
        if inline_policy is None and info.data.get("managed_policies") == ():
            raise fault("the permission set permits nothing", "give managed_policies or inline_policy")
        if inline_policy and len(inline_policy.content()) > INLINE_POLICY_CHARACTERS:
            reason = f"the document has {len(inline_policy.content())} characters, {INLINE_POLICY_CHARACTERS} fit"
            raise fault(reason, "shorten it, or use managed policies")
        return inline_policy

    def managed_policy_arns(self, partition: str) -> tuple[str, ...]:
        """Return the ARNs of the AWS managed policies in ``partition`` (``aws``, ``aws-us-gov``, ``aws-cn``)."""
        return tuple(f"arn:{partition}:iam::aws:policy/{path}" for path in self.managed_policies)
