"""``avm foundation plan|apply|status``: what must be true of the organization before accounts can be vended."""

from collections.abc import Callable, Iterator
from typing import Annotated, Any

import typer

from avm_cli.api import JsonObject
from avm_cli.commands.common import JsonOption, vending_api
from avm_cli.errors import ExitCode
from avm_cli.rendering import console, print_json, say, table
from avm_cli.waiting import Waiting, report_of

app = typer.Typer(help="What the organization needs before accounts can be vended.", no_args_is_help=True)

_MANY = 3
"""Of what belongs to others, as many are named in a line; --json has all."""

TimeoutOption = Annotated[float, typer.Option(min=0, metavar="SECONDS", help="How long to wait; the run goes on.")]


@app.command()
def plan(ctx: typer.Context, *, timeout: TimeoutOption = 600, as_json: JsonOption = False) -> None:
    """Show what an apply would do, step by step; nothing is changed."""
    _run(ctx.obj, "plan", timeout, _show_plan, as_json=as_json)


@app.command()
def apply(ctx: typer.Context, *, timeout: TimeoutOption = 14_400, as_json: JsonOption = False) -> None:
    """Bring the organization up to the catalog, and show what is still untrue."""
    _run(ctx.obj, "apply", timeout, _show_outcome, as_json=as_json)


@app.command()
def status(ctx: typer.Context, *, timeout: TimeoutOption = 600, as_json: JsonOption = False) -> None:
    """Look at every control of the foundation now; nothing is changed."""
    _run(ctx.obj, "plan", timeout, _show_status, as_json=as_json)


def _run(waiting: Waiting, purpose: str, timeout: float, show: Callable[[JsonObject], None], *, as_json: bool) -> None:
    """Start a run, wait for its report, show it; the exit code says whether all is as it should be."""
    api = vending_api(waiting)
    run = api.run_foundation(purpose)
    found = report_of(run, lambda: api.get_foundation(run["observation_id"]), timeout=timeout, waiting=waiting)
    if as_json:
        print_json(found)
    else:
        show(found)
    if not found["ready"]:
        raise typer.Exit(ExitCode.FAILED)


def _show_plan(found: JsonObject) -> None:
    rows = [row for control in found["controls"] for row in _plan_rows(control)]
    if rows:
        console().print(table(("Control", "To do", "What", "Now", "Then"), rows))
    _show_others(found)
    _say_whether_ready(found)


def _plan_rows(control: JsonObject) -> Iterator[tuple[str, str, str, str, str]]:
    name = control["control"]
    for step in control["steps"]:
        yield name, step["operation"], step["subject"], _short(step["before"]), _short(step["after"])
    for todo in control["by_hand"]:
        yield name, "by hand", todo, "", ""
    for first in control["waits_for"]:
        yield name, "waits", first, "", ""
    for place in control["to_look_at"]:
        yield name, "look at", place, "", ""
    if control["status"] == "unknown":
        yield name, "unknown", _problem(control), "", ""


def _show_outcome(found: JsonObject) -> None:
    for call in found["made"]:
        console().print(f"done: {call}")
    _show_status(found)


def _show_status(found: JsonObject) -> None:
    rows = ((each["control"], each["status"], _left(each)) for each in found["controls"])
    console().print(table(("Control", "Status", "What is left"), rows))
    _say_whether_ready(found)


def _left(control: JsonObject) -> str:
    steps = [f"{step['operation']}: {step['subject']}" for step in control["steps"]]
    told = [*control["by_hand"], *steps, *(f"waits for {first}" for first in control["waits_for"])]
    if "enforcement" in control["evidence"]:
        told.insert(0, control["evidence"]["enforcement"]["message"])
    if control["status"] == "unknown":
        told.insert(0, _problem(control))
    return "; ".join(told)


def _problem(control: JsonObject) -> str:
    evidence = control["evidence"]
    return f"{evidence['code']}: {evidence['message']} {evidence['hint']}"


def _show_others(found: JsonObject) -> None:
    for control in found["controls"]:
        others = control["left_alone"]
        if others:
            more = f" and {len(others) - _MANY} more" if len(others) > _MANY else ""
            say(f"left alone ({control['control']}): {', '.join(others[:_MANY])}{more}")


def _say_whether_ready(found: JsonObject) -> None:
    untrue = sum(control["status"] != "compliant" for control in found["controls"])
    if found["ready"]:
        which = "1 control that no vend needs is" if untrue == 1 else f"{untrue} controls that no vend needs are"
        left = f" {which} left to AWS, or to people." if untrue else ""
        say(f"The foundation is as catalog {found['catalog_version']} says.{left}")
    else:
        say(f"{untrue} of {len(found['controls'])} controls are not as catalog {found['catalog_version']} says.")


def _short(value: Any) -> str:
    return "-" if value is None else str(value)
