"""``POST /_emulator/console``: what AWS offers in its console only, so that no API call can do it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from werkzeug.exceptions import BadRequest

from avm_emulator.identity_center.instances import enable_identity_center

if TYPE_CHECKING:
    from werkzeug import Request

    from avm_emulator.context import Emulator

_ENABLE = "enable-identity-center"


class Console:
    """The one thing that has to be clicked: an organization instance of Identity Center."""

    def __init__(self, emulator: Emulator) -> None:
        """Serve ``emulator``."""
        self._emulator = emulator

    def post(self, request: Request) -> dict[str, Any]:
        """Do what ``{"action": ...}`` names; raises BadRequest where it makes no sense, now or at all."""
        try:
            body = json.loads(request.get_data())
        except ValueError as error:
            raise BadRequest(f"the body is not JSON: {error}") from error
        if body != {"action": _ENABLE}:
            raise BadRequest(f'send {{"action": "{_ENABLE}"}}: all else has an API; not {json.dumps(body)}')
        try:
            instance = enable_identity_center(self._emulator)
        except ValueError as error:
            raise BadRequest(str(error)) from error
        return {"action": _ENABLE, "instance_arn": instance.arn, "identity_store_id": instance.identity_store_id}
