"""Where the processes of functions come from: forks of a process that has imported already what most of them import.

A cold start is computing, three quarters of it imports of boto3, pydantic and Powertools: done once for all functions
with the same layers, not once for each process. What runs in a zygote: ``zygote_process.py``.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import os
import signal
import socket
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from avm_emulator.functions import zygote_process

PRELOADED = (
    *("avm.aws.*", "avm.contracts.*", "avm.controls.*", "avm.domain.*", "avm.foundation.*", "avm.steps.*"),
    "avm.runtime.settings",
    "aws_lambda_powertools.metrics",
    "boto3.dynamodb.types",
    "http.client",
    "pydantic.alias_generators",
    "pydantic.functional_serializers",
    "pydantic.json_schema",
    "pydantic.main",
    "pydantic.types",
    "yaml",
    "zoneinfo",
)
"""What functions import, the application's own code first, where their layers have it.

``.*``: all modules of a package.
"""
SERVICES = (
    *("accessanalyzer", "account", "budgets", "cloudformation", "cloudtrail", "config", "dynamodb", "ec2", "events"),
    *("guardduty", "iam", "identitystore", "kms", "organizations", "s3", "s3control", "securityhub", "servicecatalog"),
    *("sqs", "sso-admin", "stepfunctions", "sts"),
)
"""What functions have clients of, by botocore's names."""
COMMON_VARIABLES = ("AWS_EXECUTION_ENV", "AWS_LAMBDA_INITIALIZATION_TYPE", "HOME", "LANG", "PATH", "PYTHONPATH", "TZ")
"""Variables that are the same for all functions with the same layers; a zygote has no others."""


@dataclass
class Process:
    """A process of a function, first of a group of its own."""

    pid: int
    exit: asyncio.Future[int]
    """Done when it has ended: its exit status, or the negative number of the signal."""


@dataclass
class _Fork:
    began: asyncio.Future[Process]
    exit: asyncio.Future[int]


class Zygote:
    """One zygote; use it inside the pool's event loop only."""

    def __init__(self, control: socket.socket, process: asyncio.subprocess.Process) -> None:
        """Take the socket to a process that runs."""
        self._control = control
        self._process = process
        self._forks: dict[int, _Fork] = {}
        self._numbers = itertools.count(1)
        asyncio.get_running_loop().add_reader(control, self._read)

    @classmethod
    async def start(cls, python: Path, variables: Mapping[str, str], modules: Sequence[str]) -> Zygote:
        """Start the process; it answers when it has imported ``modules`` and read what AWS's services are like."""
        here, there = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        here.settimeout(0)
        with there:
            process = await asyncio.create_subprocess_exec(
                # -B: code and layers are read-only on Lambda, so no bytecode is written there.
                *(str(python), "-B", "-P", zygote_process.__file__, str(there.fileno())),
                *(",".join(modules), ",".join(SERVICES)),
                cwd="/",
                env=variables,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.DEVNULL,
                pass_fds=(there.fileno(),),
                start_new_session=True,  # no Ctrl-C of a terminal
            )
        return cls(here, process)

    @property
    def alive(self) -> bool:
        """Whether it can fork."""
        return self._process.returncode is None and self._control.fileno() >= 0

    async def fork(self, handler: str, directory: Path, environment: Mapping[str, str], output: int) -> Process:
        """Return a new process of the runtime client, which writes to ``output``; raise OSError when there is none."""
        loop, number = asyncio.get_running_loop(), next(self._numbers)
        fork = self._forks[number] = _Fork(loop.create_future(), loop.create_future())
        message = {"number": number, "handler": handler, "directory": str(directory), "environment": environment}
        try:
            socket.send_fds(self._control, [json.dumps(message).encode()], [output])
        except ConnectionError:
            self._lost()
        return await fork.began

    async def close(self) -> None:
        """End it and all processes that it has forked."""
        self._lost()
        await self._process.wait()

    def _read(self) -> None:
        while True:
            try:
                text = self._control.recv(zygote_process.LONGEST_MESSAGE)
            except BlockingIOError:
                return
            except ConnectionError:
                text = b""
            if not text:
                self._lost()
                return
            message = json.loads(text)
            fork = self._forks[message["number"]]
            if "status" in message:
                self._ended(message["number"], message["status"])
            elif not fork.began.done():  # the pool closes, else
                fork.began.set_result(Process(message["pid"], fork.exit))

    def _ended(self, number: int, status: int) -> None:
        fork = self._forks.pop(number)
        if not fork.began.done():
            fork.began.set_exception(ProcessLookupError("the process ended before it began"))
        fork.exit.set_result(status)

    def _lost(self) -> None:
        """Close the socket; then the process ends with all that it has forked."""
        if self._control.fileno() >= 0:
            asyncio.get_running_loop().remove_reader(self._control)
            self._control.close()
        for number in list(self._forks):
            self._ended(number, -signal.SIGKILL)


class Zygotes:
    """The zygotes of one pool, one for each set of layers; use it inside the pool's event loop only."""

    def __init__(self, python: Path, modules: Sequence[str]) -> None:
        """Take the interpreter of the managed runtime, and what the zygotes import."""
        self._python = python
        self._modules = modules
        self._zygotes: dict[object, Zygote] = {}
        self._starting = asyncio.Lock()

    async def fork(self, handler: str, directory: Path, environment: Mapping[str, str], output: int) -> Process:
        """Return a new process of the runtime client, in its own group, as a new interpreter would be.

        Args:
            handler: ``module.function``.
            directory: where it runs.
            environment: all variables that it sees.
            output: descriptor that it writes to.

        Raises:
            OSError: there can be no such process.
        """
        variables = {name: environment[name] for name in COMMON_VARIABLES if name in environment}
        try:
            return await (await self._zygote(variables)).fork(handler, directory, environment, output)
        except ProcessLookupError:  # somebody has killed it meanwhile
            return await (await self._zygote(variables)).fork(handler, directory, environment, output)

    async def _zygote(self, variables: Mapping[str, str]) -> Zygote:
        layers = filter(None, variables.get("PYTHONPATH", "").split(os.pathsep))
        key = (*variables.items(), *(_changed(Path(layer)) for layer in layers))
        async with self._starting:
            zygote = self._zygotes.get(key)
            if zygote is None or not zygote.alive:
                zygote = self._zygotes[key] = await Zygote.start(self._python, variables, self._modules)
            return zygote

    async def close(self) -> None:
        """End all of them, with all that they have forked."""
        for zygote in self._zygotes.values():
            await zygote.close()


def _changed(layer: Path) -> int:
    """Return when a folder of the layers was changed: a new build of it is another one."""
    try:
        return layer.stat().st_mtime_ns
    except FileNotFoundError:
        return 0
