"""Brings an organization to where ``avm local up`` hands it over: by documented commands, and by the foundation itself.

What people do by hand (docs/deploy.md) is done by public AWS calls; all that ``avm foundation apply`` does is done by
the foundation's own controls. Nothing here knows what a foundation looks like.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from avm.catalog import load_catalog
from avm_emulator.preparation.by_hand import create_application_account, create_operator_role, fill_identity_center
from avm_emulator.preparation.foundation import bring_on_foundation

if TYPE_CHECKING:
    from avm_emulator.context import Emulator

CATALOG = Path(__file__).parents[2] / "layers" / "catalog" / "catalog"


def prepare(emulator: Emulator, *, one_account: bool = False, foundation: bool = True) -> None:
    """Prepare the management account and, unless it shall be bare, its organization and Identity Center.

    Unless ``one_account``, an account of its own is made for the application. Without ``foundation`` the rest is left
    to an apply.

    Raises:
        CatalogInvalid: the catalog has problems; it names them all.
    """
    create_operator_role(emulator)
    if emulator.bare:
        return
    catalog = load_catalog(CATALOG)
    emulator.clients.client("organizations").create_organization(FeatureSet="ALL")
    fill_identity_center(emulator)
    bring_on_foundation(emulator, catalog, "organizational-units")
    if not one_account:
        create_application_account(emulator)
    if foundation:
        bring_on_foundation(emulator, catalog)


def collect_configuration(emulator: Emulator) -> None:
    """Let the security account collect the configuration of all accounts, once the role for it is there."""
    bring_on_foundation(emulator, load_catalog(CATALOG), "config-aggregator")
