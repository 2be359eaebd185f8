"""What principals have needed: each request to IAM that policies have allowed while somebody looked."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from avm.aws.broker import USES
from avm.domain.policy import Request
from avm_emulator.boundary import Call
from avm_emulator.policy.actions import actions_of
from tests.faults.world import World


@dataclass(frozen=True)
class Need:
    """One action on one resource that one principal has needed."""

    role_arn: str
    use: str | None
    """What a session in the broker role was for (``avm.aws.broker``)."""
    action: str
    resource: str
    dependent: bool
    """Whether AWS asks for it beside the action of the call itself."""
    source: str
    """The function that has made the call, in whatever role; or the client."""
    keys: frozenset[str]
    """Which condition keys the request had."""
    request: Request = field(compare=False, repr=False)


class Observer:
    """Keeps what is needed, and in which scenario it was needed first."""

    def __init__(self) -> None:
        """Begin without any."""
        self.scenario = ""
        self.needs: dict[Need, list[str]] = {}
        """Need -> the scenarios that have shown it."""

    def tell(self, call: Call, request: Request) -> None:
        """Keep a request of a role session (``Emulator.on_allowed``)."""
        role_arn = call.principal.role_arn
        if role_arn is None:
            return
        (resource,) = request.resources
        need = Need(
            role_arn=role_arn,
            use=use_of(str(call.principal.session_name)) if role_arn.endswith(":role/avm/avm-broker") else None,
            action=request.action,
            resource=resource,
            dependent=_is_dependent(call, request.action),
            source=call.source,
            keys=frozenset(request.context),
            request=request,
        )
        shown = self.needs.setdefault(need, [])
        if self.scenario not in shown:
            shown.append(self.scenario)

    @contextmanager
    def looking(self, world: World, scenario: str) -> Iterator[None]:
        """Keep what is needed in the block, as a scenario's."""
        self.scenario = scenario
        world.emulator.on_allowed.append(self.tell)
        try:
            yield
        finally:
            world.emulator.on_allowed.remove(self.tell)


def use_of(session_name: str) -> str:
    """Return which use of the broker a session is for: its name begins with it."""
    return max((use.name for use in USES if session_name.startswith(f"avm-{use.name}")), key=len)


def _is_dependent(call: Call, action: str) -> bool:
    """Say whether an action is asked for beside the call's own; a transaction's own are those of its items."""
    return action not in actions_of(call.service, call.operation) and call.service != "dynamodb"
