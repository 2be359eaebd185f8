"""What every Lambda function of the template has."""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping
from typing import Any

import pytest

from avm.runtime.settings import FUNCTION_SETTINGS
from tests.names import folder, tasks
from tests.template.conftest import ROOT, Template, resources

Functions = Mapping[str, Any]

LAST_RESORT = {
    "ParkAccount": "there is nothing left to catch it: the execution fails, and VendFailedAlarm says so",
    "ObserveDrift": "nothing was changed: RepairFailedAlarm says so, and the next sweep looks again",
    "RecordDrift": "the repair is made: RepairFailedAlarm says that nobody was told",
    "ReportFinding": "all else is done: RepairFailedAlarm says that Security Hub was not told",
    "PlanSweep": "nothing was looked at: SweepFailedAlarm says so",
    "SweepAccounts": "not all was looked at: SweepFailedAlarm says so",
    "FinishSweep": "there is no report: SweepFailedAlarm says so",
}
"""Task states without a Catch, and why."""


def test_every_function_is_traced(functions: Functions) -> None:
    assert {name for name, each in functions.items() if each.get("TracingConfig") != {"Mode": "Active"}} == set()


def test_every_function_runs_on_the_platform_that_the_layer_is_built_for(functions: Functions) -> None:
    built_for = re.search(r"^LAMBDA_PYTHON := (\S+)$", (ROOT / "build.mk").read_text(), re.MULTILINE)
    assert built_for
    platforms = {(each["Runtime"], *each["Architectures"]) for each in functions.values()}
    assert platforms == {(f"python{built_for[1]}", "arm64")}


def test_every_function_has_both_layers(functions: Functions, template: Template) -> None:
    layers = set(resources(template, "AWS::Lambda::LayerVersion"))
    assert {name for name, each in functions.items() if {layer["Ref"] for layer in each["Layers"]} != layers} == set()


def test_every_function_says_what_it_is_for_and_what_it_may_use(functions: Functions) -> None:
    wanted = {"Description", "MemorySize", "Timeout"}
    assert {name: wanted - set(each) for name, each in functions.items() if wanted - set(each)} == {}


def test_every_function_logs_into_a_group_of_the_template(functions: Functions, template: Template) -> None:
    groups = set(resources(template, "AWS::Logs::LogGroup"))
    elsewhere = {name for name, each in functions.items() if each["LoggingConfig"]["LogGroup"].get("Ref") not in groups}
    assert elsewhere == set()


def test_every_function_has_a_role_of_its_own(functions: Functions) -> None:
    roles = {name: each["Role"]["Fn::GetAtt"][0] for name, each in functions.items()}
    assert roles == {name: f"{name}Role" for name in functions}


@pytest.mark.parametrize("name", sorted(FUNCTION_SETTINGS))
def test_the_handler_is_where_the_template_says(name: str, source: Template) -> None:
    (properties,) = (
        each["Properties"]
        for each in source["Resources"].values()
        if each["Type"] == "AWS::Serverless::Function" and each["Properties"]["CodeUri"] == f"functions/{name}"
    )
    default = source["Globals"]["Function"]["Handler"]
    module, _, handler = properties.get("Handler", default).partition(".")
    tree = ast.parse((ROOT / "functions" / name / f"{module}.py").read_text("utf-8"))
    defined = {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
    assigned = {
        target.id
        for node in tree.body
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    assert handler in defined | assigned


def test_every_function_has_settings_and_all_settings_a_function(functions: Functions) -> None:
    assert {folder(name) for name in functions} == set(FUNCTION_SETTINGS)


def test_the_environment_is_what_the_settings_read(functions: Functions) -> None:
    given = {folder(name): set(each["Environment"]["Variables"]) for name, each in functions.items()}
    read = {name: set(model.model_fields) for name, model in FUNCTION_SETTINGS.items()}
    assert given == read


def test_no_environment_variable_is_a_secret(functions: Functions) -> None:
    names = {name for each in functions.values() for name in each["Environment"]["Variables"]}
    assert {name for name in names if re.search("SECRET|PASSWORD|TOKEN|CREDENTIAL", name)} == set()


def test_every_failure_is_caught_or_kept(functions: Functions, template: Template) -> None:
    """A function is called by the workflow, which catches, by a service that answers, or what fails is kept."""
    caught = {function for state, function, task in tasks() if task.get("Catch") or state in LAST_RESORT}
    answered = {
        permission["FunctionName"]["Ref"]
        for permission in resources(template, "AWS::Lambda::Permission").values()
        if permission["Principal"] in {"apigateway.amazonaws.com", "servicecatalog.amazonaws.com"}
    }
    queues = resources(template, "AWS::SQS::Queue")
    by_queue = {
        source["FunctionName"]["Ref"]
        for source in resources(template, "AWS::Lambda::EventSourceMapping").values()
        if "RedrivePolicy" in queues[source["EventSourceArn"]["Fn::GetAtt"][0]]
    }
    keeps = {name for name, each in functions.items() if "DeadLetterConfig" in each}
    assert set(functions) - caught - answered - by_queue - keeps == set()
    assert {state for state, _, task in tasks() if not task.get("Catch")} == set(LAST_RESORT)


def test_a_state_waits_longer_than_its_function_may_run(functions: Functions) -> None:
    too_short = {state for state, name, task in tasks() if task["TimeoutSeconds"] <= functions[name]["Timeout"]}
    assert too_short == set()
