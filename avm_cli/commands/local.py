"""``avm local``: the embedded AWS on this machine."""

import shlex
from pathlib import Path
from typing import Annotated, Any

import typer

from avm_cli.commands.common import JsonOption
from avm_cli.document_file import read_document
from avm_cli.errors import CliError
from avm_cli.local import (
    DEFAULT_PORT,
    OPERATOR,
    EmulatorControl,
    EmulatorOptions,
    ensure_free,
    log_path,
    run_in_foreground,
    start_detached,
    stop,
)
from avm_cli.rendering import console, print_json, say, table

app = typer.Typer(no_args_is_help=True, help="The emulator: the whole application on this machine.")
SettingsFile = Annotated[
    Path | None, typer.Argument(metavar="[FILE]", help="YAML or JSON; -: standard input. Without: show what is set.")
]
SeedOption = Annotated[int | None, typer.Option(help="Repeats what is left to chance.")]
ClearOption = Annotated[bool, typer.Option("--clear", help="Return to what holds at the start.")]
PortOption = Annotated[int, typer.Option(min=1, max=65535, help="The emulator's port on 127.0.0.1.")]
_CALL_COLUMNS = ("seq", "time", "service", "operation", "account", "region", "source", "mutating", "error", "fault")


def _speed(value: str | None) -> str | None:
    try:
        sound = value is None or value == "max" or 0 < float(value) < float("inf")
    except ValueError:
        sound = False
    if not sound:
        raise typer.BadParameter("a number above 0 (AWS-seconds that pass in one second), or max")
    return value


@app.command()
def up(
    *,
    port: Annotated[
        int, typer.Option(min=0, max=65535, help="Port on 127.0.0.1; 0 takes any free one.")
    ] = DEFAULT_PORT,
    speed: Annotated[
        str | None,
        typer.Option(
            metavar="X|max", callback=_speed, help="AWS-seconds that pass in a second; max: waits for nothing."
        ),
    ] = None,
    detach: Annotated[bool, typer.Option("--detach", help="Run in the background; return when it is ready.")] = False,
    region: Annotated[str | None, typer.Option(help="Home Region of the application.")] = None,
    bare: Annotated[bool, typer.Option("--bare", help="Begin with an account without an organization.")] = False,
    one_account: Annotated[
        bool, typer.Option("--one-account", help="Put the application into the management account, too.")
    ] = False,
    accounts_quota: Annotated[int | None, typer.Option(min=1, help="Accounts that the organization may hold.")] = None,
    seed: SeedOption = None,
) -> None:
    """Start the emulator with the application in it; print where it listens as one JSON object."""
    ensure_free(port)
    options = EmulatorOptions(port, speed, region, bare, one_account, accounts_quota, seed)
    if not detach:
        run_in_foreground(options)
    log = log_path(port)
    say(f"Starting the emulator; its log: {log}")
    print_json(start_detached(options, log))


@app.command()
def down(*, port: PortOption = DEFAULT_PORT) -> None:
    """Stop the emulator; fine if there is none."""
    pid = stop(EmulatorControl(port))
    if pid is None:
        say(f"No emulator answers on port {port}.")
    else:
        say(f"Stopped the emulator on port {port} (process {pid}).")


@app.command()
def env(*, port: PortOption = DEFAULT_PORT) -> None:
    """Print shell lines that point AWS clients and avm at the emulator: eval "$(avm local env)"."""
    from avm_emulator.endpoints import endpoint_variables  # noqa: PLC0415 - no command but this one needs the emulator

    control = EmulatorControl(port)
    running = control.running()
    if running["api_url"] is None:
        raise CliError(f"The emulator on port {port} is still starting.", "Try again in a few seconds.")
    credentials = control.credentials(running["management_account_id"], OPERATOR)
    variables = {
        **endpoint_variables(running["endpoint_url"]),
        "AWS_ACCESS_KEY_ID": credentials["AccessKeyId"],
        "AWS_SECRET_ACCESS_KEY": credentials["SecretAccessKey"],
        "AWS_SESSION_TOKEN": credentials["SessionToken"],
        "AWS_REGION": running["region"],
        "AWS_DEFAULT_REGION": running["region"],
        "AVM_API_URL": running["api_url"],
    }
    for name, value in variables.items():
        typer.echo(f"export {name}={shlex.quote(value)}")


@app.command()
def calls(
    *,
    port: PortOption = DEFAULT_PORT,
    service: Annotated[str | None, typer.Option(help="Only this service (boto3 client name).")] = None,
    operation: Annotated[str | None, typer.Option(help="Only this operation, e.g. CreateAccount.")] = None,
    mutating: Annotated[bool, typer.Option("--mutating", help="Only calls that change something.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Show the AWS calls that the emulator has answered."""
    control = EmulatorControl(port)
    control.running()
    found = control.calls(service=service, operation=operation, mutating="true" if mutating else None)
    if as_json:
        print_json(found)
        return
    headings = [column.capitalize() for column in _CALL_COLUMNS]
    console().print(table(headings, ([call.get(column) for column in _CALL_COLUMNS] for call in found["calls"])))


@app.command()
def faults(
    file: SettingsFile = None,
    *,
    clear: ClearOption = False,
    seed: SeedOption = None,
    port: PortOption = DEFAULT_PORT,
    as_json: JsonOption = False,
) -> None:
    """Show, set or clear the faults that happen to AWS calls: throttled, lost, slow, killed and so on."""
    shown = _settings("faults", file, clear=clear, seed=seed, port=port)
    if as_json:
        print_json(shown)
        return
    rules = shown["rules"]
    rows = ((_call(rule), rule["fault"], _details(rule), rule["matched"], rule["fired"]) for rule in rules)
    console().print(table(("Call", "Fault", "Details", "Matched", "Fired"), rows))


@app.command()
def latencies(
    file: SettingsFile = None,
    *,
    clear: ClearOption = False,
    seed: SeedOption = None,
    port: PortOption = DEFAULT_PORT,
    as_json: JsonOption = False,
) -> None:
    """Show or change how long AWS takes, in AWS-seconds, with the source of each figure."""
    shown = _settings("latencies", file, clear=clear, seed=seed, port=port)
    if as_json:
        print_json(shown)
        return
    rows = ((name, _figure(each["seconds"]), each["source"]) for name, each in shown["latencies"].items())
    console().print(table(("Operation", "AWS-seconds", "Source"), rows))


@app.command()
def reset(*, port: PortOption = DEFAULT_PORT) -> None:
    """Let the emulator begin again: same options, port and process, nothing of what has happened."""
    health = EmulatorControl(port).reset()
    say(f"The emulator on port {port} (process {health['pid']}) has begun again.")


def _settings(name: str, file: Path | None, *, clear: bool, seed: int | None, port: int) -> dict[str, Any]:
    """Show, change or clear what is set; return what is set then."""
    if clear and file is not None:
        raise typer.BadParameter("give a file or --clear, not both", param_hint="FILE")
    if seed is not None and file is None:
        raise typer.BadParameter("a seed belongs to a file", param_hint="--seed")
    document = None if file is None else read_document(file)
    control = EmulatorControl(port)
    control.running()
    if clear:
        return control.clear(name)
    return control.shown(name) if file is None else control.change(name, document, seed)


def _call(rule: dict[str, Any]) -> str:
    return f"{rule['service']}:{rule['operation']}"


def _details(rule: dict[str, Any]) -> str:
    shown = {"service", "operation", "fault", "matched", "fired"}
    return ", ".join(f"{name} {value}" for name, value in rule.items() if name not in shown)


def _figure(seconds: float | list[float]) -> str:
    return " to ".join(f"{number:g}" for number in (seconds if isinstance(seconds, list) else [seconds]))
