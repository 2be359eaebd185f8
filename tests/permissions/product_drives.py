"""Products of Service Catalog: what the machine does for those who launch one."""

from __future__ import annotations

from typing import Any

from botocore.exceptions import ClientError

from tests.faults.doors import VERSION, launch, launch_stack
from tests.faults.world import Journey, World, stack_answers

PRODUCT = {"ProductName": "sandbox", "ProvisioningArtifactName": VERSION}
_DENIED = {"fault": "denied", "times": 5}
"""Until the message is a dead letter."""
NOT_ACCEPTED = {
    **_DENIED,
    "source": "avm-TakeProvisioning*",
    "service": "dynamodb",
    "operation": "TransactWriteItems",
}
STACK_NOT_ACCEPTED = {
    **_DENIED,
    "source": "avm-take-stack",
    "service": "dynamodb",
    "operation": "TransactWriteItems",
}
NOT_TOLD = {
    **_DENIED,
    "source": "avm-NotifyProvisioning*",
    "service": "servicecatalog",
    "operation": "NotifyProvisionProductEngineWorkflowResult",
}


def product(world: World, name: str) -> list[Journey]:
    """Let a launch become a request, and one that is refused none; ask for a change and for the end of the account.

    What could not be accepted, and what could not be told, is sent back.
    """
    catalog: Any = world.machine.application_client("servicecatalog")
    world.arm([NOT_ACCEPTED, NOT_TOLD])
    journey = world.journey(name, door="service-catalog")
    journey.body["name"] = name
    world.post(journey)
    _tolerate(journey, catalog.describe_provisioning_parameters, **PRODUCT)
    again(world, journey)  # accepted now, and not told
    world.disarm()
    again(world, journey)
    bad = {field: journey.body[field] for field in ("owner", "purpose")}
    launch(catalog, journey.body["type"], f"{name}-bad", cost_center="nobody", **bad)
    again(world, journey)
    _tolerate(journey, catalog.update_provisioned_product, ProvisionedProductName=name)
    world.settle()
    _tolerate(journey, catalog.terminate_provisioned_product, ProvisionedProductName=name)
    again(world, journey)
    return [journey]


def stack(world: World, name: str) -> list[Journey]:
    """Let the stack of a product become a request, and one that is refused none; ask for a change and for the end.

    What could not be accepted is a dead letter.
    """
    catalog: Any = world.machine.application_client("servicecatalog")
    journey = world.journey(name, door="stack")
    journey.body["name"] = name
    world.arm([STACK_NOT_ACCEPTED])
    launch_stack(world.client, journey.body["type"], f"{name}-lost", **stack_answers(journey, world.catalog))
    world.settle()
    world.disarm()
    launch_stack(
        world.client, journey.body["type"], f"{name}-bad", **stack_answers(journey, world.catalog), Tags="a=1,a=2"
    )
    world.post(journey)
    world.settle()
    world.look(journey)
    changed = [{"Key": "Purpose", "Value": "another"}]
    _tolerate(journey, catalog.update_provisioned_product, ProvisionedProductName=name, ProvisioningParameters=changed)
    world.settle()
    _tolerate(journey, catalog.terminate_provisioned_product, ProvisionedProductName=name)
    world.settle()
    return [journey]


def again(world: World, journey: Journey) -> None:
    """Send back what is a dead letter of Service Catalog's."""
    world.settle()
    for letter in world.machine.call("GET", "/dead-letters").json().get("items", []):
        if any(queue in letter["queue"] for queue in ("OutcomeQueue", "ServiceCatalogExternal")):
            world.machine.call("POST", f"/dead-letters/{letter['id']}/replay")
    world.settle()
    world.look(journey)


def _tolerate(journey: Journey, call: Any, **parameters: Any) -> None:
    """Make a call; what is refused is kept with the request."""
    try:
        call(**parameters)
    except ClientError as error:
        journey.refusals.append(str(error))
