"""``POST /_emulator/console``: what AWS offers in its console only, so that no API call can do it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from moto.iam.models import iam_backends
from moto.utilities.utils import get_partition
from werkzeug.exceptions import BadRequest

from avm_emulator.identity_center.instances import enable_identity_center

if TYPE_CHECKING:
    from werkzeug import Request

    from avm_emulator.context import Emulator


class Console:
    """What has to be clicked."""

    def __init__(self, emulator: Emulator) -> None:
        """Serve ``emulator``."""
        self._emulator = emulator

    def post(self, request: Request) -> dict[str, Any]:
        """Do what ``{"action": ...}`` names; raises BadRequest where it makes no sense, now or at all."""
        try:
            body = json.loads(request.get_data())
        except ValueError as error:
            raise BadRequest(f"the body is not JSON: {error}") from error
        for name, act in _ACTIONS.items():
            if body == {"action": name}:
                try:
                    return {**body, **act(self._emulator)}
                except ValueError as error:
                    raise BadRequest(str(error)) from error
        known = " or ".join(f'{{"action": "{name}"}}' for name in _ACTIONS)
        raise BadRequest(f"send {known}: all else has an API; not {json.dumps(body)}")


def assign_root_mfa(emulator: Emulator) -> None:
    """Give the root user of the management account a second factor; which device that is nobody asks."""
    backend = iam_backends[emulator.management_account_id][get_partition(emulator.region)]
    backend.account_summary._account_mfa_enabled = 1


def _enable_identity_center(emulator: Emulator) -> dict[str, Any]:
    instance = enable_identity_center(emulator)
    return {"instance_arn": instance.arn, "identity_store_id": instance.identity_store_id}


def _assign_root_mfa(emulator: Emulator) -> dict[str, Any]:
    assign_root_mfa(emulator)
    return {"account_id": emulator.management_account_id}


_ACTIONS = {"assign-root-mfa": _assign_root_mfa, "enable-identity-center": _enable_identity_center}
