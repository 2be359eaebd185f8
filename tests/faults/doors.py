"""The doors by which a request comes in beside the API, as their clients use them: again where AWS fails."""

from __future__ import annotations

import contextlib
import json
import time
from collections.abc import Callable, Mapping
from typing import Any

import requests
from botocore.exceptions import BotoCoreError, ClientError

from tests.end_to_end.conftest import Machine
from tests.payloads import SECRET, request_item, timed

Clients = Callable[[str], Any]

TRIES = 4
"""How often a client posts or sends what AWS, or the API, fails to answer."""
TICKETS = "servicenow"
"""The ticketing system that asks."""
VERSION = "v1"
"""Of a product."""


def insistently(call: Callable[..., Any], **parameters: Any) -> Any:
    """Call AWS, again where it fails; raises what it says at last."""
    for _ in range(TRIES - 1):
        with contextlib.suppress(BotoCoreError, ClientError):
            return call(**parameters)
    return call(**parameters)


def send_message(sqs: Any, queue_url: str, body: str) -> None:
    """Send a request as a message."""
    insistently(sqs.send_message, QueueUrl=queue_url, MessageBody=body)


def put_event(events: Any, bus_arn: str, detail: str) -> None:
    """Put an event ``AccountRequested`` on the application's bus."""
    entry = {"EventBusName": bus_arn, "Source": "proof", "DetailType": "AccountRequested", "Detail": detail}
    insistently(events.put_events, Entries=[entry])


def post_ticket(machine: Machine, secrets: Any, number: str, **variables: str) -> requests.Response:
    """Post the ticket of a number, signed, as ServiceNow does; return the last answer."""
    _share_secret(secrets)
    body = json.dumps(request_item(number, **variables)).encode()
    for _ in range(TRIES):
        headers = timed(body, SECRET, int(time.time()))
        answer = machine.http.post(f"{machine.base}/webhooks/{TICKETS}", data=body, headers=headers, timeout=60)
        if answer.status_code < requests.codes.server_error:
            break
    return answer


def launch(catalog: Any, product: str, name: str, **parameters: str) -> str:
    """Launch a product of Service Catalog; return the id of the record, which is that of the request."""
    return _provision(catalog, product, name, {"name": name, **parameters}, token=name)


def launch_stack(clients: Clients, account_type: str, name: str, again: str | None = None, **parameters: str) -> str:
    """Launch a product whose stack asks; return the id of the request, which is made of the stack's.

    ``clients``: makes clients of the application's account; ``again``: what was launched under the name and has failed.
    """
    catalog = clients("servicecatalog")
    _provision(catalog, f"{account_type} account", name, {"Name": name, **parameters}, token=again or name)
    product = insistently(catalog.describe_provisioned_product, Name=name)["ProvisionedProductDetail"]
    account = product["Arn"].split(":")[4]
    (stack,) = insistently(clients("cloudformation").describe_stacks, StackName=f"SC-{account}-{product['Id']}")[
        "Stacks"
    ]
    return f"stack-{stack['StackId'].rpartition('/')[2]}"


def clear_away(catalog: Any, name: str) -> str | None:
    """Terminate what has failed under a name, as its launcher does, and return its id; None where nothing has."""
    try:
        product = catalog.describe_provisioned_product(Name=name)["ProvisionedProductDetail"]
    except catalog.exceptions.ResourceNotFoundException:
        return None
    if product["Status"] != "ERROR":
        return None
    catalog.terminate_provisioned_product(ProvisionedProductId=product["Id"])
    return str(product["Id"])


def _provision(catalog: Any, product: str, name: str, parameters: Mapping[str, str], *, token: str) -> str:
    record = insistently(
        catalog.provision_product,
        ProductName=product,
        ProvisioningArtifactName=VERSION,
        ProvisionedProductName=name,
        ProvisionToken=token,  # again, it is the same launch
        ProvisioningParameters=[{"Key": key, "Value": value} for key, value in parameters.items()],
    )
    return str(record["RecordDetail"]["RecordId"])


def _share_secret(secrets: Any) -> None:
    """Let the machine know by which secret the ticketing system signs."""
    name = f"avm/webhooks/{TICKETS}"
    with contextlib.suppress(secrets.exceptions.ResourceExistsException):
        insistently(secrets.create_secret, Name=name, SecretString=SECRET)
