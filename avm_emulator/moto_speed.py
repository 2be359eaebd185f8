"""What moto does slowly without need, found by profiling twenty vends at once: two thirds of the engine's computing.

Nothing here changes an answer.
"""

from __future__ import annotations

import copy
import functools
import inspect
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

import moto.core.responses
import moto.dynamodb.models as dynamodb
from moto.core.common_models import BaseModel
from moto.core.serialize import AttributePickerContext, ResponseSerializer, XFormedAttributePicker
from moto.core.utils import MISSING, get_value
from moto.dynamodb.models import DynamoDBBackend
from moto.dynamodb.models.dynamo_type import DynamoType
from moto.dynamodb.models.table import Table
from moto.iam.models import IAMBackend
from moto.s3.models import FakeKey, FakeMultipart

from avm_emulator.moto_classes import restore_on_stop

if TYPE_CHECKING:
    from avm_emulator.context import Emulator

_NAMES = "avm_possible_names"

_method_names = moto.core.responses.method_names_from_class
_get_value: Callable[..., Any] = ResponseSerializer.get_value
_transact_write_items: Callable[..., None] = DynamoDBBackend.transact_write_items
_table_query: Callable[..., Any] = Table.query
_QUERY = inspect.signature(_table_query)
_table_all_items: Callable[..., list[Any]] = Table.all_items
_found: ContextVar[list[Any] | None] = ContextVar("found", default=None)
_transaction: ContextVar[Iterable[Mapping[str, Any]]] = ContextVar("transaction", default=())


def install(emulator: Emulator) -> None:
    """Make moto quicker until ``emulator`` stops."""
    restore_on_stop(emulator, BaseModel, ResponseSerializer, DynamoDBBackend, Table, IAMBackend)
    BaseModel.__new__ = _made
    IAMBackend.get_roles = _roles
    Table.query = _query
    Table.all_items = _all_items
    ResponseSerializer.get_value = _member
    DynamoDBBackend.transact_write_items = _transact
    dynamodb.copy = _CopyOfTables()
    emulator.on_stop.append(lambda: setattr(dynamodb, "copy", copy))
    # moto lists all methods of a service's class for each call; no part of the emulator adds one.
    moto.core.responses.method_names_from_class = functools.cache(_method_names)
    emulator.on_stop.append(lambda: setattr(moto.core.responses, "method_names_from_class", _method_names))


# -- models ------------------------------------------------------------------------------------------------------------
_LOOKED_FOR = (FakeKey, FakeMultipart)
"""Those of which moto looks for all that there ever were, to close their files."""


def _made(cls: Any, *_args: Any, **_kwargs: Any) -> Any:
    """Make a model.

    moto keeps all that were ever made for its dashboard: each copy of an item, and each copy of a table that a
    transaction has made. So the process grew by a table with each transaction, and garbage was looked for in all of it.
    """
    instance = super(BaseModel, cls).__new__(cls)
    if cls in _LOOKED_FOR:
        cls.instances_tracked.append(instance)
    return instance


def _roles(backend: Any) -> list[Any]:
    """Return the roles as they are now: moto goes through them while other threads make some (RuntimeError)."""
    return list(backend.roles.values())


# -- queries -----------------------------------------------------------------------------------------------------------
def _query(table: Any, hash_key: Any, *args: Any, **kwargs: Any) -> Any:
    """Query a table or an index.

    moto sorts all items of the table, of whatever partition, before it looks which are meant, and sorts those again.
    """
    index_name = _QUERY.bind(table, hash_key, *args, **kwargs).arguments.get("index_name")
    token = _found.set(list(_items(table)) if index_name else _partition(table, hash_key))
    try:
        return _table_query(table, hash_key, *args, **kwargs)
    finally:
        _found.reset(token)


def _all_items(table: Any) -> list[Any]:
    found = _found.get()
    return _table_all_items(table) if found is None else found


def _partition(table: Any, hash_key: Any) -> list[Any]:
    partition = table.items.get(hash_key)
    if partition is None:
        return []
    return list(partition.values()) if table.has_range_key else [partition]


def _items(table: Any) -> Iterator[Any]:
    for partition in list(table.items.values()):  # others write meanwhile
        yield from list(partition.values()) if table.has_range_key else (partition,)


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
