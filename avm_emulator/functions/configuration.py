"""What an execution environment is made of, read from moto's function."""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path


@dataclass(frozen=True)
class FunctionConfiguration:
    """One revision of a function, in terms of Lambda's FunctionConfiguration."""

    function_name: str
    function_arn: str
    version: str
    handler: str
    runtime: str
    region: str
    memory_size: int
    """MB; reported to the function, not enforced."""
    timeout: float
    """Real seconds, never scaled."""
    task_root: Path
    """Directory of the function's code (``/var/task``)."""
    opt: Path | None
    """Directory of the merged layers (``/opt``)."""
    variables: dict[str, str]
    """Environment variables of the function, as its owner set them."""
    credentials: dict[str, str] = field(repr=False)
    """``AWS_ACCESS_KEY_ID`` and its companions: a session in the function's role."""
    log_group: str
    log_format: str
    """``Text`` or ``JSON``."""
    log_level: str | None
    """``ApplicationLogLevel``; only with the format ``JSON``."""

    @cached_property
    def revision(self) -> str:
        """Return a hash of everything here: environments of another revision are never reused."""
        return hashlib.sha256(json.dumps(vars(self), default=str, sort_keys=True).encode()).hexdigest()

    def environment_variables(self, platform: dict[str, str]) -> dict[str, str]:
        """Return all that a process of the function sees; nothing of the emulator's own environment is in it.

        Args:
            platform: what differs from environment to environment.
        """
        python_path = [] if self.opt is None else self._python_path(self.opt)
        variables = {
            "AWS_DEFAULT_REGION": self.region,
            "AWS_EXECUTION_ENV": f"AWS_Lambda_{self.runtime}",
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(self.memory_size),
            "AWS_LAMBDA_FUNCTION_NAME": self.function_name,
            "AWS_LAMBDA_FUNCTION_VERSION": self.version,
            "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
            "AWS_LAMBDA_LOG_FORMAT": self.log_format,
            "AWS_LAMBDA_LOG_GROUP_NAME": self.log_group,
            "AWS_REGION": self.region,
            "AWS_XRAY_CONTEXT_MISSING": "LOG_ERROR",
            "LAMBDA_TASK_ROOT": str(self.task_root),
            "LANG": "en_US.UTF-8",
            "PATH": f"/usr/local/bin:/usr/bin:/bin:{self.opt or '/opt'}/bin",
            "PYTHONPATH": os.pathsep.join(map(str, python_path)),
            "TZ": ":UTC",
            "_HANDLER": self.handler,
        }
        if self.log_level is not None:
            variables["AWS_LAMBDA_LOG_LEVEL"] = self.log_level
        own = {name: self._in_opt(value) for name, value in self.variables.items()}
        return {**variables, **platform, **self.credentials, **own}

    def _python_path(self, opt: Path) -> list[Path]:
        # The managed runtime searches these two folders of the layers.
        return [*sorted(opt.glob("python/lib/python3*/site-packages")), opt / "python"]

    def _in_opt(self, value: str) -> str:
        # Nobody but root can mount the layers at /opt, so a variable that names a path there names the merged layers.
        if self.opt is not None and (value == "/opt" or value.startswith("/opt/")):
            return f"{self.opt}{value.removeprefix('/opt')}"
        return value
