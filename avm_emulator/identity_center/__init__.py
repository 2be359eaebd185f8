"""IAM Identity Center and its identity store as their documentation describes them, on moto's.

moto gives every account an instance in every Region, assigns at once whatever is named, and makes no roles. Here there
is one instance, enabled by hand as in the console; assignments take time, can fail, and leave a role in the account.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import moto.identitystore.urls
import moto.ssoadmin.models
import moto.ssoadmin.urls
from moto.identitystore.models import identitystore_backends
from moto.ssoadmin.models import ssoadmin_backends

from avm_emulator.identity_center import roles
from avm_emulator.identity_center.console import Console
from avm_emulator.identity_center.front import IdentityCenterFront
from avm_emulator.identity_center.identity_store import IdentityStore, IdentityStoreFront
from avm_emulator.identity_center.instances import enable_identity_center
from avm_emulator.identity_center.portal import IdentityPortal, sign_in
from avm_emulator.identity_center.state import IdentityCenter, Instance, center_of

if TYPE_CHECKING:
    from avm_emulator.context import Emulator

__all__ = ["IdentityCenter", "Instance", "center_of", "enable_identity_center", "install", "sign_in"]


def install(emulator: Emulator) -> None:
    """Serve Identity Center from here; call it after ``organizations`` and before the first request."""
    IdentityCenter.emulator = emulator
    ssoadmin_backends.clear()
    ssoadmin_backends.backend = IdentityCenter
    identitystore_backends.clear()
    identitystore_backends.backend = IdentityStore
    # AWS managed and customer managed ones together (aws-semantics 2: limits); moto: 20.
    moto.ssoadmin.models.MAX_MANAGED_POLICIES_PER_PERMISSION_SET = 25
    moto.ssoadmin.urls.url_paths["{0}/$"] = IdentityCenterFront.dispatch
    moto.identitystore.urls.url_paths["{0}/$"] = IdentityStoreFront.dispatch
    emulator.boundary.interceptors += [roles.protect, IdentityPortal(emulator).answer]
    emulator.controls["console"] = Console(emulator)
