"""Stacks are created, updated and deleted; what fails is rolled back.

Source: CloudFormation user guide, "Stack failure options", "Update behaviors", "AWS::CloudFormation::CustomResource".
Resources come one after another, in the order of their dependencies.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from avm_emulator.authorization.services import role_may
from avm_emulator.cloudformation.custom_resources import CustomResources
from avm_emulator.cloudformation.state import Resource, Stack
from avm_emulator.cloudformation.templates import pseudo_parameters, refused, wanted
from avm_emulator.deploy.resolver import ResolveError
from avm_emulator.duplicates import copies
from avm_emulator.errors import AwsError

if TYPE_CHECKING:
    from avm_emulator.cloudformation.state import Wanted
    from avm_emulator.context import Emulator

Ended = Callable[[Stack], None]
"""Told when an operation on a stack has ended, rollback included."""


@dataclass(frozen=True)
class New:
    """A stack to be."""

    name: str
    template: str
    parameters: Mapping[str, str]
    role_arn: str
    """In which it is made."""
    tags: Mapping[str, str]


class Stacks:
    """All stacks; each operation raises AwsError where CloudFormation does not begin it, and goes on by itself then."""

    def __init__(self, emulator: Emulator) -> None:
        """Begin with none."""
        self._clock = emulator.clock
        self._resources = CustomResources(emulator)
        self._stacks: list[Stack] = []

    def find(self, account: str, region: str, name: str) -> Stack | None:
        """Return a stack by its id, or by its name as long as it is not deleted."""
        here = (each for each in self._stacks if (each.account, each.region) == (account, region))
        return next((each for each in here if each.id == name or (each.name == name and _is_there(each))), None)

    def create(self, place: tuple[str, str], new: New, ended: Ended) -> Stack:
        """Begin to create a stack; ``place``: account and Region."""
        account, region = place
        asked = wanted(new.template, new.parameters, pseudo_parameters(account, region, new.name))
        now, is_twice = self._clock.now(), copies() > 1
        stack = Stack(new.name, account, region, new.role_arn, new.tags, now, asked, duplicated=is_twice)
        self._demand(stack, "CreateStack")
        self._stacks.append(stack)
        stack.become("CREATE_IN_PROGRESS", now, "User Initiated")
        self._clock.submit(partial(self._create, stack, ended), name=f"stack {new.name}")
        return stack

    def update(self, stack: Stack, template: str, parameters: Mapping[str, str], ended: Ended) -> None:
        """Begin to change a stack."""
        asked = wanted(template, parameters, pseudo_parameters(stack.account, stack.region, stack.name))
        self._demand(stack, "UpdateStack")
        if not stack.status.endswith("_COMPLETE") or stack.status in {"ROLLBACK_COMPLETE", "DELETE_COMPLETE"}:
            raise refused(f"Stack:{stack.id} is in {stack.status} state and can not be updated.")
        if asked.parameters == stack.wanted.parameters and asked.resources == stack.wanted.resources:
            raise refused("No updates are to be performed.")
        stack.become("UPDATE_IN_PROGRESS", self._clock.now(), "User Initiated")
        self._clock.submit(partial(self._update, stack, asked, ended), name=f"stack {stack.name}")

    def delete(self, stack: Stack, ended: Ended) -> None:
        """Begin to delete a stack."""
        self._demand(stack, "DeleteStack")
        stack.become("DELETE_IN_PROGRESS", self._clock.now(), "User Initiated")
        self._clock.submit(partial(self._delete, stack, ended), name=f"stack {stack.name}")

    def _demand(self, stack: Stack, operation: str) -> None:
        asked = (f"cloudformation:{operation}", stack.id)
        if not role_may(stack.role_arn, "servicecatalog", stack.region, asked, {}):
            raise AwsError("AccessDenied", f"{stack.role_arn} is not authorized to perform: {asked[0]} on {stack.id}")

    # -- what goes on by itself ------------------------------------------------------------------------------------
    def _create(self, stack: Stack, ended: Ended) -> None:
        for logical_id, declared in stack.wanted.resources.items():
            resource = Resource(logical_id, declared["Type"], _properties(stack, stack.wanted, declared))
            stack.resources[logical_id] = resource
            if not self._step(stack, resource, "Create", resource.properties, None):
                stack.failure = self._reason(stack)
                sentence = f"The following resource(s) failed to create: [{logical_id}]. Rollback requested by user."
                stack.become("ROLLBACK_IN_PROGRESS", self._clock.now(), sentence)
                self._end(stack, "ROLLBACK", ended, is_clean=self._remove_all(stack))
                return
        stack.outputs = _outputs(stack, stack.wanted)
        stack.become("CREATE_COMPLETE", self._clock.now())
        ended(stack)

    def _update(self, stack: Stack, asked: Wanted, ended: Ended) -> None:
        changed: list[tuple[Resource, Mapping[str, Any]]] = []
        for logical_id, declared in asked.resources.items():
            resource, new = stack.resources[logical_id], _properties(stack, asked, declared)
            old, physical_id = resource.properties, resource.physical_id
            changed.append((resource, old))
            if not self._step(stack, resource, "Update", new, old):
                stack.failure = self._reason(stack)
                sentence = f"The following resource(s) failed to update: [{logical_id}]."
                stack.become("UPDATE_ROLLBACK_IN_PROGRESS", self._clock.now(), sentence)
                back = [self._step(stack, each, "Update", before, new) for each, before in reversed(changed)]
                self._end(stack, "UPDATE_ROLLBACK", ended, is_clean=all(back))
                return
            resource.properties = new
            if resource.physical_id != physical_id:
                self._step(stack, Resource(logical_id, resource.kind, old, physical_id), "Delete", old, None)
        stack.wanted, stack.outputs = asked, _outputs(stack, asked)
        stack.become("UPDATE_COMPLETE", self._clock.now())
        ended(stack)

    def _delete(self, stack: Stack, ended: Ended) -> None:
        self._end(stack, "DELETE", ended, is_clean=self._remove_all(stack))

    def _end(self, stack: Stack, what: str, ended: Ended, *, is_clean: bool) -> None:
        reason = None if is_clean else self._reason(stack)
        stack.become(f"{what}_{'COMPLETE' if is_clean else 'FAILED'}", self._clock.now(), reason)
        ended(stack)

    def _remove_all(self, stack: Stack) -> bool:
        """Delete all resources that there are, the last one first; say whether all are gone."""
        for logical_id, resource in reversed(list(stack.resources.items())):
            if not self._step(stack, resource, "Delete", resource.properties, None):
                return False
            del stack.resources[logical_id]
        return True

    def _step(
        self, stack: Stack, resource: Resource, kind: str, properties: Mapping[str, Any], old: Mapping[str, Any] | None
    ) -> bool:
        word = kind.upper()
        stack.note(self._clock.now(), resource, f"{word}_IN_PROGRESS")
        outcome = self._resources.ask(stack, resource, kind, properties, old)
        # CloudFormation names what nobody has named
        resource.physical_id = outcome.physical_id or resource.physical_id or f"{stack.name}-{uuid.uuid4().hex[:12]}"
        if outcome.reason is None:
            resource.attributes = outcome.attributes or {}
        status = f"{word}_{'COMPLETE' if outcome.reason is None else 'FAILED'}"
        stack.note(self._clock.now(), resource, status, outcome.reason)
        return outcome.reason is None

    @staticmethod
    def _reason(stack: Stack) -> str:
        return str(stack.events[-1].get("ResourceStatusReason", ""))


def _is_there(stack: Stack) -> bool:
    return stack.status != "DELETE_COMPLETE"


def _properties(stack: Stack, asked: Wanted, declared: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the properties of a resource as a function gets them: every scalar is text."""
    return dict(_texts(asked.resolver.resolve(declared["Properties"], partial(_lookup, stack))))


def _outputs(stack: Stack, asked: Wanted) -> dict[str, str]:
    return {name: asked.resolver.resolve(value, partial(_lookup, stack)) for name, value in asked.outputs.items()}


def _lookup(stack: Stack, logical_id: str, attribute: str | None) -> Any:
    resource = stack.resources[logical_id]
    if attribute is None:
        return resource.physical_id
    if attribute not in resource.attributes:
        message = f"CustomResource attribute error: Vendor response doesn't contain {attribute} attribute"
        raise ResolveError(message)
    return resource.attributes[attribute]


def _texts(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _texts(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_texts(each) for each in value]
    return str(value).lower() if isinstance(value, bool) else str(value)
