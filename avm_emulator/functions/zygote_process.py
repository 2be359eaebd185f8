"""The program of a zygote: it imports what many functions import, and then forks one environment after another.

The interpreter of the managed runtime runs it as a script, ``python -B -P zygote_process.py SOCKET MODULES SERVICES``
(both lists with commas), with the layers in ``PYTHONPATH``; nothing of the emulator is imported here. ``SOCKET`` is the
number of an inherited socket that keeps messages apart, each JSON:

- in: ``{"number", "handler", "directory", "environment"}``, with the descriptor that the process writes its output to;
- out: ``{"number", "pid"}`` from the process that has begun, and ``{"number", "status"}`` when it has ended, by
  ``os.waitstatus_to_exitcode``.

When the socket is closed at the other end, all of them end. One thread, which does nothing else: a fork is safe.
"""

from __future__ import annotations

import functools
import gc
import http.client
import importlib
import importlib.util
import json
import os
import pkgutil
import runpy
import select
import signal
import socket
import sys
import time
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any, SupportsIndex

_really_sleep = time.sleep
LONGEST_MESSAGE = 1 << 17
_CONFIGURES_PYTHON = ("LANG", "LC_", "LD_", "PYTHON", "TZ")
"""Beginnings of the names of variables that the interpreter and the C library read when a process starts."""


class _Environ(os._Environ):  # type: ignore[type-arg]
    """``os.environ`` that notes what is asked of it."""

    asked: set[str] = set()  # noqa: RUF012  of the one environment of a process

    def __getitem__(self, name: str) -> Any:
        self.asked.add(name)
        return super().__getitem__(name)


class Zygote:
    """What has been imported, and what the imports depended on."""

    def __init__(self, modules: Iterable[str], services: Iterable[str]) -> None:
        """Import those of the modules that can be found here, and what they import; read the services' models."""
        layers = os.environ.get("PYTHONPATH", "").split(os.pathsep)
        self._path = [entry for entry in sys.path if entry not in layers]
        before = set(sys.modules)
        plain = os.environ.__class__
        os.environ.__class__ = _Environ
        for module in modules:
            if importlib.util.find_spec(module.partition(".")[0]):
                _import(module)
        os.environ.__class__ = plain
        if "botocore" in sys.modules:
            _read_models(services)
            _make_methods(services)
            _share_names()
        self._imported = {name.partition(".")[0] for name in set(sys.modules) - before}
        given = Path("/proc/self/environ").read_text().split("\0")
        self._variables = dict(entry.split("=", 1) for entry in given if entry)
        self._own = {name: value for name, value in os.environ.items() if name not in self._variables}
        """What the interpreter itself adds: LC_CTYPE, where LANG names no locale of this machine (PEP 538)."""
        gc.collect()
        gc.freeze()  # else the first collection in each process copies all pages

    def serve(self, control: socket.socket) -> dict[str, Any]:
        """Fork whenever asked to; return in the new process only, with the message that asked for it."""
        poller = select.poll()
        poller.register(control, select.POLLIN)
        processes: dict[int, tuple[int, int]] = {}  # pidfd -> pid, number
        while True:
            for descriptor, _ in poller.poll():
                if descriptor == control.fileno():
                    text, files = _received(control)
                    if not text:
                        _end(pid for pid, _ in processes.values())
                    message: dict[str, Any] = json.loads(text)
                    pid = os.fork()
                    if pid == 0:
                        _separate(control, files[0], message["number"])
                        return message
                    os.close(files[0])
                    pidfd = os.pidfd_open(pid)
                    processes[pidfd] = pid, message["number"]
                    poller.register(pidfd, select.POLLIN)
                else:
                    poller.unregister(descriptor)
                    os.close(descriptor)
                    pid, number = processes.pop(descriptor)
                    _, status = os.waitpid(pid, 0)
                    ended = {"number": number, "status": os.waitstatus_to_exitcode(status)}
                    with suppress(BrokenPipeError):  # nobody listens any more: the next message says so
                        control.send(json.dumps(ended).encode())

    def become(self, handler: str, directory: str, environment: dict[str, str]) -> None:
        """Be the runtime client of a function, as if nothing had been before; return when it ends."""
        os.chdir(directory)
        if not self._serves(directory, environment):
            os.execve(sys.executable, [sys.executable, "-B", "-P", __file__, handler], environment)  # noqa: S606
        os.environ.clear()
        os.environ.update(self._own | environment)
        layers = environment.get("PYTHONPATH", "").split(os.pathsep)
        sys.path[:] = [os.getcwd(), *filter(None, layers), *self._path]  # noqa: PTH109
        _run(handler)

    def _serves(self, directory: str, environment: dict[str, str]) -> bool:
        """Say whether a new process would have imported the same, in the same way."""
        names = {name for name in {*self._variables, *environment} if name.startswith(_CONFIGURES_PYTHON)}
        if any(self._variables.get(name) != environment.get(name) for name in names | _Environ.asked):
            return False
        return self._imported.isdisjoint(name.partition(".")[0] for name in os.listdir(directory))  # noqa: PTH208


def _import(name: str) -> None:
    """Import a module, or all those of a package where its name ends with ``.*``."""
    package, star, _ = name.partition(".*")
    module = importlib.import_module(package)
    if star:
        for each in pkgutil.iter_modules(module.__path__):
            importlib.import_module(f"{package}.{each.name}")


def _run(handler: str) -> None:
    """Be AWS's runtime client for a handler, with the emulator's time to sleep in."""
    time.sleep = _sleep
    sys.argv[:] = ["awslambdaric", handler]
    runpy.run_module("awslambdaric", run_name="__main__", alter_sys=True)


def _sleep(seconds: float | SupportsIndex, /) -> None:
    """Wait for AWS-seconds where an invocation is served, as on Lambda; else for real ones.

    An SDK waits so before it calls again: what it waits for (request rates, a lock of a service) passes in AWS's time.
    """
    connection = http.client.HTTPConnection(os.environ["AWS_LAMBDA_RUNTIME_API"])
    connection.request("POST", "/2018-06-01/runtime/sleep", str(seconds))
    if connection.getresponse().status != http.client.ACCEPTED:
        _really_sleep(seconds)
    connection.close()


def _read_models(services: Iterable[str]) -> None:
    """Let botocore read each of its files once for all environments: that is two thirds of what a client costs."""
    loaders = importlib.import_module("botocore.loaders")
    read = loaders.JSONFileLoader.load_file
    files: dict[str, Any] = {}

    def load_file(self: object, file_path: str) -> Any:
        if file_path not in files:
            files[file_path] = read(self, file_path)
        return files[file_path]

    loaders.JSONFileLoader.load_file = load_file
    loader = loaders.create_loader()
    for name in ("_retry", "endpoints", "partitions", "sdk-default-configuration"):
        loader.load_data(name)
    for service in services:
        with suppress(loaders.DataNotFoundError):  # this version of botocore does not know it
            loader.load_service_model(service, "service-2")
            loader.load_service_model(service, "endpoint-rule-set-1")


def _make_methods(services: Iterable[str]) -> None:
    """Let botocore make the methods of a service's clients once for all environments: they are the same for all.

    What is called, and where, they ask the client for.
    """
    client, loaders = importlib.import_module("botocore.client"), importlib.import_module("botocore.loaders")
    model, hooks = importlib.import_module("botocore.model"), importlib.import_module("botocore.hooks")
    make = client.ClientCreator._create_methods
    made: dict[str, dict[str, Any]] = {}

    def create_methods(self: object, service_model: Any) -> dict[str, Any]:
        name = service_model.service_name
        if name not in made:
            made[name] = make(self, service_model)
        return dict(made[name])

    client.ClientCreator._create_methods = create_methods
    loader = loaders.create_loader()
    creator = client.ClientCreator(loader, None, None, hooks.HierarchicalEmitter(), None, None)
    for service in services:
        with suppress(loaders.DataNotFoundError):
            create_methods(creator, model.ServiceModel(loader.load_service_model(service, "service-2"), service))


def _share_names() -> None:
    """Let botocore work out once what its events and the parts of its user agent are called."""
    hooks: Any = importlib.import_module("botocore.hooks")
    useragent: Any = importlib.import_module("botocore.useragent")
    create = hooks.EventAliaser.__init__
    names: dict[str, str] = {}

    def create_with_names(self: Any, *arguments: Any, **others: Any) -> None:
        create(self, *arguments, **others)
        self._alias_name_cache = names

    hooks.EventAliaser.__init__ = create_with_names
    importlib.import_module("botocore.session").Session()  # registers most of the events
    clean = useragent.sanitize_user_agent_string_component
    useragent.sanitize_user_agent_string_component = functools.cache(clean)


def _received(control: socket.socket) -> tuple[bytes, list[int]]:
    """Return a message with its files; an empty one where the socket is closed, in whatever way."""
    try:
        text, files, _, _ = socket.recv_fds(control, LONGEST_MESSAGE, 1)
    except ConnectionResetError:  # what was sent last was never read
        return b"", []
    return text, files


def _separate(control: socket.socket, output: int, number: int) -> None:
    """Leave the zygote's group, files and socket."""
    os.setsid()
    os.dup2(output, 1)
    os.dup2(output, 2)
    control.send(json.dumps({"number": number, "pid": os.getpid()}).encode())
    control.detach()
    os.closerange(3, os.sysconf("SC_OPEN_MAX"))


def _end(pids: Iterable[int]) -> None:
    """End these processes with their children, and this one."""
    for pid in pids:
        with suppress(ProcessLookupError):  # it has not left this group yet
            os.killpg(pid, signal.SIGKILL)
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
    os._exit(0)


def main() -> None:
    """Serve until the socket closes; be the runtime client at once where only a handler is named."""
    if len(sys.argv) == 2:  # noqa: PLR2004
        sys.path.insert(0, os.getcwd())  # noqa: PTH109
        _run(sys.argv[1])
        return
    number, modules, services = sys.argv[1:]
    zygote = Zygote(modules.split(","), services.split(","))
    message = zygote.serve(socket.socket(fileno=int(number)))
    zygote.become(message["handler"], message["directory"], message["environment"])


if __name__ == "__main__":
    main()
