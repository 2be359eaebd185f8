"""Policies of the organization on the path of an account: what SCPs and RCPs it is under."""

from __future__ import annotations

import threading
from typing import Any

from avm.domain.policy import Policy, PolicyKind, policy
from avm_emulator.organizations.state import Account, Organization, Root, organization_of

Levels = tuple[tuple[Policy, ...], ...]
_KINDS = {"SERVICE_CONTROL_POLICY": PolicyKind.SCP, "RESOURCE_CONTROL_POLICY": PolicyKind.RCP}


class Guardrails:
    """Remembers the levels of each account until something in an organization changes."""

    def __init__(self) -> None:
        """Begin without any."""
        self._levels: dict[tuple[str, str], Levels] = {}
        self._lock = threading.Lock()

    def forget(self) -> None:
        """Look again: policies, OUs or accounts have changed."""
        with self._lock:
            self._levels = {}

    def of(self, account_id: str, policy_type: str) -> Levels:
        """Return the policies of a type from the root down to an account; none where the type is not enabled."""
        key = (account_id, policy_type)
        found = self._levels.get(key)
        if found is None:
            levels = self._levels
            found = levels_of(account_id, policy_type)
            with self._lock:
                # Forgotten meanwhile: what was read may be the state before
                if levels is self._levels:
                    self._levels[key] = found
        return found


def levels_of(account_id: str, policy_type: str) -> Levels:
    """Return what ``Guardrails.of`` remembers."""
    organization = organization_of(account_id)
    if organization is None or not organization.root.enabled(policy_type):
        return ()
    with Organization.lock:
        node: Any = next((each for each in organization.members() if each.id == account_id), None)
        path: list[Any] = []
        while isinstance(node, Account) or (node is not None and not isinstance(node, Root)):
            path.insert(0, node)
            node = organization.parent(str(node.parent_id))
        return tuple(_attached(each, policy_type) for each in ([organization.root, *path] if path else ()))


def _attached(node: Any, policy_type: str) -> tuple[Policy, ...]:
    kind = _KINDS[policy_type]
    found = [each for each in node.attached_policies if each.type == policy_type]
    return tuple(policy(each.content, kind, each.name) for each in found)
