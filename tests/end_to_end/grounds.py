"""An organization in which nothing is yet, with the application in its management account."""

from collections.abc import Iterator
from contextlib import contextmanager

from avm_emulator.application import deploy_application
from avm_emulator.engine import Options, start
from avm_emulator.preparation.by_hand import GROUPS
from tests.end_to_end.conftest import Machine, hasten

SOON = {
    "ce:DiscoverTagKey": 0,
    "config:DeleteOrganizationConformancePack": 0,
    "config:PutOrganizationConformancePack": 0,
}
"""What takes AWS hours, or a day, and what no vend and no apply waits for."""


@contextmanager
def bare_machine() -> Iterator[Machine]:
    """Run the application where the documented commands have brought it, before anybody applies the foundation."""
    with start(Options(speed="max", bare=True, accounts_quota=50, deploy=False)) as running:
        hasten(running.emulator)
        running.emulator.clients.client("organizations").create_organization(FeatureSet="ALL")
        deploy_application(running.emulator)
        yield Machine(running)


def enable_identity_center(machine: Machine) -> None:
    """Do what people do in the console, and give the identity store its groups."""
    url = f"{machine.emulator.endpoint_url}/_emulator/console"
    for action in ("enable-identity-center", "assign-root-mfa"):
        machine.http.post(url, json={"action": action}, timeout=60).raise_for_status()
    store = machine.client("identitystore")
    instance = machine.client("sso-admin").list_instances()["Instances"][0]
    for group in GROUPS:
        store.create_group(IdentityStoreId=instance["IdentityStoreId"], DisplayName=group)
