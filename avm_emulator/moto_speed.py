"""What moto does slowly without need, found by profiling twenty vends at once: two thirds of the engine's computing.

Nothing here changes an answer.
"""

from __future__ import annotations

import copy
import functools
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

import moto.core.responses
import moto.dynamodb.models as dynamodb
from moto.core.serialize import AttributePickerContext, ResponseSerializer, XFormedAttributePicker
from moto.core.utils import MISSING, get_value
from moto.dynamodb.models import DynamoDBBackend
from moto.dynamodb.models.dynamo_type import DynamoType
from moto.dynamodb.models.table import Table

from avm_emulator.moto_classes import restore_on_stop

if TYPE_CHECKING:
    from avm_emulator.context import Emulator

_NAMES = "avm_possible_names"

_method_names = moto.core.responses.method_names_from_class
_get_value: Callable[..., Any] = ResponseSerializer.get_value
_transact_write_items: Callable[..., None] = DynamoDBBackend.transact_write_items
_transaction: ContextVar[Iterable[Mapping[str, Any]]] = ContextVar("transaction", default=())


def install(emulator: Emulator) -> None:
    """Make moto quicker until ``emulator`` stops."""
    restore_on_stop(emulator, ResponseSerializer, DynamoDBBackend)
    ResponseSerializer.get_value = _member
    DynamoDBBackend.transact_write_items = _transact
    dynamodb.copy = _CopyOfTables()
    emulator.on_stop.append(lambda: setattr(dynamodb, "copy", copy))
    # moto lists all methods of a service's class for each call; no part of the emulator adds one.
    moto.core.responses.method_names_from_class = functools.cache(_method_names)
    emulator.on_stop.append(lambda: setattr(moto.core.responses, "method_names_from_class", _method_names))


# -- answers -----------------------------------------------------------------------------------------------------------
def _member(serializer: Any, value: Any, key: str, shape: Any) -> Any:
    """Return a member of a result.

    moto looks for each under up to eight names, which it makes anew for every member of every item: 3.7 ms for one
    GetItem with twenty attributes. Of a plain dictionary they depend on the shape only, so they are kept with it.
    """
    picker = serializer._value_picker
    if type(value) is not dict or type(picker) is not XFormedAttributePicker or picker.response_transformers:
        return _get_value(serializer, value, key, shape)
    parent = vars(shape).get("parent")
    known_parent, names = vars(shape).get(_NAMES, (None, None))
    if names is None or known_parent is not parent:
        context = AttributePickerContext(value, key, shape, serializer.operation_model)
        names = tuple(dict.fromkeys(picker.get_possible_keys(context)))
        vars(shape)[_NAMES] = parent, names
    for name in names:
        found = value.get(name, MISSING) if "." not in name else get_value(value, name, MISSING)
        if found is not MISSING:
            return found
    return None


# -- transactions ------------------------------------------------------------------------------------------------------
def _transact(backend: DynamoDBBackend, transact_items: list[dict[str, Any]]) -> None:
    """Write items or none.

    moto copies the whole table, all items deeply, once for every item of the transaction, in case it has to go back.
    """
    with _in_transaction(transact_items):
        _transact_write_items(backend, transact_items)


@contextmanager
def _in_transaction(transact_items: list[dict[str, Any]]) -> Iterator[None]:
    token = _transaction.set(transact_items)
    try:
        yield
    finally:
        _transaction.reset(token)


class _CopyOfTables:
    """Stands in for the module ``copy`` in moto's DynamoDB."""

    copy = staticmethod(copy.copy)

    def deepcopy(self, value: Any) -> Any:
        """Return a deep copy; of a table in a transaction one that shares what the transaction cannot change."""
        # A shard of a stream refers to its table.
        shares = isinstance(value, Table) and value.stream_shard is None and _transaction.get()
        return _snapshot(value) if shares else copy.deepcopy(value)


def _snapshot(table: Any) -> Any:
    """Return the table as it is now: put and delete replace items, only update changes them where they are."""
    before = copy.copy(table)
    before.items = defaultdict(
        dict, {key: dict(items) if table.has_range_key else items for key, items in table.items.items()}
    )
    for action in _transaction.get():
        update = action.get("Update", {})
        if update.get("TableName") == table.name:
            _renew(table, update["Key"])
    return before


def _renew(table: Any, key: Mapping[str, Any]) -> None:
    """Put a copy of an item in its place, so that a change of it is none of the item as it was."""
    hash_key = DynamoType(key.get(table.hash_key_attr))
    items = table.items.get(hash_key)
    if items is not None and table.has_range_key:
        range_key = DynamoType(key.get(table.range_key_attr))
        if range_key in items:
            items[range_key] = copy.deepcopy(items[range_key])
    elif items is not None:
        table.items[hash_key] = copy.deepcopy(items)
