"""boto3 clients of the emulator's own parts, against its own endpoint.

One Session, cached clients: a Session per call costs 280 ms (facts/local-emulator.md, section 7).
"""

from __future__ import annotations

import os
import threading
from typing import TYPE_CHECKING, Any

import boto3
import botocore.session
from botocore.config import Config

from avm_emulator import tracing
from avm_emulator.endpoints import ENDPOINT, S3_CONTROL_ENDPOINT, endpoint_variables

if TYPE_CHECKING:
    from avm_emulator.clock import Clock

ACCESS_KEY_ID = "AKIAEMULATOREXAMPLE0"
SECRET_ACCESS_KEY = "emulator"  # noqa: S105  of the emulator's own clients, on loopback
"""The emulator's own key: the root of the management account."""

_CONFIG = Config(
    retries={"total_max_attempts": 1, "mode": "standard"},
    connect_timeout=5,
    read_timeout=1000,
    max_pool_connections=64,
    parameter_validation=True,
)

_NOBODYS: Any = {
    "profile": (None, None, None, None),
    "config_file": (None, None, os.devnull, None),
    "credentials_file": (None, None, os.devnull, None),
}
"""Whoever starts the emulator may have AWS profiles and settings: they are not the emulator's."""


class Clients:
    """Hands out clients, as the management account's root or in a role of any account."""

    def __init__(self, endpoint_url: str, region: str, account_id: str, clock: Clock) -> None:
        """``account_id``: the account that clients without a role act in; ``clock``: their callers are on it."""
        endpoints = endpoint_variables(endpoint_url)
        self._endpoint_url = endpoints[ENDPOINT]
        self._endpoints = {"s3control": endpoints[S3_CONTROL_ENDPOINT]}
        self._region = region
        self._account_id = account_id
        self._session: Any = boto3.Session(
            aws_access_key_id=ACCESS_KEY_ID,
            aws_secret_access_key=SECRET_ACCESS_KEY,
            region_name=region,
            botocore_session=botocore.session.Session(session_vars=_NOBODYS),
        )
        self._clock = clock
        self._session.events.register("before-send", self._name_the_waiter)
        self._lock = threading.RLock()
        self._cache: dict[tuple[str, str, str | None, str | None, str | None], Any] = {}
        self._credentials: dict[tuple[str, str, str | None], dict[str, Any]] = {}

    def client(
        self,
        service: str,
        region: str | None = None,
        *,
        role_arn: str | None = None,
        session_name: str | None = None,
        source_role_arn: str | None = None,
    ) -> Any:
        """Return a client of ``service`` (boto3 name); with ``role_arn`` it acts in that role.

        With ``source_role_arn`` that role is assumed out of another one (role chaining).
        """
        key = (service, region or self._region, role_arn, session_name, source_role_arn)
        with self._lock:
            if key not in self._cache:
                identity = self.credentials(role_arn, session_name or "emulator", source_role_arn) if role_arn else {}
                self._cache[key] = self._session.client(
                    service,
                    region_name=key[1],
                    endpoint_url=self._endpoints.get(service, self._endpoint_url),
                    config=_CONFIG,
                    aws_access_key_id=identity.get("AccessKeyId"),
                    aws_secret_access_key=identity.get("SecretAccessKey"),
                    aws_session_token=identity.get("SessionToken"),
                )
            return self._cache[key]

    def credentials(self, role_arn: str, session_name: str, source_role_arn: str | None = None) -> dict[str, Any]:
        """Return credentials (STS shape) of a session in ``role_arn``, cached for the life of the emulator."""
        key = (role_arn, session_name, source_role_arn)
        with self._lock:
            if key not in self._credentials:
                sts = self.client("sts", role_arn=source_role_arn, session_name=session_name)
                answer = sts.assume_role(RoleArn=role_arn, RoleSessionName=session_name[:64])
                self._credentials[key] = answer["Credentials"]
            return self._credentials[key]

    def _name_the_waiter(self, request: Any, **_: Any) -> None:
        """Tell whom the answer to a call is awaited by: the activity of this thread."""
        waiter = self._clock.activity_here
        if waiter is not None:
            request.headers[tracing.HEADER] = tracing.trace_of(waiter.number)
