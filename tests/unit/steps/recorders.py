"""Who notes what the steps ask of Step Functions and tell the bus."""

from collections.abc import Callable, Mapping
from typing import Any

from avm.aws.step_functions import ControlRuns, Workflows
from avm.domain.naming import execution_name


class Executions(Workflows):
    """Executions by name, and the answers that were given to task tokens."""

    def __init__(self) -> None:
        self.statuses: dict[str, str] = {}
        self.started: list[str] = []
        self.endings: dict[str, tuple[str, str]] = {}
        self.stopped: list[tuple[str, str]] = []
        self.answers: list[tuple[str, dict[str, Any]]] = []

    def start_vend(self, request_id: str, attempt: int) -> None:
        name = execution_name(request_id, attempt)
        if name not in self.statuses:
            self.started.append(name)
            self.statuses[name] = "RUNNING"

    def answer(self, token: str, output: Mapping[str, Any]) -> None:
        self.answers.append((token, dict(output)))

    def stop(self, request_id: str, attempt: int, *, code: str, cause: str) -> None:
        name = execution_name(request_id, attempt)
        if self.statuses.get(name) == "RUNNING":
            self.stopped.append((name, code))
            self.statuses[name] = "ABORTED"

    def running(self) -> set[str]:
        return {name for name, status in self.statuses.items() if status == "RUNNING"}

    def status(self, request_id: str, attempt: int) -> str | None:
        return self.statuses.get(execution_name(request_id, attempt))

    def ending(self, request_id: str, attempt: int) -> tuple[str, str]:
        return self.endings.get(execution_name(request_id, attempt), ("", ""))

    def place(self, request_id: str, attempt: int) -> str:
        return "AwaitReadiness"

    def last_failure(self, request_id: str, attempt: int, state: str) -> None:
        """Nothing has failed."""

    def history(self, request_id: str, attempt: int) -> list[dict[str, Any]] | None:
        return None

    def answered(self) -> list[str]:
        """Return the tokens that were answered, in order."""
        return [token for token, _ in self.answers]


class Published:
    """The events that were published: detail-type and details."""

    def __init__(self, publish: Callable[..., None]) -> None:
        self._publish = publish
        self.events: list[tuple[str, Mapping[str, Any]]] = []

    def __call__(self, detail_type: str, **arguments: Any) -> None:
        self._publish(detail_type, **arguments)
        self.events.append((detail_type, arguments.get("details", {})))

    def types(self) -> list[str]:
        """Return the detail-types, in order."""
        return [detail_type for detail_type, _ in self.events]


class Runs(ControlRuns):
    """Runs by name, with what they were started with."""

    def __init__(self) -> None:
        self.begun: dict[str, Mapping[str, Any]] = {}

    def begin(self, name: str, document: Mapping[str, Any]) -> bool:
        if name in self.begun:
            return self.begun[name] == document
        self.begun[name] = document
        return True

    def status(self, name: str) -> str | None:
        return "RUNNING" if name in self.begun else None
