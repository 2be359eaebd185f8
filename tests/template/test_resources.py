"""What holds data survives, and is encrypted; what goes wrong is told."""

from __future__ import annotations

import json
import re
import tomllib
from typing import Any

import pytest
from samtranslator.yaml_helper import yaml_parse

from avm.contracts.provisioning_outcome import STATUS_AFTER
from avm.runtime.http import RETRY_AFTER_SECONDS
from avm.runtime.observability import METRICS
from avm.steps.messages import MAX_RECEIVES
from tests.template.conftest import ROOT, Template, resources, statements_of

KEEPS = ["AWS::DynamoDB::Table", "AWS::KMS::Key", "AWS::Logs::LogGroup", "AWS::S3::Bucket", "AWS::SQS::Queue"]
LET_GO = {"ProvisionOperationQueue", "UpdateOperationQueue", "TerminateOperationQueue"}
"""Queues whose names AWS has fixed: one that stayed would keep its name from whoever switches the engine on next."""
SECRET = re.compile(r"AKIA[0-9A-Z]{16}|-----BEGIN|(?i:password|secret)[\"']?\s*[:=]\s*[\"'][^\"'{]+")


@pytest.mark.parametrize("kind", KEEPS)
def test_what_holds_data_is_kept_when_the_stack_goes(kind: str, template: Template) -> None:
    for name, resource in template["Resources"].items():
        if resource["Type"] == kind:
            policy = "Delete" if name in LET_GO else "Retain"
            assert (name, resource.get("DeletionPolicy"), resource.get("UpdateReplacePolicy")) == (name, policy, policy)


def test_tables_can_be_restored_to_any_second(template: Template) -> None:
    for table in resources(template, "AWS::DynamoDB::Table").values():
        assert table["PointInTimeRecoverySpecification"] == {"PointInTimeRecoveryEnabled": True}
        assert table["DeletionProtectionEnabled"] is True


@pytest.mark.parametrize(
    ("kind", "where"),
    [
        ("AWS::DynamoDB::Table", "SSESpecification.KMSMasterKeyId"),
        ("AWS::Events::EventBus", "KmsKeyIdentifier"),
        ("AWS::Logs::LogGroup", "KmsKeyId"),
        ("AWS::SNS::Topic", "KmsMasterKeyId"),
        ("AWS::SQS::Queue", "KmsMasterKeyId"),
    ],
)
def test_data_is_encrypted_with_the_stacks_key(kind: str, where: str, template: Template) -> None:
    for found in resources(template, kind).values():
        value: Any = found
        for part in where.split("."):
            value = value[part]
        assert value == {"Fn::GetAtt": ["Key", "Arn"]}


def test_buckets_are_encrypted_versioned_closed_and_reached_by_tls_only(template: Template) -> None:
    buckets = resources(template, "AWS::S3::Bucket")
    for bucket in buckets.values():
        (rule,) = bucket["BucketEncryption"]["ServerSideEncryptionConfiguration"]
        assert rule["ServerSideEncryptionByDefault"]["KMSMasterKeyID"] == {"Fn::GetAtt": ["Key", "Arn"]}
        assert bucket["VersioningConfiguration"] == {"Status": "Enabled"}
        assert set(bucket["PublicAccessBlockConfiguration"].values()) == {True}
    guarded = set()
    for policy in resources(template, "AWS::S3::BucketPolicy").values():
        (statement,) = policy["PolicyDocument"]["Statement"]
        assert (statement["Effect"], statement["Principal"], statement["Action"]) == ("Deny", "*", "s3:*")
        assert statement["Condition"] == {"Bool": {"aws:SecureTransport": False}}
        guarded.add(policy["Bucket"]["Ref"])
    assert guarded == set(buckets)


def test_queues_are_reached_by_tls_only(template: Template) -> None:
    guarded: set[str] = set()
    for policy in resources(template, "AWS::SQS::QueuePolicy").values():
        queues = [queue["Ref"] for queue in policy["Queues"]]
        for statement in statements_of(policy["PolicyDocument"]):
            if statement["Condition"] == {"Bool": {"aws:SecureTransport": False}}:
                assert (statement["Effect"], statement["Principal"], statement["Action"]) == ("Deny", "*", "sqs:*")
                assert statement["Resource"] == [{"Fn::GetAtt": [queue, "Arn"]} for queue in queues]
                guarded |= set(queues)
    assert guarded == set(resources(template, "AWS::SQS::Queue"))


def test_a_queue_of_a_function_hides_a_message_for_six_of_its_time_outs_and_gives_it_up_at_last(
    template: Template,
) -> None:
    queues = resources(template, "AWS::SQS::Queue")
    functions = resources(template, "AWS::Lambda::Function")
    for source in resources(template, "AWS::Lambda::EventSourceMapping").values():
        queue = queues[source["EventSourceArn"]["Fn::GetAtt"][0]]
        assert queue["VisibilityTimeout"] >= 6 * functions[source["FunctionName"]["Ref"]]["Timeout"]
        assert source["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
        redrive = queue["RedrivePolicy"]
        dead = queues[redrive["deadLetterTargetArn"]["Fn::GetAtt"][0]]
        assert redrive["maxReceiveCount"] == MAX_RECEIVES
        assert dead["MaximumMessageSize"] > queue["MaximumMessageSize"]
        assert dead["MessageRetentionPeriod"] >= queue["MessageRetentionPeriod"]


def test_every_dead_letter_queue_has_its_alarm(template: Template) -> None:
    queues = resources(template, "AWS::SQS::Queue").values()
    dead = {
        queue["RedrivePolicy"]["deadLetterTargetArn"]["Fn::GetAtt"][0] for queue in queues if "RedrivePolicy" in queue
    }
    dead |= {
        each["DeadLetterConfig"]["TargetArn"]["Fn::GetAtt"][0]
        for each in resources(template, "AWS::Lambda::Function").values()
        if "DeadLetterConfig" in each
    }
    dead |= {target["DeadLetterConfig"]["Arn"]["Fn::GetAtt"][0] for target in _targets(template)}
    watched = {
        alarm["Dimensions"][0]["Value"]["Fn::GetAtt"][0]
        for alarm in resources(template, "AWS::CloudWatch::Alarm").values()
        if alarm["MetricName"] == "ApproximateNumberOfMessagesVisible" and alarm["Threshold"] == 1
    }
    assert watched == dead


def _targets(template: Template) -> list[dict[str, Any]]:
    return [target for rule in resources(template, "AWS::Events::Rule").values() for target in rule["Targets"]]


@pytest.mark.parametrize("file", ["template.yaml", "templates/management_events.yaml"])
def test_what_a_rule_cannot_deliver_is_kept_in_a_queue_that_takes_it_and_has_its_alarm(
    file: str, template: Template
) -> None:
    stack = template if file == "template.yaml" else yaml_parse((ROOT / file).read_text("utf-8"))
    kept = {target["DeadLetterConfig"]["Arn"]["Fn::GetAtt"][0] for target in _targets(stack)}
    for queue in kept:
        (policy,) = (
            each["PolicyDocument"]["Statement"]
            for each in resources(stack, "AWS::SQS::QueuePolicy").values()
            if each["Queues"] == [{"Ref": queue}]
        )
        (allowed,) = (each for each in policy if each["Effect"] == "Allow")
        assert (allowed["Principal"], allowed["Action"]) == ({"Service": "events.amazonaws.com"}, "sqs:SendMessage")
        assert allowed["Condition"] == {"StringEquals": {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}}
    watched = {
        alarm["Dimensions"][0]["Value"]["Fn::GetAtt"][0]
        for alarm in resources(stack, "AWS::CloudWatch::Alarm").values()
        if alarm["MetricName"] == "ApproximateNumberOfMessagesVisible" and alarm["AlarmActions"]
    }
    assert kept
    assert kept <= watched


def test_a_key_is_rotated_or_signs(template: Template) -> None:
    keys = resources(template, "AWS::KMS::Key")
    signing = {name for name, key in keys.items() if key.get("KeyUsage") == "SIGN_VERIFY"}
    assert signing == {"ReportKey"}
    assert all(key["EnableKeyRotation"] is True for name, key in keys.items() if name not in signing)


def test_the_key_for_reports_signs_for_the_functions_that_keep_them_and_for_nobody_else(template: Template) -> None:
    (denial,) = (
        each
        for each in resources(template, "AWS::KMS::Key")["ReportKey"]["KeyPolicy"]["Statement"]
        if each["Effect"] == "Deny"
    )
    assert (denial["Action"], denial["Principal"]) == ("kms:Sign", "*")
    (pattern,) = denial["Condition"]["ArnNotLike"].values()
    assert pattern["Fn::Sub"].endswith(":role/avm-functions/*reports/*")
    may_sign = {
        name
        for name, role in resources(template, "AWS::IAM::Role").items()
        for policy in role.get("Policies", [])
        if any("kms:Sign" in statement["Action"] for statement in statements_of(policy["PolicyDocument"]))
    }
    assert may_sign == {"VerifyAccountFunctionRole", "SweepAccountsFunctionRole"}


def test_logs_are_kept_for_a_stated_time(template: Template) -> None:
    assert all("RetentionInDays" in group for group in resources(template, "AWS::Logs::LogGroup").values())


def test_state_machines_are_traced_and_logged_without_their_data(template: Template) -> None:
    for machine in resources(template, "AWS::StepFunctions::StateMachine").values():
        assert machine["TracingConfiguration"] == {"Enabled": True}
        assert machine["LoggingConfiguration"]["Level"] == "ALL"
        assert machine["LoggingConfiguration"]["IncludeExecutionData"] is False


def test_every_alarm_tells_somebody_what_to_do(template: Template) -> None:
    topics = {json.dumps({"Ref": topic}) for topic in resources(template, "AWS::SNS::Topic")}
    for name, alarm in resources(template, "AWS::CloudWatch::Alarm").items():
        assert {json.dumps(action) for action in alarm["AlarmActions"]} <= topics, name
        assert alarm["AlarmActions"], name
        assert "docs/runbook.md" in alarm["AlarmDescription"], name
        assert alarm["TreatMissingData"], name


def test_every_call_of_the_api_is_signed_but_webhooks_where_they_are_switched_on(template: Template) -> None:
    (api,) = resources(template, "AWS::ApiGateway::RestApi").values()
    paths = api["Body"]["paths"]
    condition, webhooks, otherwise = paths.pop("/webhooks/{source}")["Fn::If"]
    assert (condition, set(webhooks), otherwise) == ("HasWebhooks", {"post"}, {"Ref": "AWS::NoValue"})
    assert webhooks["post"]["security"] == [{"NONE": []}]
    methods = [method for path in paths.values() for method in path.values()]
    assert methods
    assert all(method["security"] == [{"AWS_IAM": []}] for method in methods)


def test_webhooks_are_off_unless_somebody_switches_them_on(template: Template) -> None:
    assert template["Parameters"]["EnableWebhooks"]["Default"] == "false"
    assert template["Conditions"]["HasWebhooks"] == {"Fn::Equals": [{"Ref": "EnableWebhooks"}, "true"]}
    assert template["Resources"]["TakeWebhookFunction"]["Condition"] == "HasWebhooks"
    (api,) = resources(template, "AWS::ApiGateway::RestApi").values()
    for statement in api["Body"]["x-amazon-apigateway-policy"]["Statement"]:
        if "Condition" not in str(statement):  # it admits everybody
            condition, admits, otherwise = statement["Fn::If"]
            assert (condition, otherwise) == ("HasWebhooks", {"Ref": "AWS::NoValue"})
            assert admits["Resource"] == "execute-api:/v1/POST/webhooks/*"
            return
    pytest.fail("nobody is admitted to the webhooks")


def test_the_engine_of_service_catalog_is_off_unless_somebody_switches_it_on(template: Template) -> None:
    assert template["Parameters"]["EnableServiceCatalog"]["Default"] == "false"
    found = template["Resources"]
    names = {
        each["Properties"].get("QueueName") or each["Properties"].get("FunctionName"): (logical_id, each)
        for logical_id, each in found.items()
        if each["Type"] in {"AWS::SQS::Queue", "AWS::Lambda::Function"}
    }
    fixed = [f"ServiceCatalogExternal{each}OperationQueue" for each in ("Provision", "Update", "Terminate")]
    for name in (*fixed, "ServiceCatalogExternalParameterParser"):
        assert names[name][1]["Condition"] == "HasServiceCatalog"
    assert {names[name][0] for name in fixed} == LET_GO
    (permission,) = (
        each
        for each in resources(template, "AWS::Lambda::Permission").values()
        if each["Principal"] == "servicecatalog.amazonaws.com"
    )
    assert permission["SourceAccount"] == {"Ref": "AWS::AccountId"}


def test_only_service_catalog_and_the_api_send_to_its_queues(template: Template) -> None:
    document = resources(template, "AWS::SQS::QueuePolicy")["OperationQueueSenders"]["PolicyDocument"]
    allowed, denied, _ = document["Statement"]
    assert allowed["Principal"] == {"Service": "servicecatalog.amazonaws.com"}
    assert allowed["Condition"] == {"StringEquals": {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}}
    assert denied["Condition"] == {
        "StringEquals": {"aws:PrincipalAccount": {"Ref": "AWS::AccountId"}},
        "ArnNotEquals": {"aws:PrincipalArn": {"Fn::GetAtt": ["ApiFunctionRole", "Arn"]}},
    }


def test_the_events_that_end_a_record_are_those_of_the_rule(template: Template) -> None:
    pattern = resources(template, "AWS::Events::Rule")["ProvisioningOutcomeRule"]["EventPattern"]
    assert set(pattern["detail-type"]) == set(STATUS_AFTER)


def test_the_api_is_traced_and_limited_its_open_path_on_its_own(template: Template) -> None:
    for stage in resources(template, "AWS::ApiGateway::Stage").values():
        assert stage["TracingEnabled"] is True
        every, webhooks = stage["MethodSettings"]
        assert every["ThrottlingRateLimit"] > webhooks["Fn::If"][1]["ThrottlingRateLimit"]
        assert webhooks["Fn::If"][1]["ResourcePath"] == "/webhooks/{source}"


def test_who_is_throttled_is_told_how_long_to_wait(template: Template) -> None:
    for api in resources(template, "AWS::ApiGateway::RestApi").values():
        throttled = api["Body"]["x-amazon-apigateway-gateway-responses"]["THROTTLED"]
        waits = throttled["responseParameters"]["gatewayresponse.header.Retry-After"]
        assert waits == f"'{RETRY_AFTER_SECONDS}'"


def test_the_template_holds_no_secret(template: Template) -> None:
    assert SECRET.findall(json.dumps(template)) == []


@pytest.mark.parametrize("environment", ["dev", "prod"])
def test_an_environment_sets_only_parameters_that_exist(environment: str, source: Template) -> None:
    settings = tomllib.loads((ROOT / "samconfig.toml").read_text("utf-8"))[environment]["deploy"]["parameters"]
    given = {override.partition("=")[0] for override in settings["parameter_overrides"]}
    assert given <= set(source["Parameters"])


def test_production_asks_before_it_changes_anything_and_keeps_what_failed_visible() -> None:
    settings = tomllib.loads((ROOT / "samconfig.toml").read_text("utf-8"))["prod"]["deploy"]["parameters"]
    assert settings["confirm_changeset"] is True
    assert settings["fail_on_empty_changeset"] is False


def test_the_dashboard_shows_every_metric_alarm_and_queue(template: Template) -> None:
    body = template["Resources"]["Dashboard"]["Properties"]["DashboardBody"]["Fn::Sub"]
    widgets = json.loads(body)["widgets"]
    metrics = [row for widget in widgets for row in widget["properties"].get("metrics", [])]
    assert {row[1] for row in metrics if row[0] == "avm"} == set(METRICS)
    (alarms,) = [widget["properties"]["alarms"] for widget in widgets if widget["type"] == "alarm"]
    assert set(alarms) == {f"${{{name}.Arn}}" for name in always(template, "AWS::CloudWatch::Alarm")}
    queues = {row[3] for row in metrics if row[0] == "AWS/SQS"}
    assert queues == {f"${{{name}.QueueName}}" for name in always(template, "AWS::SQS::Queue")}


def always(template: Template, kind: str) -> set[str]:
    """Return the resources of a type that no switch leaves out: a dashboard can name no other ones."""
    return {name for name, each in template["Resources"].items() if each["Type"] == kind and "Condition" not in each}
