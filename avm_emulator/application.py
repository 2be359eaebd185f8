"""Puts the application into the emulator as an operator puts it into an organization: five stacks (docs/deploy.md)."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from avm_emulator.context import Emulator
from avm_emulator.deploy import DeployedStack, access_role, deploy
from avm_emulator.organizations import organization_of
from avm_emulator.organizations.events import EVENTS_REGION

TEMPLATES = Path(__file__).parents[1] / "templates"
EXTERNAL_ID = "avm-emulator"
"""What the machine's functions say when they take a role; on AWS each organization has its own."""


def deploy_application(
    emulator: Emulator,
    artefacts: Path | None = None,
    *,
    callers: Iterable[str] = (),
    webhooks: bool = True,
    service_catalog: bool = True,
) -> None:
    """Deploy the roles, the application itself and the forwarders of events; ``artefacts`` as for ``deploy``.

    ``callers``: accounts beside its own and the management account whose principals may ask for accounts.
    ``webhooks``: whether ticketing systems may; ``service_catalog``: whether launching a product asks for an account.
    An application on AWS begins without both.

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
            "EnableServiceCatalog": str(service_catalog).lower(),
        },
        account_id=emulator.application_account_id,
    )
    if service_catalog:
        deploy_products(emulator, application.outputs["ReportBucketName"])
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


def deploy_products(emulator: Emulator, bucket: str) -> DeployedStack:
    """Deploy the account types as products of Service Catalog, and return their stack.

    Administrators of the application's account may launch them. ``bucket``: where their artifacts are put.

    Raises:
        DeployError: the template is wrong, or a call was refused.
    """
    account_id = emulator.application_account_id
    in_application = {} if account_id == emulator.management_account_id else {"role_arn": access_role(account_id)}
    s3 = emulator.clients.client("s3", emulator.region, **in_application)
    for artifact in sorted((TEMPLATES / "service_catalog").iterdir()):
        s3.put_object(Bucket=bucket, Key=f"service-catalog/{artifact.name}", Body=artifact.read_bytes())
    return deploy(
        emulator,
        TEMPLATES / "service_catalog.yaml",
        parameters={"ArtifactBucket": bucket, "Launchers": "role/*"},
        stack_name="avm-service-catalog",
        account_id=account_id,
    )


def _shared(emulator: Emulator) -> dict[str, str]:
    """Return the parameters that the templates have in common."""
    organization = organization_of(emulator.management_account_id)
    return {"OrganizationId": organization.entity.id if organization else "", "ExternalId": EXTERNAL_ID}
