"""What the commands about requests share: their options, waiting with progress, and the end of a command."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, NoReturn

import typer

from avm_cli.api import JsonObject, VendingApi
from avm_cli.errors import CliError, ExitCode
from avm_cli.progress import progress_on
from avm_cli.rendering import console, print_json, request_error, say, show_error, summary
from avm_cli.target import target_from_environment
from avm_cli.waiting import Waiting, follow, outcome

DEFAULT_TIMEOUT = 3600.0

TimeoutOption = Annotated[
    float,
    typer.Option("--timeout", metavar="SECONDS", min=0, help="Stop waiting after this time; the vend itself goes on."),
]
RequestArgument = Annotated[str, typer.Argument(metavar="ID", help="The request id.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print the API object, and nothing else, on stdout.")]


def vending_api(waiting: Waiting) -> VendingApi:
    """Return the client for the API that the environment names."""
    return VendingApi(target_from_environment(), sleep=waiting.sleep, say=say)


@contextmanager
def interruptible(request_id: str) -> Iterator[None]:
    """Answer Ctrl-C with how to follow the vend, which goes on."""
    try:
        yield
    except KeyboardInterrupt as interrupt:
        say(f"Stopped waiting. A vend that was accepted goes on; follow it with: {_follow_command(request_id)}")
        raise typer.Exit(ExitCode.INTERRUPTED) from interrupt


def watch(api: VendingApi, request: JsonObject, timeout: float, waiting: Waiting) -> JsonObject:
    """Follow a vend with its progress on stderr; return the last request object seen."""
    try:
        with progress_on(console(stderr=True)) as progress:
            return follow(api, request, progress, timeout=timeout, waiting=waiting)
    except CliError:
        say(f"The vend goes on; follow it with: {_follow_command(request['request_id'])}")
        raise


def show(api: VendingApi, request: JsonObject, *, as_json: bool) -> None:
    """Print a request: what has become of it, the OU of a ready account, and its error if there is one."""
    if as_json:
        print_json(request)
    else:
        console().print(summary(request, _ou(api, request)))
    if error := request_error(request):
        show_error(error)


def finish(api: VendingApi, request: JsonObject, *, as_json: bool, waited: bool) -> NoReturn:
    """Print the request and end the command with the exit code that its status means."""
    show(api, request, as_json=as_json)
    code = outcome(request)
    if code is None and waited:
        say(f"Stopped waiting: time-out. The vend goes on; follow it with: {_follow_command(request['request_id'])}")
        code = ExitCode.TIMED_OUT
    raise typer.Exit(code or ExitCode.DONE)


def _ou(api: VendingApi, request: JsonObject) -> str | None:
    if outcome(request) is not ExitCode.DONE:
        return None
    try:
        return str(api.get_account(request["account_id"])["ou"])
    except CliError as error:
        say(f"The account's OU cannot be shown: {error}")  # the account is ready all the same
        return None


def _follow_command(request_id: str) -> str:
    return f"avm status {request_id} --watch"
