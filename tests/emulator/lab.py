"""Small worlds for tests of functions and delivery: roles, functions made of a few lines, queues."""

from __future__ import annotations

import io
import itertools
import json
import time
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from avm_emulator.context import Emulator

ACCOUNT = "123456789012"
REGION = "eu-west-1"
PATIENCE = 60.0
"""Real seconds after which a test gives up."""

EVERYTHING = json.dumps({"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}})
"""A policy for those of whom no test asks what they may do."""

_numbers = itertools.count(1)


def zipped(files: Mapping[str, str]) -> bytes:
    """Return a zip with the files, by path."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def written(directory: Path, files: Mapping[str, str]) -> Path:
    """Write the files below the directory and return it."""
    for name, content in files.items():
        path = directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
    return directory


class Lab:
    """Makes what a test needs, by plain calls of boto3, under names that no other test uses."""

    def __init__(self, emulator: Emulator, role_arn: str | None = None) -> None:
        """``role_arn``: whoever makes it, where it is not the management account's root."""
        self.emulator = emulator
        self.clock = emulator.clock
        self._role_arn = role_arn
        self._account = role_arn.split(":")[4] if role_arn else ACCOUNT

    def client(self, service: str, region: str = REGION) -> Any:
        return self.emulator.clients.client(service, region, role_arn=self._role_arn)

    @staticmethod
    def name(prefix: str) -> str:
        return f"{prefix}-{next(_numbers)}"

    def role(self, service: str, name: str | None = None) -> str:
        """Make a role that a service may assume, and that may do everything; return its ARN."""
        return self.role_trusting({"Service": service}, name)

    def role_trusting(self, principal: Mapping[str, str], name: str | None = None) -> str:
        statement = {"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"}
        trust = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
        iam, name = self.client("iam"), name or self.name("role")
        arn = str(iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust)["Role"]["Arn"])
        iam.put_role_policy(RoleName=name, PolicyName="everything", PolicyDocument=EVERYTHING)
        return arn

    def function(self, source: str, name: str | None = None, **configuration: Any) -> str:
        """Make a function of the source of ``app.py``, whose handler is ``handler``; return its name."""
        name = name or self.name("function")
        self.client("lambda").create_function(
            **{
                "FunctionName": name,
                "Runtime": "python3.13",
                "Role": configuration.get("Role") or self.role("lambda.amazonaws.com"),
                "Handler": "app.handler",
                "Code": {"ZipFile": zipped({"app.py": source})},
                **configuration,
            }
        )
        return name

    def invoke(self, name: str, payload: Any = None, **options: Any) -> tuple[Any, str | None]:
        """Invoke a function; return its answer and FunctionError."""
        answer = self.client("lambda").invoke(FunctionName=name, Payload=json.dumps(payload), **options)
        body = answer["Payload"].read()
        return json.loads(body) if body else None, answer.get("FunctionError")

    def function_arn(self, name: str) -> str:
        return f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{name}"

    def recorder(self, *, fails: bool = False) -> tuple[str, str]:
        """Make a function that sends each of its events to a queue of its own; return its name and the queue's URL."""
        url, _ = self.queue()
        source = (
            "import boto3, json, os\n"
            "sqs = boto3.client('sqs')\n"
            "def handler(event, context):\n"
            "    sqs.send_message(QueueUrl=os.environ['SEEN'], MessageBody=json.dumps(event))\n"
            + ("    raise RuntimeError('on purpose')\n" if fails else "    return 'seen'\n")
        )
        return self.function(source, Timeout=20, Environment={"Variables": {"SEEN": url}}), url

    def queue(self, name: str | None = None, **attributes: str) -> tuple[str, str]:
        """Make a queue; return its URL and ARN."""
        name = name or self.name("queue")
        url = self.client("sqs").create_queue(QueueName=name, Attributes=attributes)["QueueUrl"]
        return url, f"arn:aws:sqs:{REGION}:{self._account}:{name}"

    def open_queue(self, name: str | None = None, **attributes: str) -> tuple[str, str]:
        """Make a queue to which EventBridge may send; return its URL and ARN."""
        statement = {
            "Effect": "Allow",
            "Principal": {"Service": "events.amazonaws.com"},
            "Action": "sqs:SendMessage",
            "Resource": "*",
        }
        policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
        return self.queue(name, **{"Policy": policy, **attributes})

    def messages(self, url: str) -> list[dict[str, Any]]:
        """Take all visible messages out of a queue."""
        sqs, taken = self.client("sqs"), []
        options = {"MaxNumberOfMessages": 10, "MessageAttributeNames": ["All"], "AttributeNames": ["All"]}
        while found := sqs.receive_message(QueueUrl=url, **options).get("Messages", []):
            taken += found
            for message in found:
                sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
        return taken

    def bodies(self, url: str) -> list[Any]:
        """Take all visible messages out of a queue; return their bodies, parsed."""
        return [json.loads(message["Body"]) for message in self.messages(url)]

    def attributes(self, message: Mapping[str, Any]) -> dict[str, str]:
        """Return the attributes of a message by name."""
        return {name: value["StringValue"] for name, value in message["MessageAttributes"].items()}

    def map_queue(self, queue_arn: str, function: str, **options: Any) -> str:
        """Let a function poll a queue; return the id of the mapping."""
        made = self.client("lambda").create_event_source_mapping(
            EventSourceArn=queue_arn, FunctionName=function, **options
        )
        return str(made["UUID"])

    def settle(self) -> None:
        """Wait until nothing runs and nothing is due but time-outs and what recurs."""
        until(self._is_quiet)

    def _is_quiet(self) -> bool:
        with self.clock._lock:
            return self.clock.active == 0 and not any(timer.kind == "work" for timer in self.clock.pending())


def until(condition: Callable[[], Any]) -> Any:
    """Wait in real time until the condition is true; return its value."""
    give_up = time.monotonic() + PATIENCE
    while not (value := condition()):
        assert time.monotonic() < give_up, "waited in vain"
        time.sleep(0.005)
    return value
