"""One running emulator: what it consists of, in which order it starts, how it ends."""

from __future__ import annotations

import gc
import importlib
import logging
import os
import shutil
import tempfile
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Self

from werkzeug import Response
from werkzeug.middleware.dispatcher import DispatcherMiddleware

from avm_emulator import moto_clock, moto_state
from avm_emulator.boundary import Boundary
from avm_emulator.calls import CallLog
from avm_emulator.clients import Clients
from avm_emulator.clock import Clock, Speed
from avm_emulator.context import BARE_ACCOUNTS_QUOTA, DEFAULT_ACCOUNTS_QUOTA, MANAGEMENT_ACCOUNT_ID, Emulator
from avm_emulator.control import Control
from avm_emulator.server import Server
from avm_emulator.tracing import waiter_of

if TYPE_CHECKING:
    from types import TracebackType

    from _typeshed.wsgi import StartResponse, WSGIEnvironment

log = logging.getLogger(__name__)

HOST = "127.0.0.1"
"""Loopback only: the emulator verifies little of what it is asked."""

PARTS = (
    "avm_emulator.workflows",  # first: moto binds the names that it repairs when its interpreter is imported
    "avm_emulator.moto_speed",
    "avm_emulator.managed_policies",
    "avm_emulator.service_linked_roles",
    "avm_emulator.default_vpcs",
    "avm_emulator.ebs_encryption",
    "avm_emulator.kms_signatures",
    "avm_emulator.ec2_defaults",
    "avm_emulator.flow_logs",
    "avm_emulator.iam_accounts",
    "avm_emulator.alternate_contacts",
    "avm_emulator.object_lock",
    "avm_emulator.bucket_owners",
    "avm_emulator.config",
    "avm_emulator.organizations",
    "avm_emulator.account_names",
    "avm_emulator.identity_center",
    "avm_emulator.guardduty",
    "avm_emulator.security_hub",
    "avm_emulator.root_access",
    "avm_emulator.access_analyzer",
    "avm_emulator.budgets",
    "avm_emulator.cost_explorer",
    "avm_emulator.service_quotas",
    "avm_emulator.cloudformation",
    "avm_emulator.service_catalog",
    "avm_emulator.functions",
    "avm_emulator.delivery",
    "avm_emulator.cloudtrail",  # before what refuses, loses or delays calls
    "avm_emulator.front",
    "avm_emulator.authorization",
    "avm_emulator.readiness",  # in front of authorization: a new account refuses in its own words
    "avm_emulator.rates",
    "avm_emulator.faults",  # around all that the other parts do with a call
)
"""Modules with ``install(emulator)``, in order."""

_CONTROL = "/_emulator"

_PATIENCE = 2.0
"""Real seconds for what runs when the emulator stops."""

_MOTO_SETTINGS = {
    "MOTO_EC2_LOAD_DEFAULT_AMIS": "false",  # 99 ms for each new account and Region (facts, section 7)
}

_GARBAGE = (20_000, 10, 10)
"""When the collector looks for garbage. As Python has it (700 instead of 20,000) it takes a fifth of all computing: it
looks through a million objects that stay, AWS's models most of all, again and again."""


@dataclass(frozen=True)
class Options:
    """How to start; the fields are the options of ``avm local up``, and what tests of single parts leave out."""

    port: int = 0
    """0: any free port."""
    speed: Speed = 1.0
    region: str = "eu-west-1"
    bare: bool = False
    """Leave the management account without an organization."""
    one_account: bool = False
    """Put the application into the management account, not into an account of its own; so it is when bare."""
    accounts_quota: int | None = None
    """None: 5,000, or 10 when bare."""
    random_seed: int = 0
    """Of what is left to chance: the same seed, the same AWS-seconds."""
    foundation: bool = True
    """Lay the foundation, too: its log archive, trail, security account, guardrails, permission sets."""
    prepare: bool = True
    """Do what stands before the application: the operator's role, the organization, its identity store."""
    deploy: bool = True
    """Deploy the application."""
    parts: Sequence[str] = field(default=PARTS)


class RunningEmulator:
    """An emulator that answers; use it as a context manager or ``stop`` it."""

    def __init__(self, emulator: Emulator, server: Server) -> None:
        """Take what ``start`` has started."""
        self.emulator = emulator
        self._server = server

    @property
    def endpoint_url(self) -> str:
        """Return where the AWS APIs answer."""
        return self.emulator.endpoint_url

    @property
    def api_url(self) -> str | None:
        """Return where the application's API answers, without ``/v1``; None when nothing is deployed."""
        return self.emulator.api_url

    def stop(self) -> None:
        """End what the parts have started (function processes), close sockets, forget moto's state and the files."""
        emulator = self.emulator
        emulator.clock.hold(held=True)  # nothing new becomes due
        for action in reversed(emulator.on_stop):
            try:
                action()
            except Exception:
                log.exception("a part of the emulator did not stop: %s", action)
        # what still runs ends now that its functions are gone; later it would find moto without our classes
        deadline = time.monotonic() + _PATIENCE
        while emulator.clock.active and time.monotonic() < deadline:
            time.sleep(0.01)
        self._server.stop()
        emulator.clock.close()
        moto_clock.release()
        moto_state.forget()
        shutil.rmtree(emulator.work_dir, ignore_errors=True)

    def __enter__(self) -> Self:
        """Return self."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Stop."""
        self.stop()


def start(options: Options) -> RunningEmulator:
    """Start an emulator and return it when it is ready.

    moto's state belongs to the process, so that there is one emulator at a time in each.

    Raises:
        OSError: the port is taken.
        DeployError: the application cannot be deployed.
    """
    with _uncollected():
        return _start(options)


@contextmanager
def _uncollected() -> Iterator[None]:
    """Hold the collection of garbage: what a start makes stays, and each look through it costs a fifth of a second."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def _start(options: Options) -> RunningEmulator:
    os.environ.update(_MOTO_SETTINGS)
    gc.set_threshold(*_GARBAGE)
    application = _Application()
    server = Server(HOST, options.port, application)
    clock = Clock(options.speed)
    moto_clock.install(clock)
    emulator = Emulator(
        clock=clock,
        host=HOST,
        port=server.port,
        region=options.region,
        work_dir=Path(tempfile.mkdtemp(prefix="avm-emulator-")),
        clients=Clients(f"http://{HOST}:{server.port}", options.region, MANAGEMENT_ACCOUNT_ID, clock),
        calls=CallLog(),
        bare=options.bare,
        accounts_quota=options.accounts_quota or (BARE_ACCOUNTS_QUOTA if options.bare else DEFAULT_ACCOUNTS_QUOTA),
        random_seed=options.random_seed,
    )
    clock.idle = emulator.stuck
    emulator.latencies.change({}, options.random_seed)
    os.environ["MOTO_PORT"] = str(server.port)  # moto's own clients
    emulator.boundary = Boundary(emulator)
    running = RunningEmulator(emulator, server)
    try:
        for part in options.parts:
            importlib.import_module(part).install(emulator)
        control = Control(emulator)
        application.serve(control, emulator)
        server.start()
        if options.prepare:
            importlib.import_module("avm_emulator.preparation").prepare(
                emulator, one_account=options.one_account, foundation=options.foundation
            )
        if options.deploy:
            importlib.import_module("avm_emulator.application").deploy_application(emulator)
        control.ready = True
    except BaseException:
        running.stop()
        raise
    return running


class _Application:
    """The WSGI application: control, what parts have mounted, everything else to AWS."""

    def serve(self, control: Control, emulator: Emulator) -> None:
        """Bind what is served; call it before the server starts."""

        def aws(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
            return emulator.boundary.respond(environ)(environ, start_response)

        self._clock = emulator.clock
        self._control = control
        self._mounts = emulator.mounts
        self._mounted = DispatcherMiddleware(aws, self._mounts)

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if environ["PATH_INFO"].startswith(f"{_CONTROL}/"):
            return self._control(environ, start_response)
        waiter = waiter_of(environ, self._clock)
        # Who looks at a request twice a second, with nineteen others, must not keep the clock from jumping.
        onlooker = waiter is None and environ["REQUEST_METHOD"] == "GET" and self._is_mounted(environ["PATH_INFO"])
        with self._clock.compute.measured("requests"), self._clock.activity(waiter, onlooker=onlooker):
            response = Response.from_app(self._mounted, environ, buffered=True)
        return response(environ, start_response)

    def _is_mounted(self, path: str) -> bool:
        return any(path.startswith(f"{prefix}/") for prefix in self._mounts)
