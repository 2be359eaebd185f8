"""A deployed stack: names, tags, outputs, ownership, other accounts and Regions, and the list in the docs."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from avm_emulator.context import Emulator
from avm_emulator.deploy import DeployedStack, deploy
from avm_emulator.deploy.without_effect import WITHOUT_EFFECT
from avm_emulator.engine import Options

TEMPLATE = Path(__file__).with_suffix(".yaml")


@pytest.fixture(scope="module")
def options() -> Options:
    parts = ("avm_emulator.managed_policies", "avm_emulator.organizations", "avm_emulator.front")
    return Options(speed="max", prepare=False, deploy=False, parts=parts)


@pytest.fixture
def deployed(emulator: Emulator) -> Any:
    def run(stack_name: str, **options: Any) -> DeployedStack:
        return deploy(emulator, TEMPLATE, stack_name=stack_name, **options)

    return run


def test_names_are_made_of_stack_logical_id_and_chance(deployed: Any) -> None:
    stack = deployed("named")
    assert re.fullmatch(r"named-Table-[A-Za-z0-9]{12}", stack.resources["Table"])
    assert re.fullmatch(r"named-bucket-[a-z0-9]{12}", stack.resources["Bucket"])
    assert re.fullmatch(r"http://127\.0\.0\.1:\d+/123456789012/named-Queue-[A-Za-z0-9]{12}", stack.resources["Queue"])


def test_long_names_are_cut_to_what_the_service_takes(deployed: Any) -> None:
    stack = deployed("a-stack-name-that-is-much-longer-than-what-any-role-or-bucket-takes")
    assert len(stack.resources["Role"]) == 64
    assert len(stack.resources["Bucket"]) == 63


def test_outputs_conditions_and_pseudo_parameters_resolve(deployed: Any) -> None:
    stack = deployed("outputs")
    assert stack.outputs["QueueArn"] == stack.arns["Queue"]
    assert stack.outputs["Stack"] == "outputs eu-west-1 123456789012 aws amazonaws.com"
    assert re.fullmatch(
        r"arn:aws:cloudformation:eu-west-1:123456789012:stack/outputs/[0-9a-f-]{36}", stack.outputs["StackId"]
    )
    assert "ProdOnly" not in stack.resources
    assert "ProdQueue" not in stack.outputs
    prod = deployed("outputs-prod", parameters={"Stage": "prod"})
    assert prod.outputs["ProdQueue"] == prod.resources["ProdOnly"]
    assert prod.parameters == {"Stage": "prod"}


def test_calls_on_the_stacks_own_resources_are_own(emulator: Emulator, deployed: Any) -> None:
    stack = deployed("owned")
    client = emulator.clients.client
    client("dynamodb").put_item(TableName=stack.resources["Table"], Item={"pk": {"S": "x"}})
    client("sqs").send_message(QueueUrl=stack.resources["Queue"], MessageBody="x")
    client("s3").put_object(Bucket=stack.resources["Bucket"], Key="k", Body=b"x")
    client("kms").generate_data_key(KeyId=stack.resources["Key"], KeySpec="AES_256")
    client("sqs").create_queue(QueueName="somebody-elses")
    client("iam").tag_role(RoleName=stack.resources["Role"], Tags=[{"Key": "a", "Value": "b"}])
    assert [call.own for call in list(emulator.calls)[-6:]] == [True, True, True, True, False, False]


def test_resources_carry_the_stacks_tags(emulator: Emulator, deployed: Any) -> None:
    stack = deployed("tagged")
    tags = emulator.clients.client("iam").list_role_tags(RoleName=stack.resources["Role"])["Tags"]
    assert {tag["Key"]: tag["Value"] for tag in tags} == {
        "aws:cloudformation:stack-name": "tagged",
        "aws:cloudformation:stack-id": stack.stack_id,
        "aws:cloudformation:logical-id": "Role",
    }


def test_a_stack_goes_into_another_region(emulator: Emulator, deployed: Any) -> None:
    stack = deployed("elsewhere", region="us-east-1")
    assert stack.arns["Queue"].startswith("arn:aws:sqs:us-east-1:123456789012:elsewhere-Queue-")
    client = emulator.clients.client
    assert stack.resources["Table"] in client("dynamodb", "us-east-1").list_tables()["TableNames"]
    assert stack.resources["Table"] not in client("dynamodb").list_tables()["TableNames"]
    assert client("s3", "us-east-1").head_bucket(Bucket=stack.resources["Bucket"])["BucketRegion"] == "us-east-1"


def test_a_stack_goes_into_another_account_in_a_role_there(emulator: Emulator, deployed: Any) -> None:
    organizations = emulator.clients.client("organizations")
    organizations.create_organization(FeatureSet="ALL")
    creation = organizations.create_account(Email="theirs@example.com", AccountName="theirs")["CreateAccountStatus"]
    while creation["State"] == "IN_PROGRESS":
        emulator.clock.advance(60)
        creation = organizations.describe_create_account_status(CreateAccountRequestId=creation["Id"])[
            "CreateAccountStatus"
        ]
    account_id = creation["AccountId"]
    stack = deployed("theirs", account_id=account_id)
    assert stack.arns["Queue"].startswith(f"arn:aws:sqs:eu-west-1:{account_id}:theirs-Queue-")
    assert stack.outputs["Stack"].split()[2] == account_id
    table = [call for call in emulator.calls if call.operation == "CreateTable"][-1]
    assert table.account == account_id
    assert table.principal.endswith(":assumed-role/OrganizationAccountAccessRole/cloudformation")


def test_the_docs_list_what_is_accepted_without_effect() -> None:
    page = (Path(__file__).parents[2] / "docs/emulator.md").read_text()
    rows = re.findall(r"^\| `(AWS::[A-Za-z0-9:]+)` \| `(\w+)` \| (.+) \|$", page, re.MULTILINE)
    assert {(kind, name): reason for kind, name, reason in rows} == WITHOUT_EFFECT
