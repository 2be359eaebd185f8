"""Puts the application into the emulator as an operator puts it into an organization: five stacks (docs/deploy.md)."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from avm_emulator.context import Emulator
from avm_emulator.deploy import DeployedStack, access_role, deploy
from avm_emulator.organizations import organization_of
from avm_emulator.organizations.events import EVENTS_REGION
from avm_emulator.preparation import collect_configuration

TEMPLATES = Path(__file__).parents[1] / "templates"
PRODUCTS, STACKS = "service_catalog", "service_catalog_stacks"
"""Templates of products: of type EXTERNAL, and those whose stacks ask for accounts."""
EXTERNAL_ID = "avm-emulator"
"""What the machine's functions say when they take a role; on AWS each organization has its own."""


def deploy_application(
    emulator: Emulator,
    artefacts: Path | None = None,
    *,
    callers: Iterable[str] = (),
    webhooks: bool = True,
    service_catalog: bool = True,
    service_catalog_stacks: bool = True,
) -> None:
    """Deploy the roles, the application itself and the forwarders of events; ``artefacts`` as for ``deploy``.

    ``callers``: accounts beside its own and the management account whose principals may ask for accounts.
    ``webhooks``: whether ticketing systems may; ``service_catalog``: whether launching a product asks for an account;
    ``service_catalog_stacks``: whether launching one whose stack asks does. An application on AWS begins without all.

    Raises:
        DeployError: a template is wrong, or a call was refused.
    """
    deploy_broker(emulator)
    if emulator.security_account_id is not None:
        deploy_security(emulator, emulator.security_account_id)
        collect_configuration(emulator)
    application = deploy(
        emulator,
        artefacts=artefacts,
        parameters={
            **_shared(emulator),
            "ManagementAccountId": emulator.management_account_id,
            "CallerAccountIds": ",".join(callers),
            "EnableWebhooks": str(webhooks).lower(),
            "EnableServiceCatalog": str(service_catalog).lower(),
            "EnableServiceCatalogStacks": str(service_catalog_stacks).lower(),
        },
        account_id=emulator.application_account_id,
    )
    for is_offered, products in ((service_catalog, PRODUCTS), (service_catalog_stacks, STACKS)):
        if is_offered:
            deploy_products(emulator, application.outputs["ReportBucketName"], products)
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


def deploy_products(emulator: Emulator, bucket: str, products: str) -> DeployedStack:
    """Deploy the account types as products of Service Catalog, and return their stack.

    Administrators of the application's account may launch them. ``bucket``: where their artifacts are put;
    ``products``: ``PRODUCTS`` or ``STACKS``.

    Raises:
        DeployError: the template is wrong, or a call was refused.
    """
    account_id = emulator.application_account_id
    in_application = {} if account_id == emulator.management_account_id else {"role_arn": access_role(account_id)}
    s3 = emulator.clients.client("s3", emulator.region, **in_application)
    prefix = products.replace("_", "-")
    for artifact in sorted((TEMPLATES / products).iterdir()):
        s3.put_object(Bucket=bucket, Key=f"{prefix}/{artifact.name}", Body=artifact.read_bytes())
    return deploy(
        emulator,
        TEMPLATES / f"{products}.yaml",
        parameters={"ArtifactBucket": bucket, "Launchers": "role/*"},
        stack_name=f"avm-{prefix}",
        account_id=account_id,
    )


def _shared(emulator: Emulator) -> dict[str, str]:
    """Return the parameters that the templates have in common."""
    organization = organization_of(emulator.management_account_id)
    return {"OrganizationId": organization.entity.id if organization else "", "ExternalId": EXTERNAL_ID}
