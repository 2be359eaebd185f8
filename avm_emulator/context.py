"""What every part of the emulator shares: where it listens, its clock, its clients, its record of calls."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from avm_emulator.latencies import Latencies
from avm_emulator.stuck import Stuck

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

    from avm.domain.policy import Request
    from avm_emulator.authorization.judge import Judge
    from avm_emulator.boundary import Boundary, Call
    from avm_emulator.calls import CallLog
    from avm_emulator.clients import Clients
    from avm_emulator.clock import Clock
    from avm_emulator.cloudformation.stacks import Stacks
    from avm_emulator.functions.service import Functions

MANAGEMENT_ACCOUNT_ID = "123456789012"
"""moto's default account; ``MOTO_ACCOUNT_ID`` must never be set: it collapses all accounts into one (facts, 9.1)."""

DEFAULT_ACCOUNTS_QUOTA = 5000
BARE_ACCOUNTS_QUOTA = 10
"""AWS's own default for a new organization (aws-semantics 1.2)."""


DEFAULT_REGIONS = frozenset(
    {
        *("ap-northeast-1", "ap-northeast-2", "ap-northeast-3", "ap-south-1", "ap-southeast-1", "ap-southeast-2"),
        *("ca-central-1", "eu-central-1", "eu-north-1", "eu-west-1", "eu-west-2", "eu-west-3", "sa-east-1"),
        *("us-east-1", "us-east-2", "us-west-1", "us-west-2"),
    }
)
"""Regions of the commercial partition that need no opt-in (Account Management guide, "Regions"); moto counts three
more."""


@dataclass
class Emulator:
    """The parts of one running emulator, handed to every ``install(emulator)``."""

    clock: Clock
    host: str
    port: int
    region: str
    work_dir: Path
    clients: Clients
    calls: CallLog
    management_account_id: str = MANAGEMENT_ACCOUNT_ID
    application_account_id: str = MANAGEMENT_ACCOUNT_ID
    """Where the application is deployed: an account of its own, unless it shall stand in the management account."""
    security_account_id: str | None = None
    """The delegated administrator of the security services; None while there is no organization."""
    latencies: Latencies = field(default_factory=Latencies)
    """How long AWS's asynchronous operations take."""
    stuck: Stuck = field(default_factory=Stuck)
    """Which executions are open, and which of them nothing will bring on."""
    account_regions: frozenset[str] = DEFAULT_REGIONS
    """Those that an account has without asking."""
    random_seed: int = 0
    """Of what is left to chance (JitterStrategy); the same seed, the same AWS-seconds."""
    own_resources: set[str] = field(default_factory=set)
    """ARNs (and names) of the application's own stack resources, filled by the deployer."""
    bare: bool = False
    """``--bare``: an account without an organization."""
    accounts_quota: int = DEFAULT_ACCOUNTS_QUOTA
    """How many accounts the organization may have."""
    on_decided: list[Callable[[Call, Request, bool], None]] = field(default_factory=list, repr=False)
    """Told of each request that policies have decided, and whether it is allowed: a call makes one for every action and
    resource that it needs."""
    boundary: Boundary = field(init=False, repr=False)
    """Every AWS call passes here; parts append to ``boundary.interceptors``."""
    judge: Judge = field(init=False)
    """Decides what principals may do; set by the part that authorizes."""
    stacks: Stacks = field(init=False)
    """CloudFormation's stacks of products; set by the part that runs them."""
    functions: Functions = field(init=False)
    """Lambda: runs functions, ends their processes; set by the part that runs functions."""
    function_sessions: dict[str, str] = field(default_factory=dict)
    """Access key of a session in a function's role, or of one that began with it -> function name, filled by the part
    that runs functions."""
    mounts: dict[str, WSGIApplication] = field(default_factory=dict)
    """Path prefix (``/_aws/execute-api``) -> WSGI application for what is no AWS API; SCRIPT_NAME holds the prefix."""
    controls: dict[str, Any] = field(default_factory=dict)
    """Name -> what answers ``/_emulator/NAME``: methods ``get``, ``put``, ``post``, ``delete`` that take a request of
    werkzeug's, return a JSON object and raise ``RefusedError`` or one of werkzeug's HTTP exceptions."""
    on_stop: list[Callable[[], None]] = field(default_factory=list)
    """Called in reverse order when the emulator stops: end processes, close sockets."""
    api_url: str | None = None
    """Where the application's API answers, without ``/v1``; set by the deployer."""

    @property
    def endpoint_url(self) -> str:
        """Return where the AWS APIs answer."""
        return f"http://{self.host}:{self.port}"
