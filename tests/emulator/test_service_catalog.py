"""Service Catalog with products of type EXTERNAL: who finds what, what the engine gets, how records end."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from avm_emulator.context import MANAGEMENT_ACCOUNT_ID, Emulator
from avm_emulator.engine import Options
from avm_emulator.service_catalog import FUNCTIONS
from tests.emulator.lab import Lab

QUEUE = "ServiceCatalogExternal{}OperationQueue"
URL = "https://products.s3.eu-west-1.amazonaws.com/sandbox.json"
ROLE = f"arn:aws:iam::{MANAGEMENT_ACCOUNT_ID}:role/launch"


@pytest.fixture(scope="module")
def options() -> Options:
    parts = ("managed_policies", "service_catalog", "functions", "delivery", "authorization")
    return Options(speed="max", prepare=False, deploy=False, parts=[f"avm_emulator.{part}" for part in parts])


class Hub:
    """An account with a portfolio, a product in it, an engine, and somebody who may launch."""

    def __init__(self, emulator: Emulator) -> None:
        self.emulator = emulator
        clients = emulator.clients
        self.admin = clients.client("servicecatalog")
        clients.client("s3").create_bucket(
            Bucket="products", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"}
        )
        clients.client("s3").put_object(Bucket="products", Key="sandbox.json", Body=b'{"account_type": "sandbox"}')
        mark = {"StringEquals": {"s3:ExistingObjectTag/servicecatalog:provisioning": "true"}}
        may = {"Effect": "Allow", "Action": ["servicecatalog:*", "sqs:*"], "Resource": "*"}
        read = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*", "Condition": mark}
        for name, statements in (("launcher", [may]), ("launch", [read]), ("stranger", [may])):
            self._role(name, statements)
        self.portfolio = self.admin.create_portfolio(DisplayName="Accounts", ProviderName="we", IdempotencyToken="1")[
            "PortfolioDetail"
        ]["Id"]
        made = self.admin.create_product(
            Name="sandbox",
            Owner="we",
            ProductType="EXTERNAL",
            IdempotencyToken="2",
            ProvisioningArtifactParameters={"Name": "v1", "Type": "EXTERNAL", "Info": {"LoadTemplateFromURL": URL}},
        )
        self.product = made["ProductViewDetail"]["ProductViewSummary"]["ProductId"]
        self.admin.associate_product_with_portfolio(ProductId=self.product, PortfolioId=self.portfolio)
        pattern = "arn:aws:iam:::role/launche?"
        self.admin.associate_principal_with_portfolio(
            PortfolioId=self.portfolio, PrincipalARN=pattern, PrincipalType="IAM_PATTERN"
        )
        self.admin.create_constraint(
            PortfolioId=self.portfolio,
            ProductId=self.product,
            Type="LAUNCH",
            Parameters=json.dumps({"RoleArn": ROLE}),
            IdempotencyToken="3",
        )
        self.launcher = self.as_role("servicecatalog", "launcher")
        self.stranger = self.as_role("servicecatalog", "stranger")
        self.sqs = clients.client("sqs")
        self.urls = {kind: self._queue(QUEUE.format(kind)) for kind in ("Provision", "Update", "Terminate")}

    def as_role(self, service: str, role: str) -> Any:
        arn = f"arn:aws:iam::{MANAGEMENT_ACCOUNT_ID}:role/{role}"
        return self.emulator.clients.client(service, role_arn=arn, session_name="jane")

    def launch(self, name: str, token: str | None = None) -> str:
        record = self.launcher.provision_product(
            ProductName="sandbox",
            ProvisioningArtifactName="v1",
            ProvisionedProductName=name,
            ProvisionToken=token or name,
            ProvisioningParameters=[{"Key": "name", "Value": name}],
        )["RecordDetail"]
        assert record["Status"] == "CREATED"
        return str(record["RecordId"])

    def message(self, kind: str = "Provision") -> dict[str, Any]:
        """Take the next message of a queue."""
        (message,) = self.sqs.receive_message(QueueUrl=self.urls[kind])["Messages"]
        self.sqs.delete_message(QueueUrl=self.urls[kind], ReceiptHandle=message["ReceiptHandle"])
        body: dict[str, Any] = json.loads(message["Body"])
        return body

    def status(self, record_id: str) -> tuple[str, str]:
        record = self.launcher.describe_record(Id=record_id)["RecordDetail"]
        product = self.launcher.describe_provisioned_product(Id=record["ProvisionedProductId"])
        return record["Status"], product["ProvisionedProductDetail"]["Status"]

    def _role(self, name: str, statements: list[dict[str, Any]]) -> None:
        iam = self.emulator.clients.client("iam")
        root = {"AWS": f"arn:aws:iam::{MANAGEMENT_ACCOUNT_ID}:root"}
        trust = {
            "Version": "2012-10-17",
            "Statement": [{"Effect": "Allow", "Principal": root, "Action": "sts:AssumeRole"}],
        }
        iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(trust))
        policy = json.dumps({"Version": "2012-10-17", "Statement": statements})
        iam.put_role_policy(RoleName=name, PolicyName="p", PolicyDocument=policy)

    def _queue(self, name: str) -> str:
        url = str(self.sqs.create_queue(QueueName=name)["QueueUrl"])
        self.admit(url, "servicecatalog.amazonaws.com")
        return url

    def admit(self, url: str, service: str) -> None:
        statement = {
            "Effect": "Allow",
            "Principal": {"Service": service},
            "Action": "sqs:SendMessage",
            "Resource": f"arn:aws:sqs:eu-west-1:{MANAGEMENT_ACCOUNT_ID}:{url.rpartition('/')[2]}",
            "Condition": {"StringEquals": {"aws:SourceAccount": MANAGEMENT_ACCOUNT_ID}},
        }
        policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
        self.sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": policy})


@pytest.fixture(scope="module")
def hub(emulator: Emulator) -> Hub:
    return Hub(emulator)


@pytest.fixture
def launched(hub: Hub, request: pytest.FixtureRequest) -> dict[str, Any]:
    """Return the message of something that was launched."""
    hub.launch(request.node.name[:60].replace("_", "-"))
    return hub.message()


def refused(call: Callable[..., Any], **parameters: Any) -> str:
    with pytest.raises(ClientError) as refusal:
        call(**parameters)
    return str(refusal.value.response["Error"]["Code"])


def result(message: dict[str, Any], status: str = "SUCCEEDED", **beside: Any) -> dict[str, Any]:
    """Return the engine's result as the parameters of a call."""
    ids = {"WorkflowToken": message["token"], "RecordId": message["recordId"], "IdempotencyToken": message["recordId"]}
    return {**ids, "Status": status, **beside}


def test_every_function_is_named_like_an_operation(hub: Hub) -> None:
    assert [function.__name__ for function in FUNCTIONS if not hasattr(hub.admin, function.__name__)] == []


def test_who_is_in_no_portfolio_finds_nothing(hub: Hub) -> None:
    (view,) = hub.launcher.search_products()["ProductViewSummaries"]
    assert (view["Name"], view["Type"]) == ("sandbox", "EXTERNAL")
    (path,) = hub.launcher.list_launch_paths(ProductId=hub.product)["LaunchPathSummaries"]
    assert path["ConstraintSummaries"][0]["Type"] == "LAUNCH"
    assert hub.stranger.search_products()["ProductViewSummaries"] == []
    assert hub.stranger.list_launch_paths(ProductId=hub.product)["LaunchPathSummaries"] == []
    wanted = {"ProductId": hub.product, "ProvisioningArtifactName": "v1", "ProvisionedProductName": "x"}
    assert refused(hub.stranger.provision_product, ProvisionToken="x", **wanted) == "ResourceNotFoundException"


def test_a_pattern_names_no_account(hub: Hub) -> None:
    principal = {"PrincipalARN": ROLE, "PrincipalType": "IAM_PATTERN"}
    call = hub.admin.associate_principal_with_portfolio
    assert refused(call, PortfolioId=hub.portfolio, **principal) == "InvalidParametersException"


def test_what_is_not_modelled_is_refused_by_name(hub: Hub) -> None:
    assert refused(hub.admin.list_portfolios) == "NotImplementedByEmulator"
    product = {"Name": "x", "Owner": "we", "IdempotencyToken": "x"}
    assert refused(hub.admin.create_product, ProductType="MARKETPLACE", **product) == "NotImplementedByEmulator"


def test_an_artifact_is_copied_and_read_by_its_mark(hub: Hub, launched: dict[str, Any]) -> None:
    scheme, _, place = launched["artifact"]["path"].partition("://")
    bucket, _, key = place.partition("/")
    assert (scheme, launched["artifact"]["type"], bucket.startswith("sc-")) == ("S3", "AWS_S3", True)
    held = hub.as_role("s3", "launch").get_object(Bucket=bucket, Key=key)["Body"].read()
    assert json.loads(held) == {"account_type": "sandbox"}
    # the original does not have the mark
    assert refused(hub.as_role("s3", "launch").get_object, Bucket="products", Key="sandbox.json") == "AccessDenied"


def test_a_launch_is_a_message_to_the_engine(hub: Hub, launched: dict[str, Any]) -> None:
    assert launched["operation"] == "PROVISION_PRODUCT"
    assert launched["launchRoleArn"] == ROLE
    assert launched["parameters"] == [{"key": "name", "value": launched["provisionedProductName"]}]
    identity = launched["identity"]
    assert identity["principal"].startswith("AROA")
    assert (identity["awsAccountId"], identity["organizationId"]) == (MANAGEMENT_ACCOUNT_ID, None)
    assert hub.status(launched["recordId"]) == ("IN_PROGRESS", "UNDER_CHANGE")


def test_without_an_engine_that_admits_it_nothing_is_launched(hub: Hub) -> None:
    url = hub.urls["Provision"]
    hub.admit(url, "events.amazonaws.com")
    record = hub.launch("not-admitted")
    hub.admit(url, "servicecatalog.amazonaws.com")
    assert hub.status(record) == ("FAILED", "ERROR")
    (error,) = hub.launcher.describe_record(Id=record)["RecordDetail"]["RecordErrors"]
    assert "not authorized" in error["Description"]
    assert "Messages" not in hub.sqs.receive_message(QueueUrl=url)


def test_a_form_is_what_the_engine_answers(hub: Hub, emulator: Emulator) -> None:
    form = {"ProductName": "sandbox", "ProvisioningArtifactName": "v1"}
    describe = hub.launcher.describe_provisioning_parameters
    assert refused(describe, **form) == "InvalidParametersException"
    lab = Lab(emulator)
    code = "def handler(event, _):\n    return {'parameters': [{'key': event['launchRoleArn'], 'type': 'string'}]}\n"
    lab.function(code, name="ServiceCatalogExternalParameterParser")
    assert refused(describe, **form) == "InvalidParametersException"
    lab.client("lambda").add_permission(
        FunctionName="ServiceCatalogExternalParameterParser",
        StatementId="service-catalog",
        Action="lambda:InvokeFunction",
        Principal="servicecatalog.amazonaws.com",
        SourceAccount=MANAGEMENT_ACCOUNT_ID,
    )
    (parameter,) = describe(**form)["ProvisioningArtifactParameters"]
    assert (parameter["ParameterKey"], parameter["ParameterType"], parameter["IsNoEcho"]) == (ROLE, "string", False)


def test_a_record_ends_by_its_result_once(hub: Hub, launched: dict[str, Any]) -> None:
    notify = hub.admin.notify_provision_product_engine_workflow_result
    ended = result(launched, Outputs=[{"OutputKey": "AccountId", "OutputValue": "1"}])
    assert refused(notify, **{**ended, "WorkflowToken": "another"}) == "InvalidParametersException"
    assert refused(notify, **{**ended, "RecordId": "rec-none"}) == "ResourceNotFoundException"
    notify(**ended)
    assert hub.status(launched["recordId"]) == ("SUCCEEDED", "AVAILABLE")
    notify(**ended)
    assert refused(notify, **result(launched, "FAILED", FailureReason="no")) == "InvalidParametersException"
    name = launched["provisionedProductName"]
    (output,) = hub.launcher.get_provisioned_product_outputs(ProvisionedProductName=name)["Outputs"]
    assert output["OutputValue"] == "1"


def test_a_token_is_one_record_and_a_name_one_product(hub: Hub) -> None:
    first = hub.launcher.provision_product
    wanted = {"ProductName": "sandbox", "ProvisioningArtifactName": "v1", "ProvisionedProductName": "once"}
    record = first(ProvisionToken="once", **wanted)["RecordDetail"]["RecordId"]
    assert first(ProvisionToken="once", **wanted)["RecordDetail"]["RecordId"] == record
    assert hub.message()["recordId"] == record
    assert "Messages" not in hub.sqs.receive_message(QueueUrl=hub.urls["Provision"])
    assert refused(first, ProvisionToken="twice", **wanted) == "DuplicateResourceException"


def test_what_fails_leaves_what_was_launched_tainted_unless_errors_are_ignored(
    hub: Hub, launched: dict[str, Any]
) -> None:
    product = {"ProvisionedProductId": launched["provisionedProductId"]}
    assert refused(hub.launcher.terminate_provisioned_product, **product) == "InvalidParametersException"
    hub.admin.notify_provision_product_engine_workflow_result(**result(launched))
    hub.launcher.update_provisioned_product(**product, UpdateToken="u")
    message = hub.message("Update")
    assert message["operation"] == "UPDATE_PROVISION_PRODUCT"
    hub.admin.notify_update_provisioned_product_engine_workflow_result(**result(message, "FAILED", FailureReason="no"))
    assert hub.status(message["recordId"]) == ("FAILED", "TAINTED")
    for ignored in (False, True):
        hub.launcher.terminate_provisioned_product(**product, IgnoreErrors=ignored)
        message = hub.message("Terminate")
        assert "parameters" not in message
        notify = hub.admin.notify_terminate_provisioned_product_engine_workflow_result
        notify(**result(message, "FAILED", FailureReason="no"))
    name = launched["provisionedProductName"]
    assert refused(hub.launcher.describe_provisioned_product, Name=name) == "ResourceNotFoundException"
