"""Puts the application into the emulator as an operator puts it into an organization: four stacks (docs/deploy.md)."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from avm_emulator.context import Emulator
from avm_emulator.deploy import DeployedStack, deploy
from avm_emulator.organizations import organization_of
from avm_emulator.organizations.events import EVENTS_REGION

TEMPLATES = Path(__file__).parents[1] / "templates"
EXTERNAL_ID = "avm-emulator"
"""What the machine's functions say when they take a role; on AWS each organization has its own."""


def deploy_application(
    emulator: Emulator, artefacts: Path | None = None, *, callers: Iterable[str] = (), webhooks: bool = True
) -> None:
    """Deploy the roles, the application itself and the forwarders of events; ``artefacts`` as for ``deploy``.

    ``callers``: accounts beside its own and the management account whose principals may ask for accounts.
    ``webhooks``: whether ticketing systems may; an application on AWS begins without.

    Raises:
        DeployError: a template is wrong, or a call was refused.
    """
    deploy_broker(emulator)
    if emulator.security_account_id is not None:
        deploy_security(emulator, emulator.security_account_id)
    application = deploy(
        emulator,
        artefacts=artefacts,
        parameters={
            **_shared(emulator),
            "ManagementAccountId": emulator.management_account_id,
            "CallerAccountIds": ",".join(callers),
            "EnableWebhooks": str(webhooks).lower(),
        },
        account_id=emulator.application_account_id,
    )
    for region in sorted({EVENTS_REGION, emulator.region}):
        deploy(
            emulator,
            TEMPLATES / "management_events.yaml",
            parameters={"BusArn": application.outputs["BusArn"]},
            stack_name="avm-management-events",
            region=region,
        )


def deploy_broker(emulator: Emulator) -> DeployedStack:
    """Deploy the broker into the management account, and return its stack.

    Raises:
        DeployError: the template is wrong, or a call was refused.
    """
    return deploy(
        emulator,
        TEMPLATES / "management.yaml",
        parameters={**_shared(emulator), "ApplicationAccountId": emulator.application_account_id},
        stack_name="avm-management",
    )


def deploy_security(emulator: Emulator, account_id: str) -> DeployedStack:
    """Deploy the role by which the application works in the security account, and return its stack.

    Raises:
        DeployError: the template is wrong, or a call was refused.
    """
    return deploy(
        emulator,
        TEMPLATES / "security.yaml",
        parameters={**_shared(emulator), "ApplicationAccountId": emulator.application_account_id},
        stack_name="avm-security",
        account_id=account_id,
    )


def _shared(emulator: Emulator) -> dict[str, str]:
    """Return the parameters that the templates have in common."""
    organization = organization_of(emulator.management_account_id)
    return {"OrganizationId": organization.entity.id if organization else "", "ExternalId": EXTERNAL_ID}
