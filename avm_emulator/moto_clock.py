"""moto's time: every timestamp that moto makes comes from the emulator's clock.

moto calls ``datetime.now``, ``utcnow`` and ``time.time`` in 155 modules, most of them imported by the first call to
their service. So the names ``datetime``, ``date``, ``time`` in each ``moto.*`` module are replaced right after the
module has run. Nothing outside moto is touched: signatures and the ``Date`` header stay on real time, and so do the
expiry times of credentials (``moto.sts``), which SDKs compare with the machine's clock.
"""

from __future__ import annotations

import datetime as dt
import functools
import importlib.abc
import sys
import threading
import time as real_time
from collections.abc import Callable, Sequence
from importlib.machinery import ModuleSpec, PathFinder
from types import ModuleType
from typing import Any

import moto.sqs.models as sqs

from avm_emulator.clock import Clock
from avm_emulator.clock_threads import ClockCondition

_wait_for_messages = sqs.Queue.wait_for_messages
_REAL_TIME = frozenset({"moto.sts.models"})


def install(clock: Clock) -> None:
    """Put moto, as far as it is loaded and what is loaded later, on ``clock``; the last call wins."""
    _OnClock.source = clock.now
    if not any(isinstance(finder, _Finder) for finder in sys.meta_path):
        sys.meta_path.insert(0, _Finder())
        for name, module in list(sys.modules.items()):
            if name.startswith("moto."):
                _rebind(module)
    _long_polls_on(clock)


def release() -> None:
    """Give moto real time back, for what the process does when its emulator has stopped."""
    _OnClock.source = real_time.time
    sqs.Condition = threading.Condition
    sqs.Queue.wait_for_messages = _wait_for_messages


class _OnClock:
    """Where moto's time comes from."""

    source: Callable[[], float] = real_time.time

    @classmethod
    def now(cls) -> float:
        return cls.source()


class _InstancesOf(type):
    """Lets ``isinstance(value, datetime)`` in moto's modules know the real class's instances."""

    def __instancecheck__(cls, instance: object) -> bool:
        return isinstance(instance, cls.__mro__[1])


class _Datetime(dt.datetime, metaclass=_InstancesOf):
    """``datetime.datetime`` whose present is the clock's; it makes instances of the real class only."""

    def __new__(cls, *args: Any, **kwargs: Any) -> Any:
        return dt.datetime(*args, **kwargs)  # noqa: DTZ001  as moto asks for it

    @classmethod
    def now(cls, tz: dt.tzinfo | None = None) -> Any:
        return dt.datetime.fromtimestamp(_OnClock.now(), tz)

    @classmethod
    def utcnow(cls) -> Any:
        return dt.datetime.fromtimestamp(_OnClock.now(), dt.UTC).replace(tzinfo=None)

    @classmethod
    def today(cls) -> Any:
        return cls.now()


class _Date(dt.date, metaclass=_InstancesOf):
    """``datetime.date`` whose today is the clock's."""

    def __new__(cls, *args: Any, **kwargs: Any) -> Any:
        return dt.date(*args, **kwargs)

    @classmethod
    def today(cls) -> Any:
        return _Datetime.now().date()


class _ModuleOnClock:
    """A module of which some names are replaced."""

    def __init__(self, module: ModuleType, **replaced: Any) -> None:
        self._module = module
        vars(self).update(replaced)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._module, name)


def _struct_time(convert: Callable[[float], real_time.struct_time]) -> Callable[..., real_time.struct_time]:
    return lambda seconds=None: convert(_OnClock.now() if seconds is None else seconds)


_REPLACEMENTS: list[tuple[Any, Any]] = [
    (dt, _ModuleOnClock(dt, datetime=_Datetime, date=_Date)),
    (dt.datetime, _Datetime),
    (dt.date, _Date),
    (
        real_time,
        _ModuleOnClock(
            real_time,
            time=_OnClock.now,
            gmtime=_struct_time(real_time.gmtime),
            localtime=_struct_time(real_time.localtime),
        ),
    ),
    (real_time.time, _OnClock.now),
]


def _rebind(module: ModuleType) -> None:
    if module.__name__ in _REAL_TIME:
        vars(module)["utcnow"] = _real_utcnow
        return
    names = vars(module)
    for name, value in list(names.items()):
        for real, on_clock in _REPLACEMENTS:
            if value is real:
                names[name] = on_clock


def _real_utcnow() -> dt.datetime:
    return dt.datetime.now(dt.UTC).replace(tzinfo=None)


class _Finder(importlib.abc.MetaPathFinder):
    """Finds moto's modules as ever, and replaces the names of time in each when it has run."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if not fullname.startswith("moto."):
            return None
        spec = PathFinder.find_spec(fullname, path, target)
        if spec is not None and spec.loader is not None:
            run = spec.loader.exec_module

            def exec_module(module: ModuleType) -> None:
                run(module)
                _rebind(module)

            vars(spec.loader)["exec_module"] = exec_module
        return spec


def _long_polls_on(clock: Clock) -> None:
    """Let ReceiveMessage with WaitTimeSeconds wait on the clock; moto waits in real time."""

    def wait_for_messages(queue: Any, timeout: float) -> None:
        with queue._messages_lock as condition:
            condition.wait_for(lambda: queue.messages, timeout, kind="work")

    sqs.Condition = functools.partial(ClockCondition, clock)
    sqs.Queue.wait_for_messages = wait_for_messages
