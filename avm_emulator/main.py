"""Run the emulator in the foreground: ``python -m avm_emulator.main``.

Prints one JSON object on stdout when it is ready (endpoint_url, api_url, region, management_account_id, pid);
everything else goes to stderr. Ends with 0 after SIGTERM or SIGINT, with 1 when it cannot start. After a reset
(``POST /_emulator/reset``) it begins again in the same process, on the same port.
"""

from __future__ import annotations

import argparse
import contextlib
import errno
import itertools
import json
import logging
import signal
import sys
from collections.abc import Sequence
from dataclasses import replace
from queue import SimpleQueue
from typing import TYPE_CHECKING

from avm_emulator.control import describe
from avm_emulator.deploy.errors import DeployError
from avm_emulator.engine import HOST, Options, start
from avm_emulator.errors import EmulatorError

if TYPE_CHECKING:
    from werkzeug import Request

    from avm_emulator.clock import Speed

_DEFAULT_PORT = 8450
_END, _BEGIN_AGAIN = "end", "begin again"


def main(arguments: Sequence[str] | None = None) -> int:
    """Start, say so, serve until a signal; return the exit code."""
    options = _options(arguments)
    logging.basicConfig(stream=sys.stderr, level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")
    commands: SimpleQueue[str] = SimpleQueue()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: commands.put(_END))
    stdout = sys.stdout
    with contextlib.redirect_stdout(sys.stderr):  # moto prints
        for start_number in itertools.count(1):
            try:
                running = start(options)
            except (DeployError, EmulatorError, OSError) as error:
                sys.stderr.write(f"avm_emulator: {_problem(error, options)}\n")
                break
            with running:
                running.emulator.controls["reset"] = _Reset(commands)
                if start_number == 1:
                    stdout.write(json.dumps(describe(running.emulator)) + "\n")
                    stdout.flush()
                if commands.get() == _END:
                    return 0
            options = replace(options, port=running.emulator.port)
    return 1


class _Reset:
    """``POST /_emulator/reset``: begin again, with the same options, port and process."""

    def __init__(self, commands: SimpleQueue[str]) -> None:
        self._commands = commands

    def post(self, _request: Request) -> dict[str, str]:
        self._commands.put(_BEGIN_AGAIN)
        return {"status": "starting"}


def _options(arguments: Sequence[str] | None) -> Options:
    parser = argparse.ArgumentParser(prog="avm_emulator", description="Run the embedded AWS in the foreground.")
    parser.add_argument("--port", type=int, default=_DEFAULT_PORT, help="0: any free one (default: %(default)s)")
    parser.add_argument("--speed", type=_speed, default=1.0, help="AWS-seconds in one real second, or max")
    parser.add_argument("--region", default="eu-west-1", help="home Region (default: %(default)s)")
    parser.add_argument("--bare", action="store_true", help="a management account without an organization")
    parser.add_argument("--one-account", action="store_true", help="the application in the management account, too")
    parser.add_argument("--accounts-quota", type=_quota, help="accounts in the organization (default: 5000, bare: 10)")
    parser.add_argument("--seed", type=int, default=0, help="of what is left to chance (default: %(default)s)")
    parser.add_argument("--no-deploy", action="store_true", help="AWS only, without the application")
    given = parser.parse_args(arguments)
    return Options(
        port=given.port,
        speed=given.speed,
        region=given.region,
        bare=given.bare,
        one_account=given.one_account,
        accounts_quota=given.accounts_quota,
        random_seed=given.seed,
        deploy=not given.no_deploy,
    )


def _speed(text: str) -> Speed:
    if text == "max":
        return "max"
    try:
        speed = float(text)
    except ValueError:
        speed = 0.0
    if not 0 < speed < float("inf"):
        message = f"a number above 0, or max, not {text!r}"
        raise argparse.ArgumentTypeError(message)
    return speed


def _quota(text: str) -> int:
    if not text.isdecimal() or int(text) == 0:
        message = f"a whole number above 0, not {text!r}"
        raise argparse.ArgumentTypeError(message)
    return int(text)


def _problem(error: Exception, options: Options) -> str:
    if isinstance(error, OSError) and error.errno == errno.EADDRINUSE:
        return f"port {options.port} of {HOST} is taken: stop what listens there, or choose another --port (0: any)"
    return str(error)


if __name__ == "__main__":
    sys.exit(main())
