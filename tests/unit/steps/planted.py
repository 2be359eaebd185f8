"""Controls of a test's own, and how they get into an account's type."""

from collections.abc import Callable, Mapping
from typing import ClassVar

import pytest

from avm.controls.control import Control, Duty, Plane, Reach, Scope, Target
from avm.domain.errors import VendingError
from avm.domain.finding import Change, Finding, Verdict
from avm.domain.foundation import FoundationPart
from avm.domain.remediation import Mode
from avm.steps.targets import Aim

Event = tuple[str, str | None, str | None]
"""What was asked of a control, in which Region, following which operation."""


class Planted(Control):
    """A control whose looks answer what they are told to, in order; the last answer stays."""

    promise = "What the test says."
    plane: ClassVar[Plane] = "member"
    duty: ClassVar[Duty] = "harden_account"

    def __init__(
        self,
        name: str,
        *looks: Verdict | VendingError,
        changes: tuple[Change, ...] | VendingError = (),
        scope: Scope = "account",
        duty: Duty = "harden_account",
        needs: tuple[str, ...] = (),
        foundation: tuple[FoundationPart, ...] = (),
        blocks_ready: bool = True,
        mode: Mode = "enforce",
    ) -> None:
        self.name = name  # type: ignore[misc]  # a class of its own for each would say the same
        self.scope = scope  # type: ignore[misc]
        self.duty = duty  # type: ignore[misc]
        self.needs = needs  # type: ignore[misc]
        self.foundation = foundation  # type: ignore[misc]
        self.blocks_ready = blocks_ready  # type: ignore[misc]
        self.mode = mode  # type: ignore[misc]
        self._looks = list(looks)
        self._changes = changes
        self.events: list[Event] = []

    def observe(self, target: Target, _: Reach) -> Finding:
        self.events.append(("observe", target.region, target.operation_id))
        look = self._looks.pop(0) if len(self._looks) > 1 else self._looks[0]
        if isinstance(look, VendingError):
            raise look
        return self.finding(target, look, GetThing=look)

    def enforce(self, target: Target, _: Reach) -> list[Change]:
        self.events.append(("enforce", target.region, target.operation_id))
        if isinstance(self._changes, VendingError):
            raise self._changes
        return list(self._changes)


Plant = Callable[..., None]


@pytest.fixture
def plant(monkeypatch: pytest.MonkeyPatch) -> Plant:
    """Return what makes controls those of every account type."""

    def put(*controls: Control) -> None:
        named: Mapping[str, Control] = {control.name: control for control in controls}
        monkeypatch.setattr(Aim, "controls", property(lambda _: named))

    return put
