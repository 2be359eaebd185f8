"""Stacks of custom resources: what functions are asked, what their answers mean, what is rolled back."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import requests
from botocore.exceptions import ClientError

from avm_emulator.cloudformation.stacks import New
from avm_emulator.cloudformation.state import Stack
from avm_emulator.context import Emulator
from avm_emulator.engine import Options
from avm_emulator.errors import AwsError
from tests.emulator.lab import ACCOUNT, PATIENCE, REGION, Lab

SOURCE = """
import json, urllib.request

def handler(event, _):
    properties = event["ResourceProperties"]
    with open(properties["log"], "a") as log:
        log.write(json.dumps(event) + "\\n")
    rules = json.loads(properties["rules"])
    rule = rules.get(f"{event['RequestType']} {properties['n']}", rules.get(event["RequestType"], {}))
    if rule == "silent":
        return
    told = {name: event[name] for name in ("StackId", "RequestId", "LogicalResourceId")}
    told |= {"Status": "SUCCESS", "PhysicalResourceId": event.get("PhysicalResourceId", "made")}
    told["Data"] = {"Answer": "42"}
    body = rule if isinstance(rule, str) else json.dumps(told | rule)
    headers = {"Content-Type": ""}
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    opener.open(urllib.request.Request(event["ResponseURL"], body.encode(), headers, method="PUT"))
"""
FAILED = {"Status": "FAILED", "Reason": "no room"}


@pytest.fixture(scope="module")
def options() -> Options:
    parts = ("managed_policies", "cloudformation", "functions", "delivery", "authorization")
    return Options(speed="max", prepare=False, deploy=False, parts=[f"avm_emulator.{part}" for part in parts])


class Workshop:
    """Stacks of one test: a function that does as it is told, and what it was asked."""

    def __init__(self, emulator: Emulator, log: Path) -> None:
        self.emulator = emulator
        self.lab = Lab(emulator)
        self.log = log
        self.role = self.lab.role("servicecatalog.amazonaws.com")
        self.function = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{self.lab.function(SOURCE)}"

    def template(self, rules: Mapping[str, Any] | None = None, **more: Any) -> str:
        """Return a template; ``rules``: what the function does at a request (``Update 2``: where ``N`` is 2)."""
        properties = {
            "ServiceToken": self.function,
            "ServiceTimeout": "600",
            "log": str(self.log),
            "rules": json.dumps({**(rules or {}), **more}),
            "n": {"Ref": "N"},
            "flag": True,
            "deep": {"numbers": [1, {"Ref": "AWS::Region"}]},
        }
        thing = {"Type": "Custom::Thing", "Properties": properties}
        return json.dumps(
            {
                "Parameters": {"N": {"Type": "Number", "Default": 1}},
                "Resources": {"Thing": thing},
                "Outputs": {"Answer": {"Value": {"Fn::GetAtt": ["Thing", "Answer"]}}},
            }
        )

    def create(self, template: str, role: str | None = None, *, end: bool = True) -> Stack:
        new = New(self.lab.name("stack"), template, {}, role or self.role, {"owner": "we"})
        stack = self.emulator.stacks.create((ACCOUNT, REGION), new, lambda _: None)
        return self.ended(stack) if end else stack

    def update(self, stack: Stack, template: str, n: int) -> Stack:
        self.emulator.stacks.update(stack, template, {"N": str(n)}, lambda _: None)
        return self.ended(stack)

    def delete(self, stack: Stack) -> Stack:
        self.emulator.stacks.delete(stack, lambda _: None)
        return self.ended(stack)

    def ended(self, stack: Stack) -> Stack:
        deadline = time.monotonic() + PATIENCE
        while stack.status.endswith("_IN_PROGRESS"):
            assert time.monotonic() < deadline, stack.events
            time.sleep(0.01)
        return stack

    def asked(self) -> list[dict[str, Any]]:
        deadline = time.monotonic() + PATIENCE
        while not self.log.exists():
            assert time.monotonic() < deadline, "the function was not asked"
            time.sleep(0.01)
        return [json.loads(line) for line in self.log.read_text().splitlines()]

    def kinds(self) -> list[str]:
        return [each["RequestType"] for each in self.asked()]


@pytest.fixture
def workshop(emulator: Emulator, tmp_path: Path) -> Workshop:
    return Workshop(emulator, tmp_path / "log")


def test_a_request_is_what_cloudformation_sends(workshop: Workshop, emulator: Emulator) -> None:
    stack = workshop.create(workshop.template())
    assert (stack.status, stack.outputs) == ("CREATE_COMPLETE", {"Answer": "42"})
    (asked,) = workshop.asked()
    assert set(asked) == {
        *("RequestType", "ServiceToken", "ResponseURL", "StackId", "RequestId"),
        *("LogicalResourceId", "ResourceType", "ResourceProperties"),
    }
    assert (asked["StackId"], asked["ResourceType"]) == (stack.id, "Custom::Thing")
    properties = asked["ResourceProperties"]
    assert (properties["n"], properties["flag"], properties["deep"]) == ("1", "true", {"numbers": ["1", REGION]})
    bucket = f"{emulator.endpoint_url}/cloudformation-custom-resource-response-euwest1/"
    assert asked["ResponseURL"].startswith(bucket)
    cloudformation = emulator.clients.client("cloudformation")
    for name in (stack.id, stack.name):
        (shown,) = cloudformation.describe_stacks(StackName=name)["Stacks"]
        assert (shown["StackStatus"], shown["RoleARN"]) == ("CREATE_COMPLETE", workshop.role)
        assert shown["Tags"] == [{"Key": "owner", "Value": "we"}]
    events = cloudformation.describe_stack_events(StackName=stack.name)["StackEvents"]
    assert [each["ResourceStatus"] for each in events if each["LogicalResourceId"] == "Thing"] == [
        "CREATE_COMPLETE",
        "CREATE_IN_PROGRESS",
    ]
    with pytest.raises(ClientError, match="does not exist"):
        cloudformation.describe_stacks(StackName="nobodys")


def test_a_failed_creation_is_rolled_back_by_a_deletion(workshop: Workshop) -> None:
    stack = workshop.create(workshop.template(Create=FAILED | {"PhysicalResourceId": "half-made"}))
    assert stack.status == "ROLLBACK_COMPLETE"
    assert "Message returned: no room" in stack.failure
    create, delete = workshop.asked()
    assert (create["RequestType"], delete["RequestType"]) == ("Create", "Delete")
    assert delete["PhysicalResourceId"] == "half-made"
    assert delete["RequestId"] != create["RequestId"]
    workshop.delete(stack)
    assert stack.status == "DELETE_COMPLETE"
    assert workshop.kinds() == ["Create", "Delete"], "what is gone is not deleted again"


def test_a_failed_update_is_put_back(workshop: Workshop) -> None:
    template = workshop.template({"Update 2": FAILED})
    stack = workshop.create(template)
    workshop.update(stack, template, 2)
    assert (stack.status, stack.outputs) == ("UPDATE_ROLLBACK_COMPLETE", {"Answer": "42"})
    _, there, back = workshop.asked()
    assert [(each["ResourceProperties"]["n"], each["OldResourceProperties"]["n"]) for each in (there, back)] == [
        ("2", "1"),
        ("1", "2"),
    ]
    assert stack.wanted.parameters == {"N": "1"}
    workshop.update(stack, template, 4)
    assert (stack.status, stack.wanted.parameters) == ("UPDATE_COMPLETE", {"N": "4"})
    with pytest.raises(AwsError, match="No updates"):
        workshop.update(stack, template, 4)


def test_what_cannot_be_put_back_stays_so(workshop: Workshop) -> None:
    template = workshop.template(Update=FAILED)
    stack = workshop.create(template)
    assert workshop.update(stack, template, 2).status == "UPDATE_ROLLBACK_FAILED"
    with pytest.raises(AwsError, match="can not be updated"):
        workshop.update(stack, template, 3)


def test_a_new_physical_id_replaces_the_old_resource(workshop: Workshop) -> None:
    template = workshop.template(Update={"PhysicalResourceId": "another"})
    stack = workshop.create(template)
    assert workshop.update(stack, template, 2).status == "UPDATE_COMPLETE"
    *_, delete = workshop.asked()
    assert (workshop.kinds(), delete["PhysicalResourceId"]) == (["Create", "Update", "Delete"], "made")
    assert workshop.delete(stack).status == "DELETE_COMPLETE"
    assert workshop.asked()[-1]["PhysicalResourceId"] == "another"


def test_what_does_not_let_go_fails_the_deletion(workshop: Workshop) -> None:
    stack = workshop.create(workshop.template(Delete=FAILED))
    assert workshop.delete(stack).status == "DELETE_FAILED"
    assert "no room" in str(stack.reason)


@pytest.mark.parametrize(
    ("rule", "reason"),
    [
        ("no JSON", "Invalid response object"),
        ("[]", "Invalid response object"),
        ({"StackId": "another"}, "Invalid response object"),
        ({"PhysicalResourceId": ""}, "Invalid response object"),
        ({"Status": "DONE"}, "Invalid response object"),
        ({"Data": {"Answer": "4" * 4096}}, "Response object is too long"),
    ],
)
def test_an_answer_must_be_one(workshop: Workshop, rule: Any, reason: str) -> None:
    stack = workshop.create(workshop.template(Create=rule))
    assert stack.status == "ROLLBACK_COMPLETE"
    assert reason in stack.failure


def test_only_the_signed_put_is_an_answer(workshop: Workshop) -> None:
    stack = workshop.create(workshop.template(Create="silent"), end=False)
    (asked,) = workshop.asked()
    url, told = asked["ResponseURL"], {name: asked[name] for name in ("StackId", "RequestId", "LogicalResourceId")}
    body = json.dumps({**told, "Status": "SUCCESS", "PhysicalResourceId": "by hand", "Data": {"Answer": "43"}}).encode()
    refused = [
        requests.get(url, timeout=10),
        requests.put(url[:-1] + ("0" if url[-1] != "0" else "1"), body, timeout=10),
        requests.put(url.replace(asked["RequestId"], "another"), body, timeout=10),
        requests.put(url, body, headers={"Content-Type": "application/json"}, timeout=10),
    ]
    assert [each.status_code for each in refused] == [403] * len(refused)
    assert stack.status == "CREATE_IN_PROGRESS"
    assert [requests.put(url, body, timeout=10).status_code for _ in range(2)] == [200, 200]
    assert workshop.ended(stack).outputs == {"Answer": "43"}


def test_without_an_answer_a_resource_fails_when_its_time_is_over(workshop: Workshop, emulator: Emulator) -> None:
    stack = workshop.create(workshop.template(Create="silent"), end=False)
    workshop.asked()
    emulator.clock.advance(599)
    assert stack.status == "CREATE_IN_PROGRESS"
    emulator.clock.advance(1)
    assert workshop.ended(stack).status == "ROLLBACK_COMPLETE"
    assert "did not receive a response" in stack.failure
    assert workshop.asked()[-1]["PhysicalResourceId"].startswith(stack.name)


def test_the_stack_does_what_its_role_may(workshop: Workshop) -> None:
    role, iam = workshop.lab.role("servicecatalog.amazonaws.com"), workshop.lab.client("iam")
    name = role.rpartition("/")[2]

    def allow(action: str, resource: str) -> None:
        statement = {"Effect": "Allow", "Action": action, "Resource": resource}
        policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
        iam.put_role_policy(RoleName=name, PolicyName="everything", PolicyDocument=policy)

    allow("lambda:InvokeFunction", "*")
    with pytest.raises(AwsError, match="cloudformation:CreateStack"):
        workshop.create(workshop.template(), role)
    allow("cloudformation:*", "*")
    stack = workshop.create(workshop.template(), role)
    assert stack.status == "ROLLBACK_FAILED"
    assert "lambda:InvokeFunction" in stack.failure
    assert not workshop.log.exists()


@pytest.mark.parametrize(
    ("template", "problem"),
    [
        ("{", "format error"),
        ("{}", "At least one Resources member"),
        ('{"Resources": {"Bucket": {"Type": "AWS::S3::Bucket"}}}', "custom resources only"),
        ('{"Resources": {"Thing": {"Type": "Custom::Thing"}}}', "ServiceToken"),
    ],
)
def test_what_is_not_modelled_is_refused(workshop: Workshop, template: str, problem: str) -> None:
    with pytest.raises(AwsError, match=problem):
        workshop.create(template)
