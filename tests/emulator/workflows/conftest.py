"""State machines against an emulator whose only part is Step Functions, in discrete time; functions are callables."""

from __future__ import annotations

import io
import itertools
import json
import traceback
import zipfile
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from moto.awslambda.models import LambdaFunction

from avm_emulator.context import Emulator
from avm_emulator.engine import Options
from avm_emulator.workflows.execution import execution_by_arn

ROLE_ARN = "arn:aws:iam::123456789012:role/machine"
_names = (f"t{number}" for number in itertools.count())


@pytest.fixture(scope="module")
def options() -> Options:
    return Options(speed="max", prepare=False, deploy=False, parts=("avm_emulator.workflows",))


class Functions:
    """Lambda functions that are callables of this process: event in, JSON data out, exceptions as the runtime's."""

    def __init__(self, emulator: Emulator) -> None:
        self.handlers: dict[str, Callable[[Any], Any]] = {}
        self._client = emulator.clients.client("lambda")
        trust = {"Version": "2012-10-17", "Statement": []}
        role = emulator.clients.client("iam").create_role(
            RoleName="function", AssumeRolePolicyDocument=json.dumps(trust)
        )
        self._role = role["Role"]["Arn"]
        code = io.BytesIO()
        with zipfile.ZipFile(code, "w") as archive:
            archive.writestr("app.py", "")
        self._code = code.getvalue()

    def add(self, handler: Callable[[Any], Any]) -> str:
        """Create a function and return its ARN."""
        name = next(_names)
        self.handlers[name] = handler
        answer = self._client.create_function(
            FunctionName=name,
            Runtime="python3.11",
            Role=self._role,
            Handler="app.handler",
            Code={"ZipFile": self._code},
        )
        return str(answer["FunctionArn"])

    @staticmethod
    def failing_with(payload: Any) -> Callable[[Any], Any]:
        """Return a handler whose invocation fails with ``payload``, as when the runtime ends it."""

        def handler(_: Any) -> None:
            raise _Failed(payload)

        return handler

    def invoke(self, function: Any, event: Any = None) -> tuple[str, bool, str]:
        try:
            return json.dumps(self.handlers[function.function_name](event)), False, ""
        except _Failed as failure:
            return json.dumps(failure.payload), True, ""
        except Exception as error:  # noqa: BLE001  the runtime reports every exception
            trace = traceback.format_tb(error.__traceback__)
            payload = {
                "errorMessage": str(error),
                "errorType": type(error).__name__,
                "requestId": "",
                "stackTrace": trace,
            }
            return json.dumps(payload), True, ""


class _Failed(Exception):
    """A failed invocation that returns a payload of the runtime's making."""

    def __init__(self, payload: Any) -> None:
        super().__init__()
        self.payload = payload


class Workflows:
    """Creates state machines, runs them to their end and looks at them, through boto3."""

    def __init__(self, emulator: Emulator) -> None:
        self.emulator = emulator
        self.clock = emulator.clock
        self.client = emulator.clients.client("stepfunctions")

    def create(self, definition: dict[str, Any], role_arn: str = ROLE_ARN) -> str:
        answer = self.client.create_state_machine(
            name=next(_names), definition=json.dumps(definition), roleArn=role_arn
        )
        return str(answer["stateMachineArn"])

    def start(self, definition: dict[str, Any], data: Any = None) -> str:
        """Start an execution and return its ARN."""
        arn = self.create(definition)
        text = json.dumps({} if data is None else data, ensure_ascii=False)
        return str(self.client.start_execution(stateMachineArn=arn, input=text)["executionArn"])

    def wait(self, execution_arn: str) -> dict[str, Any]:
        """Wait for the end of an execution and describe it."""
        with self.clock.activity():
            execution_by_arn(execution_arn).ended.wait()
        return dict(self.client.describe_execution(executionArn=execution_arn))

    def run(self, definition: dict[str, Any], data: Any = None) -> dict[str, Any]:
        return self.wait(self.start(definition, data))

    def output(self, definition: dict[str, Any], data: Any = None) -> Any:
        """Run to a successful end and return the output."""
        described = self.run(definition, data)
        assert described["status"] == "SUCCEEDED", described
        return json.loads(described["output"])

    def failure(self, definition: dict[str, Any], data: Any = None) -> tuple[str | None, str | None]:
        """Run to a failed end and return error and cause."""
        described = self.run(definition, data)
        assert described["status"] == "FAILED", described
        return described.get("error"), described.get("cause")

    def history(self, execution_arn: str, **options: Any) -> list[dict[str, Any]]:
        return list(self.client.get_execution_history(executionArn=execution_arn, maxResults=1000, **options)["events"])


@pytest.fixture
def workflows(emulator: Emulator) -> Workflows:
    return Workflows(emulator)


@pytest.fixture(scope="module")
def functions(emulator: Emulator) -> Iterator[Functions]:
    functions = Functions(emulator)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(LambdaFunction, "_invoke_lambda", lambda function, event=None: functions.invoke(function, event))
        yield functions


OneState = Callable[..., dict[str, Any]]


@pytest.fixture
def one() -> OneState:
    """Make a state machine of one state, ``A``, which ends it; further fields of the machine by keyword."""

    def machine(state: dict[str, Any], language: str = "JSONata", **fields: Any) -> dict[str, Any]:
        end = {} if state["Type"] in {"Succeed", "Fail", "Choice"} else {"End": True}
        return {"QueryLanguage": language, "StartAt": "A", "States": {"A": {**state, **end}}, **fields}

    return machine
