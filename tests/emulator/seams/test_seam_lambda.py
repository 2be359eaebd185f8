"""What functions and SQS event sources take for granted of moto's Lambda and SQS."""

from __future__ import annotations

import base64
import inspect
import json
from typing import Any

import pytest
from moto.awslambda.models import LambdaBackend, LambdaFunction, lambda_backends
from moto.iam.models import iam_backends
from moto.logs.models import LogsBackend
from moto.sqs.models import Message, Queue, SQSBackend

from avm_emulator.functions import moto_seam, sqs_seam
from tests.emulator.lab import zipped

ACCOUNT = "210987654321"
REGION = "eu-west-1"


@pytest.fixture
def backend() -> LambdaBackend:
    made = LambdaBackend(REGION, ACCOUNT)
    lambda_backends[ACCOUNT][REGION] = made
    return made


@pytest.fixture
def function(backend: LambdaBackend, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setattr(LambdaFunction, "__init__", moto_seam._initialize_function)
    iam = iam_backends[ACCOUNT]["aws"]
    roles = [role.arn for role in iam.roles.values() if role.name == "runs"]
    role = roles[0] if roles else iam.create_role("runs", "{}", "/", None, None, [], "3600").arn
    spec = {
        "FunctionName": "f",
        "Runtime": "python3.13",
        "Role": role,
        "Handler": "app.handler",
        "Code": {"ZipFile": base64.b64encode(zipped({"app.py": "pass"})).decode()},
        "Environment": {"Variables": {"A": "1"}},
        "DeadLetterConfig": {"TargetArn": "arn:dead"},
        "LoggingConfig": {"LogGroup": "/own"},
    }
    return moto_seam._create_function(backend, spec)


def parameters(function: Any) -> list[str]:
    return list(inspect.signature(function).parameters)


def test_a_function_holds_what_an_environment_is_made_of(function: Any) -> None:
    assert function.function_arn == f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:f"
    assert (function.function_name, function.handler, function.run_time) == ("f", "app.handler", "python3.13")
    assert (function.version, function.region, function.account_id) == ("$LATEST", REGION, ACCOUNT)
    assert (function.memory_size, function.timeout, function.layers) == (128, 3, [])
    assert (function.environment_vars, function.reserved_concurrency) == ({"A": "1"}, None)
    assert function.code_bytes.startswith(b"PK")
    assert function.code_sha_256
    assert function.event_invoke_config == []


def test_moto_drops_the_dead_letter_queue_and_the_log_group_which_the_patch_keeps(function: Any) -> None:
    assert "dead_letter_config" not in inspect.getsource(moto_seam._initialize)
    assert function.dead_letter_config == {"TargetArn": "arn:dead"}
    assert function.logs_group_name == "/own"
    assert "DeadLetterConfig" not in moto_seam._get_configuration(function)


def test_the_specification_of_a_function_comes_as_keyword() -> None:
    assert "spec" in parameters(moto_seam._initialize)
    assert "spec=spec" in inspect.getsource(moto_seam._create_function)


def test_every_invocation_goes_through_the_function(
    backend: LambdaBackend, function: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[tuple[Any, ...]] = []

    def invoke(self: Any, *args: Any) -> str:
        calls.append(args)
        return "answer"

    monkeypatch.setattr(LambdaFunction, "invoke", invoke)
    headers: dict[str, str] = {}
    assert backend.invoke("f", None, b"{}", {"x-amz-invocation-type": "Event"}, headers) == "answer"
    assert calls == [(b"{}", {"x-amz-invocation-type": "Event"}, headers)]
    backend.send_log_event(function.function_arn, "filter", "group", "stream", [])
    assert calls[1][1:] == ({}, {}), "moto's own services hand no headers over"


def test_a_layer_version_holds_its_zip(backend: LambdaBackend) -> None:
    content = {"ZipFile": base64.b64encode(b"zip").decode()}
    made = backend.publish_layer_version({"LayerName": "code", "Content": content})
    assert made.arn == f"arn:aws:lambda:{REGION}:{ACCOUNT}:layer:code:1"
    assert backend.layers_versions_by_arn(made.arn).code_bytes == b"zip"


def test_a_permission_is_a_statement_of_a_policy(function: Any) -> None:
    function.policy.add_statement(
        json.dumps(
            {
                "StatementId": "rule",
                "Action": "lambda:InvokeFunction",
                "Principal": "events.amazonaws.com",
                "SourceArn": "arn:rule",
                "SourceAccount": ACCOUNT,
            }
        )
    )
    (statement,) = function.policy.statements
    assert statement["Principal"] == {"Service": "events.amazonaws.com"}
    assert statement["Resource"].startswith(function.function_arn)
    assert statement["Condition"] == {
        "ArnLike": {"AWS:SourceArn": "arn:rule"},
        "StringEquals": {"AWS:SourceAccount": ACCOUNT},
    }


def test_the_event_invoke_config_keeps_what_it_is_given(backend: LambdaBackend, function: Any) -> None:
    moto_seam._put_event_invoke_config(backend, "f", {"MaximumRetryAttempts": 0})
    assert function.event_invoke_config[0].config == {"MaximumRetryAttempts": 0}


def test_the_methods_that_are_replaced_have_their_parameters() -> None:
    assert parameters(moto_seam._update_configuration) == ["self", "config_updates"]
    assert parameters(sqs_seam._create_mapping) == ["self", "spec"]
    assert parameters(sqs_seam._update_mapping) == ["self", "uuid", "spec"]
    assert parameters(sqs_seam._delete_mapping) == ["self", "uuid"]
    assert parameters(sqs_seam._add_message) == ["self", "message"]
    assert parameters(sqs_seam._delete_message) == ["self", "receipt_handle"]
    assert parameters(sqs_seam._change_visibility) == ["self", "queue_name", "receipt_handle", "visibility_timeout"]
    assert parameters(sqs_seam._receive_message)[:4] == ["self", "queue_name", "count", "wait_seconds_timeout"]


def test_logs_are_written_through_three_methods() -> None:
    assert parameters(LogsBackend.ensure_log_group) == ["self", "log_group_name"]
    assert parameters(LogsBackend.ensure_log_stream) == ["self", "log_group_name", "log_stream_name"]
    assert parameters(LogsBackend.put_log_events) == ["self", "log_group_name", "log_stream_name", "log_events"]


def test_a_queue_holds_its_messages_behind_a_lock_and_its_mappings() -> None:
    queue = Queue("q", REGION, ACCOUNT)
    assert queue._messages == []
    assert queue.messages == []
    assert queue.lambda_event_source_mappings == {}
    assert (queue.visibility_timeout, queue.fifo_queue) == (30, False)
    with queue._messages_lock, queue._messages_lock:
        pass  # it may be taken twice


def test_moto_polls_inside_the_sender_which_the_patch_avoids() -> None:
    assert "lambda_event_source_mappings" in inspect.getsource(sqs_seam._add_message)
    assert "send_sqs_batch" in inspect.getsource(sqs_seam._add_message)


def test_a_message_holds_what_lambdas_record_shows() -> None:
    message = Message("id", "body")
    assert (message.id, message.body, message.message_attributes, message.system_attributes) == ("id", "body", {}, {})
    assert message.body_md5 == "841a2d689ad86bd1611447453c22c6fc"
    assert (message.visible_at, message.delayed_until, message.approximate_receive_count) == (0.0, 0.0, 0)
    for name in ("sent_timestamp", "sender_id", "approximate_first_receive_timestamp", "receipt_handle", "group_id"):
        assert hasattr(message, name)
    assert hasattr(message, "deduplication_id")
    assert hasattr(message, "sequence_number")


def test_a_received_message_is_a_copy_with_its_attributes() -> None:
    backend = SQSBackend(REGION, ACCOUNT)
    queue = backend.create_queue("q")
    attribute = {"kind": {"DataType": "String", "StringValue": "x"}}
    message = Message("id", "body")
    message.message_attributes = attribute
    message.mark_sent()
    sqs_seam._add_message(queue, message)
    (received,) = sqs_seam._receive_message(backend, "q", 1, 0, 30, ["All"])
    assert received is not message
    assert received.message_attributes == attribute
    assert (message.approximate_receive_count, message.visible) == (1, False)
    sqs_seam._delete_message(queue, received.receipt_handle)
    assert queue._messages == []
