"""``/_emulator/faults``."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from werkzeug.exceptions import BadRequest

from avm_emulator.control_errors import RefusedError
from avm_emulator.faults.rules import InvalidRulesError, parse

if TYPE_CHECKING:
    from werkzeug import Request

    from avm_emulator.context import Emulator
    from avm_emulator.faults.injector import Faults


class FaultsControl:
    """Sets, shows and clears the rules."""

    def __init__(self, faults: Faults, emulator: Emulator) -> None:
        """``emulator`` has the clock and the seed of rules without one."""
        self._faults = faults
        self._emulator = emulator

    def get(self, _request: Request) -> dict[str, Any]:
        """Return ``{"seed", "rules"}``, each rule with ``matched`` and ``fired``."""
        return self._faults.describe()

    def put(self, request: Request) -> dict[str, Any]:
        """Set rules in place of those before: a list, or ``{"seed", "rules"}``; ``?seed=N``.

        Raises:
            RefusedError: rules make no sense; those before stay in force.
        """
        seed = request.args.get("seed")
        try:
            document = json.loads(request.get_data())
            rules = parse(document, self._emulator.clock.now(), None if seed is None else int(seed))
        except InvalidRulesError as error:
            raise RefusedError(str(error), problems=[vars(problem) for problem in error.problems]) from error
        except ValueError as error:
            raise BadRequest(f"the body is not JSON, or the seed no whole number: {error}") from error
        self._faults.arm(rules)
        return self._faults.describe()

    def delete(self, _request: Request) -> dict[str, Any]:
        """Clear all rules."""
        self._faults.disarm()
        return self._faults.describe()
