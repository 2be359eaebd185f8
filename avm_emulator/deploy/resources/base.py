"""How a resource type is declared: the properties that it knows and the calls that create it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from avm_emulator.deploy.resolver import ResolveError
from avm_emulator.deploy.shapes import Spec
from avm_emulator.deploy.stack import Stack


class New:
    """One resource to be created; it knows which of its properties nobody has asked for."""

    def __init__(self, stack: Stack, logical_id: str, properties: Mapping[str, Any]) -> None:
        """``properties``: resolved, no functions in them."""
        self.stack = stack
        self.logical_id = logical_id
        self._properties = properties
        self._unused = set(properties)

    @property
    def unused(self) -> list[str]:
        """Return the properties that have not been read."""
        return sorted(self._unused)

    def __contains__(self, name: str) -> bool:
        """Say whether a property is given."""
        return name in self._properties

    def __getitem__(self, name: str) -> Any:
        """Return a property that the type requires."""
        if name not in self._properties:
            raise ResolveError(f"it needs the property {name}")
        return self.get(name)

    def get(self, name: str, default: Any = None) -> Any:
        """Return a property."""
        self._unused.discard(name)
        return self._properties.get(name, default)

    def only(self, *names: str) -> dict[str, Any]:
        """Return those of the named properties that are given."""
        return {name: self.get(name) for name in names if name in self}

    def without(self, *names: str) -> dict[str, Any]:
        """Return the properties but the named ones."""
        return self.only(*(name for name in self._properties if name not in names))

    def name(self, property_name: str, longest: int = 255, *, lower: bool = False, with_stack: bool = True) -> str:
        """Return the given name, or one as CloudFormation makes it."""
        made = self.stack.physical_name(self.logical_id, longest, lower=lower, with_stack=with_stack)
        return str(self.get(property_name) or made)

    def tags(self) -> dict[str, str]:
        """Return the resource's tags by key."""
        return self.stack.tags(self.logical_id, self.get("Tags"))

    def tag_list(self, key: str = "Key", value: str = "Value") -> list[dict[str, str]]:
        """Return the resource's tags as a list of pairs."""
        return [{key: name, value: content} for name, content in self.tags().items()]

    def call(self, service: str, operation: str, **parameters: Any) -> Any:
        """Call an API operation; see ``Stack.call``."""
        return self.stack.call(service, operation, **parameters)


@dataclass(frozen=True)
class Created:
    """A resource that exists."""

    physical_id: str
    """What ``Ref`` returns."""
    attributes: Mapping[str, Any] = field(default_factory=dict)
    """What ``Fn::GetAtt`` returns, by attribute."""
    names: tuple[str, ...] = ()
    """Further names and ARNs that calls may use for it."""


@dataclass(frozen=True)
class ResourceType:
    """A type that can be deployed."""

    name: str
    properties: Mapping[str, Spec]
    own: bool
    """Calls on such a resource are calls on the application's own resources."""
    create: Callable[[New], Created]


TYPES: dict[str, ResourceType] = {}


Create = Callable[[New], Created]


def resource(name: str, *plain: str, **nested: Spec) -> Callable[[Create], Create]:
    """Declare a resource type; ``plain`` properties may hold anything, ``nested`` ones what their Spec says."""
    return _declare(name, {**dict.fromkeys(plain), **nested}, own=False)


def own_resource(name: str, *plain: str, **nested: Spec) -> Callable[[Create], Create]:
    """Declare a resource type, calls on which are calls on the application's own resources."""
    return _declare(name, {**dict.fromkeys(plain), **nested}, own=True)


def _declare(name: str, properties: Mapping[str, Spec], *, own: bool) -> Callable[[Create], Create]:
    def declare(create: Create) -> Create:
        TYPES[name] = ResourceType(name, properties, own, create)
        return create

    return declare


def fields(*plain: str, **nested: Spec) -> Mapping[str, Spec]:
    """Return the Spec of an object (or list of objects) with these fields."""
    return {**dict.fromkeys(plain), **nested}
