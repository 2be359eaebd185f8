"""The emulator on this machine, seen from outside: start its process, ask its control API, stop it."""

import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import IO, Any

import requests

from avm_cli.errors import BadInput, CliError

DEFAULT_PORT = 8450
HOST = "127.0.0.1"
OPERATOR = "avm-operator"
"""The role in the management account that ``avm local env`` acts as."""
_HEALTH = {"endpoint_url", "api_url", "region", "management_account_id", "pid"}
_READY_WITHIN = 180.0
"""Seconds; it takes about five, but a busy machine is no reason to give up."""
_STOP_TRIES = 60
_TICK = 0.1
_LOG_TAIL = 30
"""Lines of the log that an error shows."""
_TIMEOUT = 30.0
_PORT_HINT = "Choose another --port (up --port 0 takes any free one)."


@dataclass(frozen=True)
class EmulatorOptions:
    """How an emulator is started; the fields are ``avm local up``'s options."""

    port: int = DEFAULT_PORT
    speed: str | None = None
    region: str | None = None
    bare: bool = False
    one_account: bool = False
    accounts_quota: int | None = None
    seed: int | None = None

    def command(self) -> list[str]:
        """Return the command that runs the emulator in the foreground."""
        given = {
            "--port": self.port,
            "--speed": self.speed,
            "--region": self.region,
            "--accounts-quota": self.accounts_quota,
            "--seed": self.seed,
        }
        options = [text for name, value in given.items() if value is not None for text in (name, str(value))]
        options += [name for name, given in (("--bare", self.bare), ("--one-account", self.one_account)) if given]
        # -P: nothing in the working directory stands in for our package
        return [sys.executable, "-P", "-m", "avm_emulator.main", *options]


class EmulatorControl:
    """The ``/_emulator`` calls of the emulator on one port."""

    def __init__(self, port: int) -> None:
        """Nothing is sent yet."""
        self.port = port
        self._http = requests.Session()
        self._http.trust_env = False  # no proxy stands between this machine and itself

    def health(self) -> dict[str, Any] | None:
        """Return endpoint_url, api_url, region, management_account_id and pid; None where nothing listens.

        Raises CliError when something else listens on the port.
        """
        if not _is_taken(self.port):
            return None
        health = self._ask("GET", "health")
        if missing := _HEALTH - health.keys():
            raise self._no_emulator(f"its health lacks {', '.join(sorted(missing))}")
        return health

    def running(self) -> dict[str, Any]:
        """Return the health of an emulator that must be there."""
        found = self.health()
        if found is None:
            hint = f"Start it with: avm local up --port {self.port}"
            raise CliError(f"No emulator answers on port {self.port}.", hint)
        return found

    def credentials(self, account_id: str, principal: str) -> dict[str, str]:
        """Return temporary credentials: AccessKeyId, SecretAccessKey, SessionToken, Expiration."""
        body = {"account_id": account_id, "principal": principal}
        return self._ask("POST", "credentials", body)

    def calls(self, **wanted: str | None) -> dict[str, Any]:
        """Return ``{"calls"}``: the AWS calls since the start, oldest first; ``wanted``: values of their fields."""
        return self._ask("GET", "calls", wanted=wanted)

    def shown(self, name: str) -> dict[str, Any]:
        """Return what is set: ``faults`` or ``latencies``."""
        return self._ask("GET", name)

    def change(self, name: str, document: object, seed: int | None) -> dict[str, Any]:
        """Set ``faults`` or ``latencies``, and return what is set then.

        Raises BadInput, with a problem for each field, when the document makes no sense; nothing has changed then.
        """
        return self._ask("PUT", name, document, {"seed": None if seed is None else str(seed)})

    def clear(self, name: str) -> dict[str, Any]:
        """Return ``faults`` or ``latencies`` to what they are at the start, and return that."""
        return self._ask("DELETE", name)

    def reset(self) -> dict[str, Any]:
        """Let the emulator begin again, wait until it is ready, and return its health.

        Raises CliError if it does not become ready in time.
        """
        started_at = self.running()["started_at"]
        self._ask("POST", "reset")
        if not _wait_until(lambda: self._began_after(started_at), _READY_WITHIN):
            message = f"The emulator on port {self.port} has not become ready again."
            raise CliError(message, f"Its log, if it is detached: {log_path(self.port)}")
        return self.running()

    def _began_after(self, started_at: str) -> bool:
        try:
            health = self.health()
        except CliError:
            return False  # it closes its connections
        return health is not None and health["started_at"] != started_at and health["status"] == "ready"

    def _ask(
        self,
        method: str,
        name: str,
        body: object = None,
        wanted: Mapping[str, str | None] | None = None,
    ) -> dict[str, Any]:
        url = f"http://{HOST}:{self.port}/_emulator/{name}"
        try:
            answer = self._http.request(method, url, wanted, json=body, timeout=_TIMEOUT, allow_redirects=False)
            answer.raise_for_status()
            content = answer.json()
        except requests.HTTPError as error:
            raise _refusal(answer, f"{method} {url}") from error
        except requests.RequestException as error:
            raise self._no_emulator(str(error)) from error
        if not isinstance(content, dict):
            raise self._no_emulator("its answer is not a JSON object")
        return content

    def _no_emulator(self, reason: str) -> CliError:
        return CliError(f"What listens on port {self.port} is not an emulator: {reason}.", _PORT_HINT)


def _refusal(answer: requests.Response, call: str) -> CliError:
    """Return the error for an answer that is none: bad input with its problems, where the emulator names them."""
    try:
        refused = answer.json() if answer.status_code == HTTPStatus.BAD_REQUEST else {}
    except requests.JSONDecodeError:
        refused = {}
    if "error" not in refused:
        return CliError(f"{call} was refused with {answer.status_code}: {answer.text[:500]}")
    problems = [
        {**each, "field": each["field"] if each["rule"] is None else f"rule {each['rule']}: {each['field']}"}
        for each in refused.get("problems", [])
    ]
    reason = "nothing has changed" if problems else refused["error"]
    return BadInput(f"The emulator refuses this: {reason}.", problems=problems)


def ensure_free(port: int) -> None:
    """Raise CliError if something listens on ``port`` already; 0 is always free."""
    if port and _is_taken(port):
        hint = f"If an emulator runs there: 'avm local down --port {port}' stops it. {_PORT_HINT}"
        raise CliError(f"Port {port} is taken.", hint)


def run_in_foreground(options: EmulatorOptions) -> None:
    """Become the emulator; does not return."""
    sys.stdout.flush()
    command = options.command()
    os.execv(command[0], command)  # noqa: S606 - our own interpreter, no shell wanted


def start_detached(options: EmulatorOptions, log: Path) -> dict[str, Any]:
    """Start the emulator in a session of its own and return what it prints when it is ready.

    Its stderr goes to ``log``. Raises CliError with the end of that log if it stops or is not ready in time.
    """
    try:
        log.parent.mkdir(parents=True, exist_ok=True)
        log.touch()
    except OSError as error:
        raise CliError(
            f"The log {log} cannot be written: {error.strerror}.", "XDG_STATE_HOME says where it goes."
        ) from error
    # stdout is an unlinked file, not a pipe: a line that the emulator prints after we have left must not kill it
    with tempfile.TemporaryFile() as stdout, log.open("wb") as stderr:
        process = subprocess.Popen(  # noqa: S603 - our own interpreter and options that typer has parsed
            options.command(), stdin=subprocess.DEVNULL, stdout=stdout, stderr=stderr, start_new_session=True
        )
        try:
            _wait_until(lambda: _printed(stdout) or process.poll() is not None, _READY_WITHIN)
            ready = _printed(stdout)
        except BaseException:
            process.terminate()
            raise
    if not ready:
        process.terminate()
        reason = "did not become ready" if process.returncode is None else f"ended with exit code {process.returncode}"
        tail = "\n".join(log.read_text(errors="replace").splitlines()[-_LOG_TAIL:])
        raise CliError(f"The emulator {reason}. The end of its log:\n{tail}", f"The whole log: {log}")
    return ready


def stop(control: EmulatorControl) -> int | None:
    """End the emulator on the control's port and wait for it; return its process id, None if there was none."""
    health = control.health()
    if health is None:
        return None
    pid = int(health["pid"])
    for _ in range(_STOP_TRIES):
        # Again each second: the kernel may hand a signal to a thread that is just ending, and CPython then leaves its
        # main thread asleep (seen right after a health call)
        try:
            os.kill(pid, signal.SIGTERM)
        except OSError as error:
            raise CliError(f"The emulator (process {pid}) cannot be stopped: {error.strerror}.") from error
        if _wait_until(lambda: not _is_taken(control.port), 1.0):
            return pid
    message = f"The emulator (process {pid}) has not stopped within {_STOP_TRIES} s."
    raise CliError(message, f"End it with: kill -9 {pid}")


def log_path(port: int) -> Path:
    """Return where a detached emulator logs: one file a port, in the user's state directory (XDG base directories)."""
    state = Path(os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state")
    return state / "avm" / (f"emulator-{port}.log" if port else f"emulator-any-{os.getpid()}.log")


def _is_taken(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex((HOST, port)) == 0


def _printed(stdout: IO[bytes]) -> dict[str, Any] | None:
    # pread: parent and child share the file's offset
    try:
        ready = json.loads(os.pread(stdout.fileno(), 65536, 0))
    except ValueError:
        return None  # not there yet, or half written
    return ready if isinstance(ready, dict) else None


def _wait_until(condition: Callable[[], object], seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(_TICK)
    return True
