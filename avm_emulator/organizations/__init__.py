"""AWS Organizations as its documentation describes it, in place of moto's.

moto's Organizations succeeds at once and forbids nothing (facts of the probe: ``docs/emulator.md``). Here creation and
closure take time and can fail, e-mails are unique, limits hold, members are not the management account.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import moto.organizations.urls
from moto.organizations.models import organizations_backends

from avm_emulator.organizations.creation import plan_failure
from avm_emulator.organizations.front import OrganizationsFront
from avm_emulator.organizations.state import Organization, organization_of

if TYPE_CHECKING:
    from avm_emulator.context import Emulator

__all__ = ["Organization", "install", "organization_of", "plan_failure"]


def install(emulator: Emulator) -> None:
    """Serve Organizations from here; call it before the first request, since moto reads its URLs once."""
    Organization.emulator = emulator
    organizations_backends.clear()
    organizations_backends.master_accounts.clear()
    organizations_backends.backend = Organization
    moto.organizations.urls.url_paths["{0}/$"] = OrganizationsFront.dispatch
