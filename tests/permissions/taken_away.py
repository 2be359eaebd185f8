"""Takes an action from a role of the running machine, by IAM's own API, and puts it back."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from avm.domain.trust import VENDING_PATH
from avm_emulator.boundary import Call
from tests.faults.world import World
from tests.permissions.granted import Roles, principal_of
from tests.permissions.recording import VENDING

Documents = Mapping[str, Mapping[str, Any]]
_MOMENTS: Mapping[str, Callable[[Call], bool]] = {
    # the vend looks in it whether it can be used
    "avm-enforce": lambda call: str(call.parameters.get("RoleArn")).endswith("/avm-enforce"),
    # before the account is released the vend looks in it at what was promised
    "avm-observe": lambda call: call.source.startswith("avm-AcquireAccessSlot"),
}
"""When the action is taken from a role that the vend makes."""


@contextmanager
def taken_away(world: World, principal: str, action: str) -> Iterator[None]:
    """Let a principal be without an action in the block; from a role that the vend makes it is taken only then.

    The vend puts back what its own roles lack: nobody else has to.
    """
    roles = Roles(world)
    if principal in VENDING:
        with _once_it_is_made(world, roles, principal, action):
            yield
        return
    arn = next(arn for arn in roles.own() if principal_of(arn) == principal)
    before = roles.inline(arn)
    _put(roles, arn, without(before, action))
    try:
        yield
    finally:
        _put(roles, arn, before)


@contextmanager
def _once_it_is_made(world: World, roles: Roles, name: str, action: str) -> Iterator[None]:
    """Take the action away as soon as the vend has made the role, and before it is used."""
    interceptors = world.emulator.boundary.interceptors
    taken: list[str] = []

    def look(call: Call) -> None:
        if not taken and _MOMENTS[name](call):
            taken.append(call.source)
            arn = f"arn:aws:iam::{_newest_account(world)}:role{VENDING_PATH}{name}"
            _put(roles, arn, without(roles.inline(arn), action))

    interceptors.insert(0, look)
    try:
        yield
    finally:
        interceptors.remove(look)


def _newest_account(world: World) -> str:
    pages = world.client("organizations").get_paginator("list_accounts").paginate()
    accounts = [account for page in pages for account in page["Accounts"]]
    return str(max(accounts, key=lambda account: account["JoinedTimestamp"])["Id"])


def _put(roles: Roles, arn: str, documents: Documents) -> None:
    iam, name = roles.iam(arn.split(":")[4]), arn.rpartition("/")[2]
    for policy, document in documents.items():
        if document["Statement"]:
            iam.put_role_policy(RoleName=name, PolicyName=policy, PolicyDocument=json.dumps(document))
        else:
            iam.delete_role_policy(RoleName=name, PolicyName=policy)


def without(documents: Documents, action: str) -> dict[str, dict[str, Any]]:
    """Return policies without an action; a statement that grants nothing else is gone."""
    return {
        name: {**document, "Statement": list(_statements_without(document, action))}
        for name, document in documents.items()
    }


def _statements_without(document: Mapping[str, Any], action: str) -> Iterator[dict[str, Any]]:
    for statement in document["Statement"]:
        actions = statement["Action"] if isinstance(statement["Action"], list) else [statement["Action"]]
        left = [each for each in actions if each != action]
        if left:
            yield {**statement, "Action": left}
