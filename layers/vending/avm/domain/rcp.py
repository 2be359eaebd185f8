"""Resource control policies: what no one, from wherever, may do to the resources of an account.

Source: AWS Organizations User Guide, "Resource control policies" and "RCP syntax".
"""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field, model_validator

from avm.domain.catalog_model import fault
from avm.domain.guardrail import Guardrail, GuardrailKind
from avm.domain.policy.control_policies import RCP_SERVICES
from avm.domain.policy_document import PolicyDocument, Statement


class ResourceStatement(Statement):
    """One statement of an RCP: it binds everybody, and names the services that it is about."""

    principal: Literal["*"] = Field(description="Whom it binds: everybody. Conditions leave some of them out.")

    @model_validator(mode="after")
    def _names_services(self) -> ResourceStatement:
        if self.action is None:
            hint = "name the actions with Action"
            raise fault(f"statement {self.sid!r} has NotAction, which AWS does not take in an RCP", hint)
        for action in self.action:
            service = action.partition(":")[0]
            if service == "*":
                hint = "name the services, e.g. s3:*"
                raise fault(f"statement {self.sid!r} denies '*', which AWS does not take in an RCP", hint)
            if service not in RCP_SERVICES:
                reason = f"statement {self.sid!r} denies {action}, but AWS applies no RCP to the service {service}"
                raise fault(reason, "remove it, or write an SCP")
        return self


class ResourcePolicyDocument(PolicyDocument):
    """The policy document of an RCP."""

    statement: Annotated[tuple[ResourceStatement, ...], Field(min_length=1, description="The statements.")]


class Rcp(Guardrail):
    """One RCP."""

    kind: ClassVar[GuardrailKind] = GuardrailKind.RCP

    policy: ResourcePolicyDocument = Field(description="The policy document. Every statement denies.")
