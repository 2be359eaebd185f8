"""The built functions, each under AWS's runtime client as the template configures it, without any AWS to call."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

from samtranslator.yaml_helper import yaml_parse

from avm_emulator.functions.artefacts import merge_layers
from avm_emulator.functions.configuration import FunctionConfiguration
from avm_emulator.functions.environment import Outcome
from avm_emulator.functions.pool import Pool
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
    """Start the function in a fresh process, give it one event and return what comes of it."""
    pool = Pool(PYTHON, NOWHERE, lambda _: "stream", lambda _, seconds: time.sleep(seconds), preloaded=())
    try:
        return pool.invoke(configured, json.dumps(event).encode(), "11111111-2222-3333-4444-555555555555", 1)
    finally:
        pool.close()
