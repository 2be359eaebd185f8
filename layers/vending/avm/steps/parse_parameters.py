"""ParseParameters: what Service Catalog asks those for who launch one of our products.

Its artifact names the account type; what is asked for, and what is allowed, is what the deployed catalog says now.
"""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

from avm.contracts.provisioning import Artifact, account_type_of
from avm.domain.product import parameters_of
from avm.steps.gateways import Gateways
from avm.steps.step import StepOutput


class Input(BaseModel):
    """What Service Catalog sends (admin guide, "External Engines", "Parameter parsing")."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    artifact: Artifact
    launch_role_arn: str = Field(alias="launchRoleArn")


class Output(StepOutput):
    """What it takes: of each parameter ``key``, ``type``, ``description``, and ``defaultValue`` where it has one."""

    parameters: tuple[dict[str, str], ...]


def run(step: Input, gateways: Gateways) -> Output:
    """Return the parameters of a product; raises InvalidRequest for one that is not ours."""
    account_type = account_type_of(gateways.product_artifacts.read(step.artifact.path, step.launch_role_arn))
    return Output(
        parameters=tuple(
            {"key": each.key, "type": "string", "description": each.description}
            # a parameter without a default must be filled in
            | ({} if each.is_required else {"defaultValue": ""})
            for each in parameters_of(gateways.catalog, account_type)
        )
    )
