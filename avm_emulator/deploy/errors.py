"""Why a template could not be deployed."""

from __future__ import annotations

from collections.abc import Iterable

from avm_emulator.errors import EmulatorError


class DeployError(EmulatorError):
    """The deployment stopped."""


class TemplateError(DeployError):
    """The template, its parameters or its artefacts are wrong; nothing has been created.

    ``problems`` names everything that is wrong, one sentence each.
    """

    def __init__(self, template: str, problems: Iterable[str]) -> None:
        """``template``: what the problems are about, usually a path."""
        self.problems = list(problems)
        super().__init__(f"{template} cannot be deployed:\n" + "\n".join(f"- {problem}" for problem in self.problems))


class ResourceError(DeployError):
    """AWS (here: the emulator) refused to create a resource; what was created before it stays for inspection."""

    def __init__(self, logical_id: str, resource_type: str, cause: Exception) -> None:
        """``cause``: the error of the call, which names operation, code and request id."""
        self.logical_id = logical_id
        request_id = getattr(cause, "response", {}).get("ResponseMetadata", {}).get("RequestId", "none")
        super().__init__(f"{logical_id} ({resource_type}) was not created: {cause} [request id {request_id}]")
