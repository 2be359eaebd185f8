"""Every resource type that can be deployed: what its properties say is what AWS's own API then answers."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from moto.s3.models import s3_backends

from avm_emulator.context import Emulator
from avm_emulator.deploy import DeployedStack, deploy
from avm_emulator.deploy.resources import TYPES
from avm_emulator.engine import Options

TEMPLATE = Path(__file__).with_suffix(".yaml").read_text()

DEFINITION = """{"StartAt": "Work", "States": {
  "Work": {"Type": "Task", "Resource": "${FunctionArn}", "TimeoutSeconds": 60, "Next": "Rest"},
  "Rest": {"Type": "Wait", "Seconds": ${Seconds}, "End": true}}}"""


@pytest.fixture(scope="module")
def options() -> Options:
    parts = ("managed_policies", "service_catalog", "functions", "front")
    return Options(speed="max", prepare=False, deploy=False, parts=[f"avm_emulator.{part}" for part in parts])


@pytest.fixture(scope="module")
def stack(emulator: Emulator, tmp_path_factory: pytest.TempPathFactory) -> DeployedStack:
    folder = tmp_path_factory.mktemp("template")
    (folder / "template.yaml").write_text(TEMPLATE)
    (folder / "definition.asl.json").write_text(DEFINITION)
    for name, file in (("Function", "app.py"), ("Layer", "python/shared.py")):
        path = folder / "built" / name / file
        path.parent.mkdir(parents=True)
        path.write_text("def handler(event, context):\n    return event\n")
    s3 = emulator.clients.client("s3")
    bucket = "everything-artifacts"
    s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    s3.put_object(Bucket=bucket, Key="thing.json", Body=b"{}")
    return deploy(emulator, folder / "template.yaml", artefacts=folder / "built", stack_name="all")


@pytest.fixture
def ask(emulator: Emulator) -> Any:
    def call(service: str, operation: str, **parameters: Any) -> Any:
        return getattr(emulator.clients.client(service), operation)(**parameters)

    return call


def test_every_known_resource_type_is_deployed_here(stack: DeployedStack) -> None:
    declared = {
        line.split("Type: ")[1].split(",")[0].split("}")[0].strip()
        for line in TEMPLATE.splitlines()
        if "Type: AWS::" in line
    }
    assert declared == set(TYPES)


def test_a_product_is_launched_by_its_portfolio_in_its_role(stack: DeployedStack, ask: Any) -> None:
    (product,) = ask("servicecatalog", "search_products")["ProductViewSummaries"]
    assert (product["ProductId"], product["Name"]) == (stack.resources["Product"], "thing")
    (path,) = ask("servicecatalog", "list_launch_paths", ProductId=product["ProductId"])["LaunchPathSummaries"]
    assert path["Name"] == "Things"
    (constraint,) = path["ConstraintSummaries"]
    assert constraint["Description"] == "Launch as arn:aws:iam::123456789012:role/launch"


def test_a_key_has_its_policy_rotation_and_alias(stack: DeployedStack, ask: Any) -> None:
    key_id = stack.resources["Key"]
    assert ask("kms", "describe_key", KeyId="alias/everything")["KeyMetadata"]["KeyId"] == key_id
    assert ask("kms", "get_key_rotation_status", KeyId=key_id)["KeyRotationEnabled"] is True
    policy = json.loads(ask("kms", "get_key_policy", KeyId=key_id, PolicyName="default")["Policy"])
    assert policy["Statement"][0]["Principal"] == {"AWS": "arn:aws:iam::123456789012:root"}
    assert ask("kms", "describe_key", KeyId=stack.resources["DisabledKey"])["KeyMetadata"]["Enabled"] is False


def test_a_table_has_its_encryption_indexes_stream_recovery_and_expiry(stack: DeployedStack, ask: Any) -> None:
    name = stack.resources["Table"]
    table = ask("dynamodb", "describe_table", TableName=name)["Table"]
    assert table["DeletionProtectionEnabled"] is True
    assert table["SSEDescription"]["KMSMasterKeyArn"] == stack.arns["Key"]
    assert [index["IndexName"] for index in table["GlobalSecondaryIndexes"]] == ["by-sk"]
    assert table["StreamSpecification"] == {"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"}
    expiry = ask("dynamodb", "describe_time_to_live", TableName=name)["TimeToLiveDescription"]
    assert expiry == {"TimeToLiveStatus": "ENABLED", "AttributeName": "expires"}
    backups = ask("dynamodb", "describe_continuous_backups", TableName=name)["ContinuousBackupsDescription"]
    assert backups["PointInTimeRecoveryDescription"]["PointInTimeRecoveryStatus"] == "ENABLED"
    tags = {
        tag["Key"]: tag["Value"]
        for tag in ask("dynamodb", "list_tags_of_resource", ResourceArn=stack.arns["Table"])["Tags"]
    }
    assert (tags["team"], tags["aws:cloudformation:stack-name"]) == ("platform", "all")


def test_queues_have_their_attributes_and_policy(stack: DeployedStack, ask: Any) -> None:
    attributes = ask("sqs", "get_queue_attributes", QueueUrl=stack.resources["Queue"], AttributeNames=["All"])[
        "Attributes"
    ]
    assert attributes["VisibilityTimeout"] == "360"
    assert attributes["KmsMasterKeyId"] == stack.resources["Key"]
    assert json.loads(attributes["RedrivePolicy"]) == {
        "deadLetterTargetArn": stack.arns["DeadLetters"],
        "maxReceiveCount": 5,
    }
    assert json.loads(attributes["Policy"])["Statement"][0]["Resource"] == stack.arns["Queue"]
    assert (
        ask("sqs", "list_queue_tags", QueueUrl=stack.resources["Queue"])["Tags"]["aws:cloudformation:logical-id"]
        == "Queue"
    )
    assert stack.resources["Ordered"].endswith(".fifo")


def test_a_topic_has_its_policy_and_subscriptions(stack: DeployedStack, ask: Any) -> None:
    arn = stack.resources["Topic"]
    attributes = ask("sns", "get_topic_attributes", TopicArn=arn)["Attributes"]
    assert (attributes["DisplayName"], attributes["KmsMasterKeyId"]) == ("Alarms", stack.resources["Key"])
    assert json.loads(attributes["Policy"])["Statement"][0]["Sid"] == "Alarms"
    found = {
        one["Protocol"]: one["Endpoint"]
        for one in ask("sns", "list_subscriptions_by_topic", TopicArn=arn)["Subscriptions"]
    }
    assert found == {"sqs": stack.arns["Queue"], "email": "ops@example.com"}
    subscription = ask("sns", "get_subscription_attributes", SubscriptionArn=stack.resources["Subscription"])[
        "Attributes"
    ]
    assert json.loads(subscription["FilterPolicy"]) == {"severity": ["high"]}


def test_parameters_have_their_values(stack: DeployedStack, ask: Any) -> None:
    assert ask("ssm", "get_parameter", Name="/everything/days")["Parameter"]["Value"] == "30"
    assert ask("ssm", "get_parameter", Name=stack.resources["UnnamedParameter"])["Parameter"]["Type"] == "StringList"


def test_a_bucket_has_all_of_its_configurations(stack: DeployedStack, ask: Any) -> None:
    bucket = {"Bucket": stack.resources["Bucket"]}
    encryption = ask("s3", "get_bucket_encryption", **bucket)["ServerSideEncryptionConfiguration"]["Rules"][0]
    assert encryption["BucketKeyEnabled"] is True
    assert encryption["ApplyServerSideEncryptionByDefault"] == {
        "SSEAlgorithm": "aws:kms",
        "KMSMasterKeyID": stack.arns["Key"],
    }
    assert ask("s3", "get_bucket_versioning", **bucket)["Status"] == "Enabled"
    block = ask("s3", "get_public_access_block", **bucket)["PublicAccessBlockConfiguration"]
    assert set(block.values()) == {True}
    rule = ask("s3", "get_bucket_lifecycle_configuration", **bucket)["Rules"][0]
    assert (rule["ID"], rule["Expiration"]["Days"]) == ("old", 365)
    assert rule["NoncurrentVersionExpiration"] == {"NoncurrentDays": 90}
    assert rule["AbortIncompleteMultipartUpload"] == {"DaysAfterInitiation": 7}
    assert rule["Transitions"] == [{"Days": 60, "StorageClass": "GLACIER"}]
    lock = ask("s3", "get_object_lock_configuration", **bucket)["ObjectLockConfiguration"]
    retention = lock["Rule"]["DefaultRetention"]
    assert (retention["Mode"], retention["Days"]) == ("GOVERNANCE", 30)
    assert ask("s3", "get_bucket_logging", **bucket)["LoggingEnabled"]["TargetPrefix"] == "s3/"
    # moto's GetBucketNotificationConfiguration does not show it
    stored = s3_backends["123456789012"]["aws"].buckets[bucket["Bucket"]]
    assert stored.notification_configuration.event_bridge is not None
    policy = json.loads(ask("s3", "get_bucket_policy", **bucket)["Policy"])
    assert policy["Statement"][0]["Resource"] == f"arn:aws:s3:::{bucket['Bucket']}/*"
    assert ask("s3", "get_bucket_tagging", **bucket)["TagSet"] == [{"Key": "team", "Value": "platform"}]
    assert ask("s3", "get_bucket_location", **bucket)["LocationConstraint"] == "eu-west-1"


def test_a_bucket_is_closed_to_the_public_unless_told_otherwise(stack: DeployedStack, ask: Any) -> None:
    bucket = {"Bucket": stack.resources["AccessLogs"]}
    assert set(ask("s3", "get_public_access_block", **bucket)["PublicAccessBlockConfiguration"].values()) == {True}
    controls = {
        name: ask("s3", "get_bucket_ownership_controls", Bucket=stack.resources[name])["OwnershipControls"]
        for name in ("AccessLogs", "Bucket")
    }
    assert controls["AccessLogs"] == {"Rules": [{"ObjectOwnership": "BucketOwnerPreferred"}]}
    assert controls["Bucket"] == {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}


def test_a_bus_has_its_policies_and_rules_their_targets(stack: DeployedStack, ask: Any) -> None:
    bus = ask("events", "describe_event_bus", Name="everything")
    assert {statement["Sid"] for statement in json.loads(bus["Policy"])["Statement"]} == {"Management", "Neighbour"}
    rule = ask("events", "describe_rule", Name=stack.resources["Rule"], EventBusName="everything")
    assert json.loads(rule["EventPattern"]) == {"source": ["avm"], "detail-type": ["AccountReady"]}
    (target,) = ask("events", "list_targets_by_rule", Rule=stack.resources["Rule"], EventBusName="everything")[
        "Targets"
    ]
    assert target["InputTransformer"] == {"InputPathsMap": {"id": "$.detail.account_id"}, "InputTemplate": '"<id>"'}
    assert target["RetryPolicy"] == {"MaximumRetryAttempts": 3, "MaximumEventAgeInSeconds": 600}
    assert target["DeadLetterConfig"] == {"Arn": stack.arns["DeadLetters"]}


def test_a_role_has_its_policies_of_all_three_kinds(stack: DeployedStack, ask: Any) -> None:
    name = stack.resources["Role"]
    role = ask("iam", "get_role", RoleName=name)["Role"]
    assert (role["Path"], role["MaxSessionDuration"], role["Description"]) == ("/avm/", 7200, "does work")
    assert stack.arns["Role"] == f"arn:aws:iam::123456789012:role/avm/{name}"
    assert {"Key": "team", "Value": "platform"} in role["Tags"]
    assert set(ask("iam", "list_role_policies", RoleName=name)["PolicyNames"]) == {"without-version", "more"}
    inline = ask("iam", "get_role_policy", RoleName=name, PolicyName="without-version")["PolicyDocument"]
    assert inline["Version"] == "2012-10-17"
    attached = {
        one["PolicyArn"] for one in ask("iam", "list_attached_role_policies", RoleName=name)["AttachedPolicies"]
    }
    assert attached == {
        stack.resources["ManagedPolicy"],
        "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole",
    }


def test_a_function_has_its_configuration_with_values_in_the_types_of_the_api(stack: DeployedStack, ask: Any) -> None:
    configuration = ask("lambda", "get_function_configuration", FunctionName=stack.resources["Function"])
    assert (configuration["Timeout"], configuration["MemorySize"], configuration["Architectures"]) == (
        30,
        512,
        ["arm64"],
    )
    assert configuration["Environment"]["Variables"] == {
        "TABLE": stack.resources["Table"],
        "DAYS": "30",
        "LIMIT": "5",
        "STRICT": "true",
    }
    assert [layer["Arn"] for layer in configuration["Layers"]] == [stack.resources["Layer"]]
    assert configuration["TracingConfig"] == {"Mode": "Active"}
    assert configuration["DeadLetterConfig"] == {"TargetArn": stack.arns["DeadLetters"]}
    assert configuration["LoggingConfig"]["LogGroup"] == stack.resources["LogGroup"]
    assert configuration["EphemeralStorage"] == {"Size": 1024}
    assert configuration["KMSKeyArn"] == stack.arns["Key"]
    function = ask("lambda", "get_function", FunctionName=stack.resources["Function"])
    assert function["Concurrency"] == {"ReservedConcurrentExecutions": 5}
    assert function["Tags"]["team"] == "platform"
    layer = ask("lambda", "get_layer_version", LayerName=stack.resources["Layer"].split(":")[6], VersionNumber=1)
    assert (layer["Description"], layer["CompatibleArchitectures"], layer["LicenseInfo"]) == (
        "shared",
        ["arm64"],
        "Apache-2.0",
    )


def test_a_deployed_function_runs(stack: DeployedStack, ask: Any) -> None:
    answer = ask("lambda", "invoke", FunctionName=stack.resources["Function"], Payload=b'{"n": 1}')
    assert json.loads(answer["Payload"].read()) == {"n": 1}


def test_an_alias_carries_the_permission_that_names_it(stack: DeployedStack, ask: Any) -> None:
    alias = ask("lambda", "get_alias", FunctionName=stack.resources["Function"], Name="live")
    assert (alias["AliasArn"], alias["FunctionVersion"]) == (stack.resources["Alias"], "1")
    (statement,) = json.loads(ask("lambda", "get_policy", FunctionName=stack.resources["Function"])["Policy"])[
        "Statement"
    ]
    assert statement["Resource"] == stack.resources["Alias"]
    assert statement["Condition"]["ArnLike"] == {"AWS:SourceArn": stack.arns["Rule"]}


def test_invocations_by_queue_and_by_event_have_their_configuration(stack: DeployedStack, ask: Any) -> None:
    mapping = ask("lambda", "get_event_source_mapping", UUID=stack.resources["Mapping"])
    assert (mapping["BatchSize"], mapping["FunctionResponseTypes"]) == (1, ["ReportBatchItemFailures"])
    config = ask("lambda", "get_function_event_invoke_config", FunctionName=stack.resources["Function"])
    assert (config["MaximumRetryAttempts"], config["MaximumEventAgeInSeconds"]) == (1, 600)
    assert config["DestinationConfig"]["OnFailure"] == {"Destination": stack.arns["DeadLetters"]}


def test_logs_alarms_and_dashboards_are_there(stack: DeployedStack, ask: Any) -> None:
    (group,) = ask("logs", "describe_log_groups", logGroupNamePrefix=stack.resources["LogGroup"])["logGroups"]
    assert (group["retentionInDays"], group["kmsKeyId"]) == (30, stack.arns["Key"])
    (metric,) = ask("logs", "describe_metric_filters", logGroupName=stack.resources["LogGroup"])["metricFilters"]
    assert metric["metricTransformations"][0]["metricName"] == "Errors"
    assert [one["policyName"] for one in ask("logs", "describe_resource_policies")["resourcePolicies"]] == ["events"]
    (alarm,) = ask("cloudwatch", "describe_alarms", AlarmNames=[stack.resources["Alarm"]])["MetricAlarms"]
    assert (alarm["Threshold"], alarm["AlarmActions"]) == (30.0, [stack.resources["Topic"]])
    assert ask("cloudwatch", "get_dashboard", DashboardName="everything")["DashboardBody"] == '{"widgets": []}'


def test_a_schedule_is_in_its_group(stack: DeployedStack, ask: Any) -> None:
    schedule = ask("scheduler", "get_schedule", Name=stack.resources["Schedule"], GroupName="everything")
    assert (schedule["ScheduleExpression"], schedule["State"]) == ("rate(1 minute)", "DISABLED")
    assert schedule["Target"]["RetryPolicy"]["MaximumRetryAttempts"] == 0


def test_a_state_machine_has_its_substitutions_made(stack: DeployedStack, ask: Any) -> None:
    machine = ask("stepfunctions", "describe_state_machine", stateMachineArn=stack.resources["StateMachine"])
    states = json.loads(machine["definition"])["States"]
    assert (states["Work"]["Resource"], states["Rest"]["Seconds"]) == (stack.arns["Function"], 30)
    assert (
        machine["loggingConfiguration"]["destinations"][0]["cloudWatchLogsLogGroup"]["logGroupArn"]
        == stack.arns["LogGroup"]
    )
    assert machine["tracingConfiguration"] == {"enabled": True}


def test_secrets_have_given_or_generated_values(stack: DeployedStack, ask: Any) -> None:
    assert ask("secretsmanager", "get_secret_value", SecretId="given")["SecretString"] == "hush"
    value = ask("secretsmanager", "get_secret_value", SecretId=stack.resources["GeneratedSecret"])["SecretString"]
    generated = json.loads(value)
    assert generated["user"] == "avm"
    assert len(generated["password"]) == 40
    assert generated["password"].isalnum()


def test_an_api_has_its_methods_stage_and_settings(stack: DeployedStack, ask: Any) -> None:
    api = {"restApiId": stack.resources["Api"]}
    described = ask("apigateway", "get_rest_api", **api)
    assert (described["name"], described["binaryMediaTypes"]) == ("everything", ["image/png"])
    assert described["endpointConfiguration"]["types"] == ["REGIONAL"]
    resources = {
        one["path"]: one.get("resourceMethods", {}) for one in ask("apigateway", "get_resources", **api)["items"]
    }
    assert resources["/things"]["GET"]["authorizationType"] == "NONE"
    stage = ask("apigateway", "get_stage", stageName="v1", **api)
    assert (stage["tracingEnabled"], stage["variables"]) == (True, {"colour": "green"})
    assert stage["methodSettings"]["*/*"]["throttlingRateLimit"] == 50.0
    assert stage["accessLogSettings"]["format"] == "$context.requestId"
    assert ask("apigateway", "get_account")["cloudwatchRoleArn"] == stack.arns["Role"]


def test_what_is_accepted_without_effect_is_reported(stack: DeployedStack) -> None:
    assert [(logical_id, name) for logical_id, name, _ in stack.without_effect] == [
        ("Key", "RotationPeriodInDays"),
        ("Key", "PendingWindowInDays"),
        ("Table", "TableClass"),
    ]
