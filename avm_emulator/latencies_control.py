"""``/_emulator/latencies``."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from werkzeug.exceptions import BadRequest

if TYPE_CHECKING:
    from werkzeug import Request

    from avm_emulator.latencies import Latencies


class LatenciesControl:
    """Shows, changes and resets the latencies."""

    def __init__(self, latencies: Latencies) -> None:
        """Serve ``latencies``."""
        self._latencies = latencies

    def get(self, _request: Request) -> dict[str, Any]:
        """Return ``{"seed", "latencies": {operation: {"seconds", "source"}}}``."""
        return {"seed": self._latencies.seed, "latencies": self._latencies.table()}

    def put(self, request: Request) -> dict[str, Any]:
        """Change the named ones: ``{operation: seconds or [least, most]}``; ``?seed=N``.

        Raises:
            BadRequest: something makes no sense; nothing has changed.
        """
        seed = request.args.get("seed")
        try:
            figures = json.loads(request.get_data())
            if not isinstance(figures, dict):
                raise BadRequest("send an object: operation -> AWS-seconds, or [least, most]")
            self._latencies.change(figures, None if seed is None else int(seed))
        except ValueError as error:
            raise BadRequest(str(error)) from error
        return self.get(request)

    def delete(self, request: Request) -> dict[str, Any]:
        """Return to the documented figures."""
        self._latencies.reset()
        return self.get(request)
