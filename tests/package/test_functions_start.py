"""Every built function starts under AWS's runtime client, with the built layers and nothing else to import from."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from samtranslator.yaml_helper import yaml_parse

from avm_emulator.functions.artefacts import merge_layers
from avm_emulator.functions.configuration import FunctionConfiguration
from avm_emulator.functions.environment import Environment, InitializationError, Outcome
from tests.names import ROOT

BUILT = ROOT / ".build" / "host"
PYTHON = ROOT / ".venv-runtime" / "bin" / "python"
NOWHERE = "http://127.0.0.1:9"  # the discard port: an AWS call would fail, and the test with it

RESOURCES: dict[str, dict[str, Any]] = yaml_parse((ROOT / "template.yaml").read_text("utf-8"))["Resources"]
GLOBALS: dict[str, Any] = yaml_parse((ROOT / "template.yaml").read_text("utf-8"))["Globals"]["Function"]
FUNCTIONS = sorted(name for name, each in RESOURCES.items() if each["Type"] == "AWS::Serverless::Function")


def configuration(name: str, work_dir: Path) -> FunctionConfiguration:
    """Return the function as the template describes it, with stand-ins for what is known after the deployment only."""
    properties = GLOBALS | RESOURCES[name]["Properties"]
    variables = GLOBALS["Environment"]["Variables"] | properties.get("Environment", {}).get("Variables", {})
    return FunctionConfiguration(
        function_name=name,
        function_arn=f"arn:aws:lambda:eu-west-1:123456789012:function:{name}",
        version="$LATEST",
        handler=properties["Handler"],
        runtime=properties["Runtime"],
        region="eu-west-1",
        memory_size=properties["MemorySize"],
        timeout=properties["Timeout"],
        task_root=BUILT / name,
        opt=merge_layers([BUILT / layer["Ref"] for layer in properties["Layers"]], work_dir),
        variables={key: value if isinstance(value, str) else "stand-in" for key, value in variables.items()},
        credentials={"AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE", "AWS_SECRET_ACCESS_KEY": "example"},
        log_group="/avm/functions",
        log_format="Text",
        log_level=None,
    )


def invoke(configured: FunctionConfiguration, event: dict[str, Any]) -> Outcome:
    """Start the function, give it one event and return what it answers; raises InitializationError."""

    async def run() -> Outcome:
        environment = Environment(configured, PYTHON, NOWHERE, "stream", "first")
        try:
            await environment.start()
            return await environment.invoke(json.dumps(event).encode(), "11111111-2222-3333-4444-555555555555")
        finally:
            environment.kill()
            while environment.alive:  # noqa: ASYNC110  the environment tells nobody of its end
                await asyncio.sleep(0.005)

    return asyncio.run(run())


@pytest.mark.parametrize("name", [name for name in FUNCTIONS if name != "ApiFunction"])
def test_a_step_starts_and_answers_an_invalid_event_with_an_error_of_the_domain(name: str, tmp_path: Path) -> None:
    outcome = invoke(configuration(name, tmp_path), {})
    error = json.loads(outcome.payload)
    assert outcome.is_error
    assert error["errorType"] == "UnexpectedError"
    assert "request_id" in error["errorMessage"]


def test_the_api_starts_and_answers_an_unknown_path_with_a_problem(tmp_path: Path) -> None:
    event = {
        "httpMethod": "GET",
        "path": "/nowhere",
        "headers": {},
        "requestContext": {"stage": "v1", "requestId": "id", "identity": {}},
    }
    outcome = invoke(configuration("ApiFunction", tmp_path), event)
    assert not outcome.is_error
    assert json.loads(outcome.payload)["statusCode"] == 404


def test_a_function_without_its_layer_fails_as_on_aws(tmp_path: Path) -> None:
    without_layers = replace(configuration("MoveAccountFunction", tmp_path), opt=None)
    with pytest.raises(InitializationError, match="No module named 'avm'"):
        invoke(without_layers, {})
