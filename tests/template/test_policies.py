"""What the roles of the template may do."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from samtranslator.yaml_helper import yaml_parse

from avm.aws.broker import USES
from avm.contracts.account_requested import DETAIL_TYPE
from avm.domain.trust import EVENTS_ROLE, VENDING_PATH
from tests.template.conftest import ROOT, Template, resources, statements_of

Functions = Mapping[str, Any]

NO_RESOURCE = {
    "access-analyzer": "ListAnalyzers takes no resource (Service Authorization Reference)",
    "cloudtrail": "DescribeTrails takes no resource (Service Authorization Reference)",
    "ce": "cost allocation tags take no resource (Service Authorization Reference)",
    "cloudformation": "calls about templates take no resource (Service Authorization Reference)",
    "config": "DescribeConfigurationAggregators takes no resource (Service Authorization Reference)",
    "guardduty": "calls about members and administrators take no resource (Service Authorization Reference)",
    "iam": "the features of an organization take no resource (Service Authorization Reference)",
    "logs": "CloudWatch Logs takes no resource for log delivery (Step Functions Developer Guide, logging)",
    "organizations": "calls about the organization as a whole take no resource, and an account that is being made has "
    "no ARN yet for its first tags (Service Authorization Reference)",
    "servicecatalog": "the results of an engine take no resource (Service Authorization Reference)",
    "servicequotas": "ListServiceQuotas takes no resource (Service Authorization Reference)",
    "sso": "ListInstances takes no resource (Service Authorization Reference)",
    "states": "a task token names its execution (Service Authorization Reference: no resource types)",
    "xray": "X-Ray takes no resource for segments and sampling (Service Authorization Reference)",
}
WITHOUT_RESOURCE = {
    "access-analyzer:ListAnalyzers",
    "cloudtrail:DescribeTrails",
    "ce:ListCostAllocationTags",
    "ce:UpdateCostAllocationTagsStatus",
    "cloudformation:GetTemplateSummary",
    "cloudformation:ValidateTemplate",
    "config:DescribeConfigurationAggregators",
    "config:DescribeOrganizationConformancePackStatuses",
    "config:DescribeOrganizationConformancePacks",
    "guardduty:CreateMembers",
    "guardduty:DescribeOrganizationConfiguration",
    "guardduty:EnableOrganizationAdminAccount",
    "guardduty:GetMemberDetectors",
    "guardduty:GetMembers",
    "guardduty:ListDetectors",
    "guardduty:ListMembers",
    "guardduty:ListOrganizationAdminAccounts",
    "guardduty:UpdateMemberDetectors",
    "guardduty:UpdateOrganizationConfiguration",
    "iam:EnableOrganizationsRootCredentialsManagement",
    "iam:EnableOrganizationsRootSessions",
    "iam:GetAccountSummary",
    "iam:ListOrganizationsFeatures",
    "logs:CreateLogDelivery",
    "logs:DeleteLogDelivery",
    "logs:DescribeLogGroups",
    "logs:DescribeResourcePolicies",
    "logs:GetLogDelivery",
    "logs:ListLogDeliveries",
    "logs:PutResourcePolicy",
    "logs:UpdateLogDelivery",
    "organizations:CreateAccount",
    "organizations:DescribeCreateAccountStatus",
    "organizations:DescribeOrganization",
    "organizations:EnableAWSServiceAccess",
    "organizations:ListAWSServiceAccessForOrganization",
    "organizations:ListAccounts",
    "organizations:ListCreateAccountStatus",
    "organizations:ListDelegatedAdministrators",
    "organizations:ListPolicies",
    "organizations:ListRoots",
    "organizations:TagResource",
    "servicecatalog:NotifyProvisionProductEngineWorkflowResult",
    "servicecatalog:NotifyTerminateProvisionedProductEngineWorkflowResult",
    "servicecatalog:NotifyUpdateProvisionedProductEngineWorkflowResult",
    "servicequotas:ListServiceQuotas",
    "sso:ListInstances",
    "states:SendTaskSuccess",
    "xray:GetSamplingRules",
    "xray:GetSamplingTargets",
    "xray:PutTelemetryRecords",
    "xray:PutTraceSegments",
}
"""Actions that are granted on ``*`` since they take no resource; NO_RESOURCE says why, by service."""

MANAGED = {
    "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole": "writes logs; SAM's own choice",
    "arn:aws:iam::aws:policy/AWSXrayWriteOnlyAccess": "writes traces; SAM attaches it where tracing is on",
}
"""AWS's own policies that roles carry, and why."""


def statements(template: Template) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield (logical id, statement) of every identity policy."""
    for name, role in resources(template, "AWS::IAM::Role").items():
        for policy in role.get("Policies", []):
            yield from ((name, each) for each in policy["PolicyDocument"]["Statement"])
    for name, policy in resources(template, "AWS::IAM::ManagedPolicy").items():
        yield from ((name, each) for each in policy["PolicyDocument"]["Statement"])


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


@pytest.fixture(scope="session")
def every(template: Template) -> Template:
    """Return the resources of all templates as one: the application's, and those of the management account."""
    own = [yaml_parse(file.read_text("utf-8")) for file in sorted((ROOT / "templates").glob("*.yaml"))]
    return {"Resources": {name: each for one in (template, *own) for name, each in one["Resources"].items()}}


def test_everything_is_granted_on_a_resource_where_the_action_takes_one(every: Template) -> None:
    on_all = {
        action
        for _, statement in statements(every)
        if "*" in _list(statement["Resource"])
        for action in _list(statement["Action"])
    }
    assert on_all == WITHOUT_RESOURCE
    assert {action.partition(":")[0] for action in on_all} == set(NO_RESOURCE)


def test_no_role_is_granted_what_it_is_not_told_by_name(every: Template) -> None:
    wide = {
        (name, action)
        for name, statement in statements(every)
        for action in _list(statement.get("Action", "*"))
        if "*" in action
    }
    assert wide == set()
    assert {name for name, statement in statements(every) if "NotAction" in statement} == set()


def test_no_function_works_in_the_management_account_but_by_the_broker(template: Template) -> None:
    services = {action.partition(":")[0] for _, each in statements(template) for action in _list(each["Action"])}
    assert services.isdisjoint({"organizations", "account", "iam"})


def test_who_takes_the_broker_is_told_its_name_and_nobody_else(template: Template) -> None:
    told = {
        name
        for name, each in resources(template, "AWS::Lambda::Function").items()
        if "BROKER_ROLE_ARN" in each["Environment"]["Variables"]
    }
    takes = {name for name, statement in statements(template) if "role/avm/avm-broker" in str(statement["Resource"])}
    assert takes == {f"{name}Role" for name in told}
    assert takes


def test_the_broker_trusts_the_functions_of_the_application_alone(every: Template) -> None:
    broker = every["Resources"]["Broker"]["Properties"]
    (statement,) = broker["AssumeRolePolicyDocument"]["Statement"]
    conditions = statement["Condition"]
    assert {key for operator in conditions.values() for key in operator} == {
        "aws:PrincipalOrgID",
        "aws:PrincipalArn",
        "sts:ExternalId",
    }
    trusted = conditions["ArnLike"]["aws:PrincipalArn"]["Fn::Sub"]
    assert trusted.partition(":role")[2] == "/avm-functions/broker/*"


def test_the_security_role_trusts_the_functions_that_enrol_alone(every: Template) -> None:
    role = every["Resources"]["Security"]["Properties"]
    (statement,) = role["AssumeRolePolicyDocument"]["Statement"]
    assert statement["Condition"] == {
        "StringEquals": {"sts:ExternalId": {"Ref": "ExternalId"}, "aws:PrincipalOrgID": {"Ref": "OrganizationId"}},
        "ArnLike": {
            "aws:PrincipalArn": {
                "Fn::Sub": "arn:${AWS::Partition}:iam::${ApplicationAccountId}:role/avm-functions/*security/*"
            }
        },
    }
    assert f"role{role['Path']}{role['RoleName']}" == TAKEN["security"]


def test_the_launch_role_trusts_service_catalog_and_those_who_read_artifacts_alone(every: Template) -> None:
    role = every["Resources"]["LaunchRole"]["Properties"]
    assert f"role{role['Path']}{role['RoleName']}" == TAKEN["service-catalog"]
    service, functions = role["AssumeRolePolicyDocument"]["Statement"]
    assert service["Principal"] == {"Service": "servicecatalog.amazonaws.com"}
    trusted = functions["Condition"]["ArnLike"]["aws:PrincipalArn"]["Fn::Sub"]
    assert trusted.partition(":role")[2] == "/avm-functions/service-catalog/*"
    (policy,) = role["Policies"]
    (statement,) = policy["PolicyDocument"]["Statement"]
    assert statement["Action"] == "s3:GetObject"
    marked = {"s3:ExistingObjectTag/servicecatalog:provisioning": "true"}
    assert statement["Condition"] == {"StringEquals": marked}


def test_the_stacks_launch_role_is_service_catalogs_alone_and_calls_one_function(every: Template) -> None:
    role = every["Resources"]["StackLaunchRole"]["Properties"]
    (trusted,) = role["AssumeRolePolicyDocument"]["Statement"]
    assert trusted["Principal"] == {"Service": "servicecatalog.amazonaws.com"}
    assert trusted["Condition"] == {"StringEquals": {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}}
    (policy,) = role["Policies"]
    stacks, templates, artifacts, function = policy["PolicyDocument"]["Statement"]
    assert stacks["Resource"]["Fn::Sub"].endswith(":stack/SC-*/*")
    assert {each.partition(":")[0] for each in templates["Action"]} == {"cloudformation"}
    marked = {"s3:ExistingObjectTag/servicecatalog:provisioning": "true"}
    assert artifacts["Condition"] == {"StringEquals": marked}
    assert (function["Action"], function["Resource"]["Fn::Sub"].rpartition(":")[2]) == (
        "lambda:InvokeFunction",
        every["Resources"]["TakeStackFunction"]["Properties"]["FunctionName"],
    )


def test_the_security_role_ends_nobodys_membership(every: Template) -> None:
    verbs = {
        action.partition(":")[2]
        for name, statement in statements(every)
        if name == "Security"
        for action in _list(statement["Action"])
    }
    changes = {verb for verb in verbs if not verb.startswith(("Describe", "Get", "List"))}
    assert changes == {
        *("BatchImportFindings", "BatchUpdateFindings"),
        *("CreateAnalyzer", "CreateMembers", "CreateServiceLinkedRole", "PassRole", "PutConfigurationAggregator"),
        *(
            "DeleteOrganizationConformancePack",
            "PutOrganizationConformancePack",
            "UpdateMemberDetectors",
            "UpdateOrganizationConfiguration",
        ),
    }


TAKEN = {
    **{part: f"role/avm/avm-{part}" for part in ("broker", "observe", "enforce", "security")},
    "service-catalog": "role/avm-service-catalog/avm-launch",
    "reports": "s3:::avm-reports-",
}
"""Part of a function role's path -> the role that it takes, or the log archive's bucket; trusts go by the path."""


def test_the_path_of_a_functions_role_says_which_roles_it_takes(template: Template, functions: Functions) -> None:
    for logical_id in functions:
        name = f"{logical_id}Role"
        path = resources(template, "AWS::IAM::Role")[name]["Path"]
        told = [str(each["Resource"]) for role, each in statements(template) if role == name]
        takes = [part for part, role in TAKEN.items() if any(role in text for text in told)]
        assert path == "/".join(["/avm-functions", *takes, ""]), name


def test_a_function_says_the_uses_of_the_broker_that_it_takes(template: Template) -> None:
    uses = {use.name for use in USES}
    for name, statement in statements(template):
        if "role/avm/avm-broker" in str(statement["Resource"]):
            (names,) = statement["Condition"]["StringLike"].values()
            assert {each.removeprefix("avm-").removesuffix("-*") for each in names} <= uses, name


def test_roles_carry_only_the_managed_policies_that_sam_attaches(template: Template) -> None:
    carried = {
        arn
        for role in resources(template, "AWS::IAM::Role").values()
        for arn in role.get("ManagedPolicyArns", [])
        if isinstance(arn, str)
    }
    assert carried == set(MANAGED)


def test_a_role_is_assumed_by_a_service_of_aws_only(template: Template) -> None:
    principals = {
        principal
        for role in resources(template, "AWS::IAM::Role").values()
        for statement in role["AssumeRolePolicyDocument"]["Statement"]
        for principal in _list(statement["Principal"]["Service"])
    }
    assert principals == {"events.amazonaws.com", "lambda.amazonaws.com", "states.amazonaws.com"}


def test_a_service_that_may_use_a_resource_acts_for_this_account(template: Template) -> None:
    documents = {
        **{name: each["KeyPolicy"] for name, each in resources(template, "AWS::KMS::Key").items()},
        **{name: each["PolicyDocument"] for name, each in resources(template, "AWS::SNS::TopicPolicy").items()},
    }
    open_to_others = {
        (name, statement["Sid"])
        for name, document in documents.items()
        for statement in statements_of(document)
        if "Service" in statement["Principal"] and "Condition" not in statement
    }
    # EventBridge shows topics no condition keys (its user guide, "Using resource-based policies")
    assert open_to_others == {("Key", "EventsToTopics"), ("AlarmTopicPolicy", "BreakGlass")}


def test_what_others_may_use_is_bound_to_the_organization_and_to_accounts(template: Template) -> None:
    admitted: dict[str, set[str]] = {}
    documents = {
        **{name: each["KeyPolicy"] for name, each in resources(template, "AWS::KMS::Key").items()},
        **{name: each["PolicyDocument"] for name, each in resources(template, "AWS::SQS::QueuePolicy").items()},
        **{
            name: {"Statement": [each["Statement"]]}
            for name, each in resources(template, "AWS::Events::EventBusPolicy").items()
        },
    }
    for name, document in documents.items():
        for statement in statements_of(document):
            if statement["Effect"] == "Allow" and statement["Principal"] in ("*", {"AWS": "*"}):
                equals = statement["Condition"]["StringEquals"]
                if name == "DriftOfMembers":  # every account of the organization, by a role that the broker alone makes
                    assert set(equals) == {"aws:PrincipalOrgID"}
                    pattern = statement["Condition"]["ArnLike"]["aws:PrincipalArn"]["Fn::Sub"]
                    assert pattern.endswith(f":role{VENDING_PATH}{EVENTS_ROLE}")
                    continue
                assert {"aws:PrincipalOrgID", "aws:PrincipalAccount"} <= set(equals), (name, statement)
                admitted.setdefault(name, set()).add(equals["aws:PrincipalAccount"]["Ref"])
    both = {"ManagementAccountId", "CallerAccountIds"}
    assert admitted == {"Key": both, "RequestQueueSenders": both, "EventsOfOtherAccounts": {"CallerAccountIds"}}


def test_other_accounts_put_no_event_that_could_pass_for_another(template: Template) -> None:
    statement = resources(template, "AWS::Events::EventBusPolicy")["EventsOfOtherAccounts"]["Statement"]
    assert statement["Condition"]["StringEquals"]["events:detail-type"] == DETAIL_TYPE
    (rule,) = (
        each
        for each in resources(template, "AWS::Events::Rule").values()
        if each.get("EventPattern") == {"detail-type": [DETAIL_TYPE]}
    )
    assert rule["EventBusName"] == {"Ref": "Bus"}
