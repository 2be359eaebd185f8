"""Lambda as the other parts of the emulator use it: run a function of moto's store in the pool."""

from __future__ import annotations

import threading
import uuid
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from avm_emulator.errors import AwsError
from avm_emulator.functions.artefacts import merge_layers, unpack
from avm_emulator.functions.configuration import FunctionConfiguration
from avm_emulator.functions.environment import Outcome
from avm_emulator.functions.pool import Pool, PoolClosedError

if TYPE_CHECKING:
    from avm_emulator.context import Emulator

MAXIMUM_REQUEST = 6_291_456
"""Bytes of the payload of an invocation."""


class Functions:
    """Runs functions and keeps their logs; one per emulator.

    ``function`` is always moto's ``LambdaFunction``.
    """

    def __init__(self, emulator: Emulator, python: Path) -> None:
        """``python``: interpreter of the runtime's virtual environment."""
        self.emulator = emulator
        self.clock = emulator.clock
        self.pool = Pool(python, emulator.endpoint_url, self._log_stream_name, self._sleep)
        self._folder = emulator.work_dir / "functions"
        self._folder.mkdir(parents=True, exist_ok=True)
        self._configurations: dict[str, tuple[Any, FunctionConfiguration]] = {}
        self._concurrent: Counter[str] = Counter()
        self._lock = threading.Lock()

    def invoke(self, function: Any, payload: bytes, request_id: str | None = None) -> Outcome:
        """Run the function once and wait, in real time.

        The emulated clock stands, unless the function sleeps, or a call that it makes waits on the clock.

        Raises:
            AwsError: the payload is too large, the reserved concurrency is used up, or the emulator stops.
        """
        if len(payload) > MAXIMUM_REQUEST:
            message = (
                f"{len(payload)} byte payload is too large for the Invoke operation (limit {MAXIMUM_REQUEST} bytes)"
            )
            raise AwsError("RequestTooLargeException", message, Type="User")
        self._begin(function)
        try:
            with self.clock.activity() as activity:
                outcome = self.pool.invoke(
                    self.configuration(function), payload, request_id or str(uuid.uuid4()), activity.number
                )
        except PoolClosedError as error:
            raise AwsError("ServiceException", "The emulator stops.", Type="Server") from error
        finally:
            with self._lock:
                self._concurrent[function.function_arn] -= 1
        self.clock.compute.add_invocation(function.function_name, outcome.duration, outcome.cpu)
        self._write_log(function, outcome)
        return outcome

    def kill(self, function_name: str) -> int:
        """End all processes of a function, in the middle of their work; return how many there were."""
        return self.pool.kill(function_name)

    def configuration(self, function: Any) -> FunctionConfiguration:
        """Return what an environment of the function is made of now."""
        logging = function.logging_config
        layers = [layer["Arn"] for layer in function.layers]
        key = (
            *(function.code_sha_256, function.version, function.handler, function.run_time, function.role),
            *(function.memory_size, function.timeout, tuple(layers)),
            tuple(sorted(function.environment_vars.items())),
            tuple(sorted(logging.items())),
        )
        with self._lock:
            known = self._configurations.get(function.function_arn)
        if known is not None and known[0] == key:
            return known[1]
        configuration = FunctionConfiguration(
            function_name=function.function_name,
            function_arn=function.function_arn,
            version=str(function.version),
            handler=function.handler,
            runtime=function.run_time,
            region=function.region,
            memory_size=int(function.memory_size),
            timeout=float(function.timeout),
            task_root=unpack(function.code_bytes, self._folder),
            opt=merge_layers([self._layer(arn) for arn in layers], self._folder),
            variables=dict(function.environment_vars),
            credentials=self._credentials(function),
            log_group=function.logs_group_name,
            log_format=logging.get("LogFormat", "Text"),
            log_level=logging.get("ApplicationLogLevel"),
        )
        with self._lock:
            self._configurations[function.function_arn] = (key, configuration)
        return configuration

    def _sleep(self, number: int, seconds: float) -> None:
        with self.clock.activity(self.clock.find(number)):
            self.clock.sleep(seconds)

    def _begin(self, function: Any) -> None:
        reserved = function.reserved_concurrency
        with self._lock:
            if reserved is not None and self._concurrent[function.function_arn] >= int(reserved):
                raise AwsError(
                    "TooManyRequestsException",
                    "Rate Exceeded.",
                    Reason="ReservedFunctionConcurrentInvocationLimitExceeded",
                    Type="User",
                )
            self._concurrent[function.function_arn] += 1

    def _layer(self, arn: str) -> Path:
        from moto.awslambda.utils import get_backend  # noqa: PLC0415  moto takes a second to import

        *_, region, account_id, _, _, _ = arn.split(":")
        return unpack(get_backend(account_id, region).layers_versions_by_arn(arn).code_bytes, self._folder)

    def _credentials(self, function: Any) -> dict[str, str]:
        # The session of a function's role bears the function's name.
        credentials = self.emulator.clients.credentials(function.role, function.function_name)
        self.emulator.function_sessions[credentials["AccessKeyId"]] = function.function_name
        return {
            "AWS_ACCESS_KEY_ID": credentials["AccessKeyId"],
            "AWS_SECRET_ACCESS_KEY": credentials["SecretAccessKey"],
            "AWS_SESSION_TOKEN": credentials["SessionToken"],
        }

    def _log_stream_name(self, configuration: FunctionConfiguration) -> str:
        day = datetime.fromtimestamp(self.clock.now(), UTC)
        return f"{day:%Y/%m/%d}/[{configuration.version}]{uuid.uuid4().hex}"

    def _write_log(self, function: Any, outcome: Outcome) -> None:
        group, stream = function.logs_group_name, outcome.log_stream
        timestamp = int(self.clock.now() * 1000)
        events = [{"timestamp": timestamp, "message": line} for line in outcome.log]
        function.logs_backend.ensure_log_group(group)
        function.logs_backend.ensure_log_stream(group, stream)
        function.logs_backend.put_log_events(group, stream, events)
