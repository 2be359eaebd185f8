"""The identity store of the instance; moto answers for any store id, and each account from a store of its own."""

from __future__ import annotations

from types import ModuleType
from typing import Any

import moto.identitystore.urls
from moto.identitystore.models import IdentityStoreBackend, identitystore_backends
from moto.identitystore.responses import IdentityStoreResponse

from avm_emulator.errors import AwsError
from avm_emulator.identity_center.state import center_of


class IdentityStore(IdentityStoreBackend):
    """The stores of one owner in one Region."""

    @property
    def _url_module(self) -> ModuleType:
        # moto derives its URL module from the name of the backend's own module.
        return moto.identitystore.urls

    def create_user(self, *values: Any) -> tuple[str, str]:
        """Create a user; moto's GetUserId fails at one who has no list of e-mails."""
        emails = 6  # the position of Emails among moto's arguments
        return super().create_user(*values[:emails], values[emails] or [], *values[emails + 1 :])


class IdentityStoreFront(IdentityStoreResponse):
    """Answers the calls from the store of the instance that the caller sees."""

    @property
    def identitystore_backend(self) -> IdentityStore:
        """Return the stores of the owner; raise ResourceNotFoundException for a store that there is not."""
        center = center_of(self.current_account, self.region)
        wanted = self._get_param("IdentityStoreId")
        if all(instance.identity_store_id != wanted for instance in center.instances):
            message = f"IDENTITY_STORE {wanted} not found."
            raise AwsError("ResourceNotFoundException", message, ResourceType="IDENTITY_STORE")
        return identitystore_backends[center.account_id][self.region]
