"""Functions run as real processes of the managed runtime."""

from __future__ import annotations

import json
import os
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from avm_emulator.context import Emulator
from avm_emulator.engine import Options
from avm_emulator.functions import RUNTIME_PYTHON
from avm_emulator.functions.artefacts import link
from avm_emulator.functions.configuration import FunctionConfiguration
from avm_emulator.functions.pool import Pool, PoolClosedError
from tests.emulator.lab import ACCOUNT, Lab, until, written, zipped

ECHO = """
import os
def handler(event, context):
    print("running", context.aws_request_id)
    return {"event": event, "arn": context.invoked_function_arn, "environment": dict(os.environ)}
"""
MISBEHAVING = """
import os, threading, time
class AccountNotReady(Exception):
    pass
def handler(event, context):
    if event == "raise":
        raise AccountNotReady("not yet")
    if event == "exit":
        os._exit(3)
    if event == "hang":
        threading.Event().wait(30)
    if event == "talk":
        return "x" * 6_300_000
    return "well"
"""


@pytest.fixture(scope="module")
def options() -> Options:
    return Options(speed="max", prepare=False, deploy=False, parts=("avm_emulator.functions", "avm_emulator.rates"))


@pytest.fixture(scope="module")
def lab(emulator: Emulator) -> Lab:
    return Lab(emulator)


def log_of(lab: Lab, group: str) -> list[str]:
    events = lab.client("logs").filter_log_events(logGroupName=group)["events"]
    return [event["message"] for event in events]


def test_a_function_gets_its_event_and_its_answer_comes_back(lab: Lab) -> None:
    name = lab.function(ECHO)
    answer, error = lab.invoke(name, {"account": "payments"})
    assert error is None
    assert answer["event"] == {"account": "payments"}
    assert answer["arn"] == lab.function_arn(name)


def test_an_invocation_without_payload_gets_an_empty_event(lab: Lab) -> None:
    answer = lab.client("lambda").invoke(FunctionName=lab.function(ECHO))
    assert json.load(answer["Payload"])["event"] == {}


def test_a_function_sees_only_what_the_managed_runtime_holds(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_OF_THE_DEVELOPER", "leaked")
    monkeypatch.setenv("AWS_ROLE_SESSION_NAME", "leaked")
    name = lab.function(ECHO, Environment={"Variables": {"TABLE": "avm"}}, MemorySize=256)
    seen = lab.invoke(name)[0]["environment"]
    assert "leaked" not in seen.values()
    assert seen["TABLE"] == "avm"
    assert seen["AWS_LAMBDA_FUNCTION_NAME"] == name
    assert seen["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"] == "256"
    assert seen["AWS_EXECUTION_ENV"] == "AWS_Lambda_python3.13"
    assert list(Path(seen["HOME"]).iterdir()) == []


def test_a_function_acts_in_its_own_role(lab: Lab) -> None:
    role = lab.role("lambda.amazonaws.com", "mover")
    source = "import boto3\ndef handler(event, context):\n    return boto3.client('sts').get_caller_identity()['Arn']\n"
    name = lab.function(source, "move-account", Role=role, Timeout=20)
    assert lab.invoke(name)[0] == f"arn:aws:sts::{ACCOUNT}:assumed-role/mover/move-account"
    (call,) = lab.emulator.calls.select(operation="GetCallerIdentity")
    assert call.source == "move-account"


def test_a_function_reaches_an_account_in_the_host_name(lab: Lab) -> None:
    source = (
        "import boto3\n"
        "def handler(event, context):\n"
        "    s3 = boto3.client('s3control')\n"
        "    try:\n"
        "        s3.get_public_access_block(AccountId=event)\n"
        "    except s3.exceptions.NoSuchPublicAccessBlockConfiguration as answer:\n"
        "        return answer.response['Error']['Code']\n"
    )
    assert lab.invoke(lab.function(source, Timeout=20), ACCOUNT) == ("NoSuchPublicAccessBlockConfiguration", None)


def test_what_a_function_does_in_a_role_that_it_has_taken_is_the_functions(lab: Lab) -> None:
    taken, source = (
        lab.role_trusting({"AWS": ACCOUNT}),
        """
import boto3

def handler(event, context):
    keys = boto3.client("sts").assume_role(RoleArn=event, RoleSessionName="chained")["Credentials"]
    names = ("aws_access_key_id", "aws_secret_access_key", "aws_session_token")
    given = dict(zip(names, (keys["AccessKeyId"], keys["SecretAccessKey"], keys["SessionToken"])))
    boto3.client("sqs", **given).list_queues()
""",
    )
    name = lab.function(source, Timeout=20)
    lab.invoke(name, taken)
    (call,) = lab.emulator.calls.select(operation="ListQueues")
    assert (call.source, call.principal.rpartition("/")[2]) == (name, "chained")


def test_an_exception_arrives_by_the_name_of_its_class(lab: Lab) -> None:
    answer, error = lab.invoke(lab.function(MISBEHAVING), "raise")
    assert error == "Unhandled"
    assert (answer["errorType"], answer["errorMessage"]) == ("AccountNotReady", "not yet")
    assert "in handler" in answer["stackTrace"][-1]


def test_a_missing_dependency_fails_as_on_aws(lab: Lab, caplog: pytest.LogCaptureFixture) -> None:
    name = lab.function("import pydantic\ndef handler(event, context):\n    return 1\n")
    answer, error = lab.invoke(name)
    assert error == "Unhandled"
    assert answer["errorType"] == "Runtime.ImportModuleError"
    assert answer["errorMessage"] == "Unable to import module 'app': No module named 'pydantic'"
    assert f"{name} did not start" in caplog.text


def test_a_process_that_ends_is_an_exit_error_and_the_next_invocation_gets_another(lab: Lab) -> None:
    name = lab.function(MISBEHAVING)
    answer, error = lab.invoke(name, "exit")
    assert error == "Unhandled"
    assert answer["errorType"] == "Runtime.ExitError"
    assert answer["errorMessage"].endswith("Error: Runtime exited with error: exit status 3")
    assert lab.invoke(name, "behave") == ("well", None)


def test_a_function_that_takes_too_long_is_ended(lab: Lab) -> None:
    name = lab.function(MISBEHAVING, Timeout=1)
    answer, error = lab.invoke(name, "hang")
    assert error == "Unhandled"
    assert answer["errorType"] == "Sandbox.Timedout"
    assert answer["errorMessage"].endswith("Error: Task timed out after 1.00 seconds")
    assert "Status: timeout" in log_of(lab, f"/aws/lambda/{name}")[-1]


def test_an_answer_beyond_the_limit_is_an_error(lab: Lab) -> None:
    answer, error = lab.invoke(lab.function(MISBEHAVING, Timeout=20), "talk")
    assert error == "Unhandled"
    assert answer["errorType"] == "Function.ResponseSizeTooLarge"


def test_a_payload_that_is_no_json_is_refused(lab: Lab) -> None:
    with pytest.raises(ClientError, match="Could not parse request body into json") as refusal:
        lab.client("lambda").invoke(FunctionName=lab.function(ECHO), Payload=b"{")
    assert refusal.value.response["Error"]["Code"] == "InvalidRequestContentException"


def test_a_dry_run_runs_nothing(lab: Lab) -> None:
    answer = lab.client("lambda").invoke(FunctionName=lab.function(MISBEHAVING), InvocationType="DryRun")
    assert answer["StatusCode"] == 204


def test_the_log_stream_holds_what_was_printed_between_start_and_report(lab: Lab) -> None:
    name = lab.function(ECHO)
    environment = lab.invoke(name)[0]["environment"]
    lab.invoke(name)
    (stream,) = lab.client("logs").describe_log_streams(logGroupName=f"/aws/lambda/{name}")["logStreams"]
    assert stream["logStreamName"] == environment["AWS_LAMBDA_LOG_STREAM_NAME"]
    lines = log_of(lab, f"/aws/lambda/{name}")
    first, second = lines[:4], lines[4:]
    assert [line.split()[0] for line in first] == ["START", "running", "END", "REPORT"]
    assert [line.split()[0] for line in second] == ["START", "running", "END", "REPORT"]
    assert "Billed Duration:" in first[3]
    assert "Init Duration:" in first[3]
    assert "Init Duration:" not in second[3]


def test_the_tail_of_the_log_comes_with_the_answer_when_asked_for(lab: Lab) -> None:
    invoke = lab.client("lambda").invoke
    name = lab.function(ECHO)
    assert "LogResult" not in invoke(FunctionName=name)
    assert invoke(FunctionName=name, LogType="Tail")["LogResult"]


def test_a_function_may_log_to_a_group_of_its_own(lab: Lab) -> None:
    config = {"LogFormat": "JSON", "LogGroup": "/avm/functions"}
    name = lab.function(ECHO, LoggingConfig=config)
    assert lab.invoke(name)[0]["environment"]["AWS_LAMBDA_LOG_FORMAT"] == "JSON"
    assert log_of(lab, "/avm/functions")
    assert lab.client("lambda").get_function_configuration(FunctionName=name)["LoggingConfig"] == config


def test_layers_are_on_the_path_and_their_content_is_found_where_variables_say_opt(lab: Lab) -> None:
    layers = [
        lab.client("lambda").publish_layer_version(LayerName=lab.name("layer"), Content={"ZipFile": zipped(files)})
        for files in (
            {"python/shared.py": "NAME = 'code'", "python/first.py": ""},
            {"catalog/organization.yaml": "regions: [eu-west-1]", "python/shared.py": "NAME = 'later wins'"},
        )
    ]
    source = """
import os, pathlib, first, shared
def handler(event, context):
    return [shared.NAME, pathlib.Path(os.environ["CATALOG"], "organization.yaml").read_text()]
"""
    name = lab.function(
        source,
        Layers=[layer["LayerVersionArn"] for layer in layers],
        Environment={"Variables": {"CATALOG": "/opt/catalog"}},
    )
    assert lab.invoke(name) == (["later wins", "regions: [eu-west-1]"], None)


def test_a_linked_directory_is_used_in_place(lab: Lab, tmp_path: Path) -> None:
    code = written(tmp_path, {"app.py": "def handler(event, context):\n    return __file__\n"})
    name = lab.function("", Code={"ZipFile": link(code)})
    assert lab.invoke(name) == (str(code / "app.py"), None)
    assert not (code / "__pycache__").exists()


def test_a_link_changes_with_the_directory(tmp_path: Path) -> None:
    code = written(tmp_path, {"app.py": "1"})
    before = link(code)
    assert link(code) == before
    written(tmp_path, {"app.py": "12"})
    assert link(code) != before


def test_a_missing_directory_is_named(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="make build-host"):
        link(tmp_path / "absent")


def test_new_code_and_new_variables_run_from_the_next_invocation_on(lab: Lab) -> None:
    name = lab.function("import os\ndef handler(event, context):\n    return ['old', os.environ.get('A')]\n")
    assert lab.invoke(name)[0] == ["old", None]
    new = "import os\ndef handler(event, context):\n    return ['new', os.environ.get('A')]\n"
    lab.client("lambda").update_function_code(FunctionName=name, ZipFile=zipped({"app.py": new}))
    assert lab.invoke(name)[0] == ["new", None]
    lab.client("lambda").update_function_configuration(FunctionName=name, Environment={"Variables": {"A": "1"}})
    assert lab.invoke(name)[0] == ["new", "1"]
    assert lab.emulator.functions.pool.processes()[name] == 1


def test_invocations_at_the_same_time_get_processes_of_their_own_which_are_used_again(lab: Lab, tmp_path: Path) -> None:
    source = f"""
import os, pathlib, time
def handler(event, context):
    folder = pathlib.Path({str(tmp_path)!r})
    (folder / str(os.getpid())).touch()
    while event["together"] > len(list(folder.iterdir())):
        time.sleep(0.005)
    return os.getpid()
"""
    name = lab.function(source, Timeout=30)
    with ThreadPoolExecutor(4) as threads:
        pids = set(threads.map(lambda _: lab.invoke(name, {"together": 4})[0], range(4)))
    assert len(pids) == 4
    assert {lab.invoke(name, {"together": 0})[0] for _ in range(4)} <= pids


def test_reserved_concurrency_throttles(lab: Lab) -> None:
    name = lab.function(ECHO)
    lab.client("lambda").put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=0)
    with pytest.raises(ClientError) as refusal:
        lab.invoke(name)
    assert refusal.value.response["Error"]["Code"] == "TooManyRequestsException"
    assert refusal.value.response["ResponseMetadata"]["HTTPStatusCode"] == 429
    lab.client("lambda").delete_function_concurrency(FunctionName=name)
    assert lab.invoke(name)[1] is None


def test_a_function_can_be_killed_in_the_middle_of_its_work(lab: Lab, tmp_path: Path) -> None:
    began = tmp_path / "began"
    source = f"""
import pathlib, threading
def handler(event, context):
    pathlib.Path({str(began)!r}).touch()
    threading.Event().wait(30)
"""
    name = lab.function(source, Timeout=60)
    answers: list[Any] = []
    caller = threading.Thread(target=lambda: answers.append(lab.invoke(name)))
    caller.start()
    until(began.exists)
    assert lab.emulator.functions.kill(name) == 1
    caller.join()
    ((answer, error),) = answers
    assert error == "Unhandled"
    assert answer["errorType"] == "Runtime.ExitError"
    assert answer["errorMessage"].endswith("signal: killed")


def test_a_role_that_lambda_cannot_assume_is_refused(lab: Lab) -> None:
    with pytest.raises(ClientError, match="cannot be assumed by Lambda"):
        lab.function(ECHO, Role=lab.role("events.amazonaws.com"))


def test_a_variable_that_belongs_to_lambda_is_refused(lab: Lab) -> None:
    with pytest.raises(ClientError, match="Reserved keys used in this request: AWS_REGION"):
        lab.function(ECHO, Environment={"Variables": {"AWS_REGION": "eu-west-1", "TABLE": "avm"}})


def test_the_clock_stands_while_a_function_runs(lab: Lab) -> None:
    name = lab.function("import threading\ndef handler(event, context):\n    threading.Event().wait(0.2)\n")
    due = lab.clock.now() + 3600
    fired: list[float] = []
    with lab.clock.activity():  # nothing may jump before the invocation has begun
        lab.clock.call_at(due, lambda: fired.append(lab.clock.now()))
        lab.emulator.clients.client("lambda").invoke(FunctionName=name)
        assert lab.clock.now() < due
    until(lambda: fired)


def test_a_function_sleeps_in_the_time_of_aws(lab: Lab) -> None:
    name = lab.function(
        "import time\ndef handler(event, context):\n    time.sleep(event)\n    return 'slept'", Timeout=600
    )
    before, real = lab.clock.now(), time.monotonic()
    assert lab.invoke(name, 400) == ("slept", None)
    assert lab.clock.now() - before == pytest.approx(400)
    assert time.monotonic() - real < 400
    assert lab.invoke(name, 601)[0]["errorType"] == "Sandbox.Timedout"
    assert lab.clock.now() - before == pytest.approx(1000)


def test_what_an_sdk_in_a_function_waits_for_before_it_calls_again_passes(lab: Lab) -> None:
    lab.client("organizations").create_organization(FeatureSet="ALL")
    source = """
import boto3, botocore.config
patient = botocore.config.Config(retries={"mode": "standard", "total_max_attempts": 12})
organizations = boto3.client("organizations", config=patient)
def handler(event, context):
    return [organizations.list_roots()["ResponseMetadata"]["RetryAttempts"] for _ in range(5)]
"""  # ListRoots: 1/s, 2 at once
    before = lab.clock.now()
    attempts, error = lab.invoke(lab.function(source, Timeout=60), {})
    assert error is None
    assert sum(attempts) > 0
    assert lab.clock.now() - before >= 3


def test_a_process_that_was_ended_for_its_time_out_serves_nobody_else(lab: Lab) -> None:
    name = lab.function(MISBEHAVING, Timeout=1)
    with ThreadPoolExecutor(2) as threads:
        slow = threads.submit(lab.invoke, name, "hang")
        until(lambda: lab.emulator.functions.pool.processes().get(name))
        lab.client("lambda").update_function_configuration(FunctionName=name, Timeout=2)
        assert lab.invoke(name, "behave") == ("well", None)
        assert slow.result()[0]["errorType"] == "Sandbox.Timedout"
    assert lab.emulator.functions.pool.processes()[name] == 1


def test_no_process_outlives_the_emulator(tmp_path: Path) -> None:
    source = f"""
import os, pathlib, subprocess, time
def handler(event, context):
    child = subprocess.Popen(["sleep", "300"])
    pathlib.Path({str(tmp_path)!r}, str(os.getpid())).touch()
    pathlib.Path({str(tmp_path)!r}, str(child.pid)).touch()
    time.sleep(300 * event["busy"])
"""
    pool = Pool(
        RUNTIME_PYTHON,
        "http://127.0.0.1:1",
        lambda configuration: "stream",
        lambda number, seconds: time.sleep(seconds),
    )
    configuration = FunctionConfiguration(
        function_name="f",
        function_arn="arn:aws:lambda:eu-west-1:123456789012:function:f",
        version="$LATEST",
        handler="app.handler",
        runtime="python3.13",
        region="eu-west-1",
        memory_size=128,
        timeout=600.0,
        task_root=written(tmp_path / "code", {"app.py": source}),
        opt=None,
        variables={},
        credentials={},
        log_group="/aws/lambda/f",
        log_format="Text",
        log_level=None,
    )
    with ThreadPoolExecutor(1) as threads:
        pool.invoke(configuration, b'{"busy": 0}', "first", 1)
        idle = {path for path in tmp_path.iterdir() if path.name.isdigit()}
        assert len(idle) == 2
        busy = [threads.submit(pool.invoke, configuration, b'{"busy": 1}', str(n), n) for n in (2,)]
        until(lambda: len(list(tmp_path.iterdir())) > 3)
        pool.close()
        outcomes = [json.loads(future.result().payload)["errorType"] for future in busy]
    assert outcomes == ["Runtime.ExitError"]
    for path in tmp_path.iterdir():
        if path.name.isdigit():
            until(partial(_is_gone, path.name))
    with pytest.raises(PoolClosedError):
        pool.invoke(configuration, b"{}", "late", 3)


def _is_gone(pid: str) -> bool:
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return True
    state = Path(f"/proc/{pid}/stat")  # where nobody collects the dead, they stay as zombies
    return state.exists() and ") Z " in state.read_text()
