"""ARN templates of the resources that operations are authorised on.

By boto3 client name, then operation; ``*`` stands for all operations that are not listed. ``{Field}`` is a parameter of
the call, by its path (``Entries.EventBusName``); a list gives an ARN each. A template counts where all its fields are
given, and a parameter that is an ARN already is that ARN. Without any, the action is authorised on ``*``.
Source: Service Authorization Reference, columns "Resource types"; a test holds the tables to iam-data, made from it.
"""

from __future__ import annotations

from collections.abc import Mapping

_REGIONAL = "{region}:{account}"
_TABLE = f"arn:{{partition}}:dynamodb:{_REGIONAL}:table/"
_BUS = f"arn:{{partition}}:events:{_REGIONAL}:event-bus/"
_RULE = f"arn:{{partition}}:events:{_REGIONAL}:rule/"
_STATES = f"arn:{{partition}}:states:{_REGIONAL}:"
_LAMBDA = f"arn:{{partition}}:lambda:{_REGIONAL}:"
_LOGS = f"arn:{{partition}}:logs:{_REGIONAL}:"
_EC2 = f"arn:{{partition}}:ec2:{_REGIONAL}:"
_STACK = f"arn:{{partition}}:cloudformation:{_REGIONAL}:stack"
_RECORDER = f"arn:{{partition}}:config:{_REGIONAL}:configuration-recorder/"
_AGGREGATORS = f"arn:{{partition}}:config:{_REGIONAL}:config-aggregator/*"
"""Its id is AWS's own: the call names it otherwise."""
_PACK = f"arn:{{partition}}:config:{_REGIONAL}:organization-conformance-pack/{{OrganizationConformancePackName}}-*"
"""Its id is the name and letters of AWS's own."""
_DETECTOR = f"arn:{{partition}}:guardduty:{_REGIONAL}:detector/{{DetectorId}}"
_ANALYZER = f"arn:{{partition}}:access-analyzer:{_REGIONAL}:analyzer/{{analyzerName}}"
_HUB = f"arn:{{partition}}:securityhub:{_REGIONAL}:hub/default"
_HUB_POLICY = f"arn:{{partition}}:securityhub:{_REGIONAL}:configuration-policy/{{Identifier}}"
_TRAIL = f"arn:{{partition}}:cloudtrail:{_REGIONAL}:trail/"
_PRODUCT = f"arn:{{partition}}:catalog:{_REGIONAL}:product/"
_SECRET = f"arn:{{partition}}:secretsmanager:{_REGIONAL}:secret:"
_IDENTITY = "arn:{partition}:identitystore:::"
_STORE = "arn:{partition}:identitystore::{management}:identitystore/{IdentityStoreId}"
_MEMBER = "arn:{partition}:account::{management}:account/{organization}/{AccountId}"
_BUDGET = "arn:{partition}:budgets::{AccountId}:budget/"
_NONE: tuple[str, ...] = ()

Templates = Mapping[str, tuple[str, ...]]

TEMPLATES: Mapping[str, Templates] = {
    "accessanalyzer": {
        "*": _NONE,
        "CreateAnalyzer": (_ANALYZER,),
        "DeleteAnalyzer": (_ANALYZER,),
        "GetAnalyzer": (_ANALYZER,),
        "ListTagsForResource": ("{resourceArn}",),
        "TagResource": ("{resourceArn}",),
        "UntagResource": ("{resourceArn}",),
        "UpdateAnalyzer": (_ANALYZER,),
    },
    "account": {"*": (_MEMBER, "arn:{partition}:account::{account}:account")},
    "budgets": {
        "*": (
            f"{_BUDGET}{{BudgetName}}",
            f"{_BUDGET}{{Budget.BudgetName}}",
            f"{_BUDGET}{{NewBudget.BudgetName}}",
            f"{_BUDGET}*",
        )
    },
    "cloudformation": {
        "*": (f"{_STACK}set/{{StackSetName}}:*", f"{_STACK}/{{StackName}}/*"),
        "ActivateOrganizationsAccess": _NONE,
        "CreateStackSet": _NONE,
        "DescribeStacks": (f"{_STACK}/{{StackName}}/*",),
    },
    "cloudtrail": {
        "*": (f"{_TRAIL}{{Name}}", f"{_TRAIL}{{TrailName}}"),
        "DescribeTrails": _NONE,
        "LookupEvents": _NONE,
    },
    "config": {
        "*": _NONE,
        "DescribeConfigurationAggregatorSourcesStatus": (_AGGREGATORS,),
        "DeleteOrganizationConformancePack": (_PACK,),
        "DeleteConfigurationRecorder": (f"{_RECORDER}{{ConfigurationRecorderName}}/*",),
        "DescribeConfigurationRecorderStatus": (f"{_RECORDER}{{ConfigurationRecorderNames}}/*", f"{_RECORDER}*/*"),
        "DescribeConfigurationRecorders": (f"{_RECORDER}{{ConfigurationRecorderNames}}/*", f"{_RECORDER}*/*"),
        "GetOrganizationConformancePackDetailedStatus": (_PACK,),
        "PutConfigurationAggregator": (_AGGREGATORS,),
        "PutConfigurationRecorder": (f"{_RECORDER}{{ConfigurationRecorder.name}}/*",),
        "PutOrganizationConformancePack": (_PACK,),
        "StartConfigurationRecorder": (f"{_RECORDER}{{ConfigurationRecorderName}}/*",),
        "StopConfigurationRecorder": (f"{_RECORDER}{{ConfigurationRecorderName}}/*",),
    },
    "dynamodb": {
        "*": (f"{_TABLE}{{TableName}}/index/{{IndexName}}", f"{_TABLE}{{TableName}}", "{ResourceArn}"),
        "DescribeLimits": _NONE,
        "ListTables": _NONE,
    },
    "ec2": {
        "*": (
            f"{_EC2}vpc-flow-log/{{FlowLogIds}}",
            f"{_EC2}instance/{{InstanceIds}}",
            f"{_EC2}internet-gateway/{{InternetGatewayId}}",
            f"{_EC2}network-acl/{{NetworkAclId}}",
            f"{_EC2}route-table/{{RouteTableId}}",
            f"{_EC2}security-group/{{GroupId}}",
            f"{_EC2}snapshot/{{SnapshotId}}",
            f"{_EC2}subnet/{{SubnetId}}",
            f"{_EC2}volume/{{VolumeId}}",
            f"{_EC2}vpc/{{VpcId}}",
        ),
        "CreateFlowLogs": (f"{_EC2}vpc-flow-log/*", f"{_EC2}vpc/{{ResourceIds}}"),
        "CreateInternetGateway": (f"{_EC2}internet-gateway/*",),
        "CreateVolume": (f"{_EC2}volume/*",),
        "CreateVpc": (f"{_EC2}vpc/*",),
        "DetachInternetGateway": (f"{_EC2}internet-gateway/{{InternetGatewayId}}", f"{_EC2}vpc/{{VpcId}}"),
        "RunInstances": (
            "arn:{partition}:ec2:{region}::image/{ImageId}",
            f"{_EC2}instance/*",
            f"{_EC2}network-interface/*",
            f"{_EC2}security-group/{{SecurityGroupIds}}",
            f"{_EC2}subnet/{{SubnetId}}",
            f"{_EC2}volume/*",
        ),
    },
    "events": {
        "*": (f"{_RULE}{{EventBusName}}/{{Name}}", f"{_RULE}{{Name}}", "{ResourceARN}"),
        "CreateEventBus": (f"{_BUS}{{Name}}",),
        "DeleteEventBus": (f"{_BUS}{{Name}}",),
        "DescribeEventBus": (f"{_BUS}{{Name}}", f"{_BUS}default"),
        "ListEventBuses": _NONE,
        "ListRuleNamesByTarget": _NONE,
        "ListRules": _NONE,
        "ListTargetsByRule": (f"{_RULE}{{EventBusName}}/{{Rule}}", f"{_RULE}{{Rule}}"),
        "PutEvents": (f"{_BUS}{{Entries.EventBusName}}", f"{_BUS}default"),
        "PutPermission": (f"{_BUS}{{EventBusName}}", f"{_BUS}default"),
        "PutTargets": (f"{_RULE}{{EventBusName}}/{{Rule}}", f"{_RULE}{{Rule}}"),
        "RemoveTargets": (f"{_RULE}{{EventBusName}}/{{Rule}}", f"{_RULE}{{Rule}}"),
    },
    "guardduty": {
        "*": _NONE,  # among them all operations on members, although they name a detector
        "CreateFilter": (f"{_DETECTOR}/filter/{{Name}}",),
        "DeleteDetector": (_DETECTOR,),
        "DeleteFilter": (f"{_DETECTOR}/filter/{{FilterName}}",),
        "GetDetector": (_DETECTOR,),
        "GetFilter": (f"{_DETECTOR}/filter/{{FilterName}}",),
        "UpdateDetector": (_DETECTOR,),
        "UpdateFilter": (f"{_DETECTOR}/filter/{{FilterName}}",),
    },
    "identitystore": {
        "*": (_STORE, f"{_IDENTITY}user/{{UserId}}", f"{_IDENTITY}group/{{GroupId}}"),
        "CreateGroupMembership": (_STORE, f"{_IDENTITY}group/{{GroupId}}", f"{_IDENTITY}user/{{MemberId.UserId}}"),
        "GetGroupId": (_STORE, f"{_IDENTITY}group/*"),
        "GetUserId": (_STORE, f"{_IDENTITY}user/*"),
        "ListGroupMemberships": (_STORE, f"{_IDENTITY}membership/*", f"{_IDENTITY}group/{{GroupId}}"),
        "ListGroups": (_STORE, f"{_IDENTITY}group/*"),
        "ListUsers": (_STORE, f"{_IDENTITY}user/*"),
    },
    "lambda": {
        "*": (f"{_LAMBDA}function:{{FunctionName}}:{{Qualifier}}", f"{_LAMBDA}function:{{FunctionName}}", "{Resource}"),
        "CreateEventSourceMapping": _NONE,
        "GetLayerVersion": (f"{_LAMBDA}layer:{{LayerName}}:{{VersionNumber}}",),
        "ListEventSourceMappings": _NONE,
        "PublishLayerVersion": (f"{_LAMBDA}layer:{{LayerName}}",),
    },
    "logs": {
        "*": (f"{_LOGS}log-group:{{logGroupName}}", "{resourceArn}"),
        "CreateLogStream": (f"{_LOGS}log-group:{{logGroupName}}:log-stream:{{logStreamName}}",),
        "DescribeLogGroups": _NONE,
        "GetLogEvents": (f"{_LOGS}log-group:{{logGroupName}}:log-stream:{{logStreamName}}",),
        "PutLogEvents": (f"{_LOGS}log-group:{{logGroupName}}:log-stream:{{logStreamName}}",),
    },
    "s3": {
        "*": ("arn:{partition}:s3:::{Bucket}/{Key}", "arn:{partition}:s3:::{Bucket}"),
        "DeleteObjects": ("arn:{partition}:s3:::{Bucket}/{Delete.Objects.Key}",),
    },
    "secretsmanager": {
        # The ARN of a secret ends with six characters of AWS's own; policies that name secrets end with a wildcard
        "*": (f"{_SECRET}{{SecretId}}", f"{_SECRET}{{Name}}"),
        "GetRandomPassword": _NONE,
        "ListSecrets": _NONE,
    },
    "securityhub": {
        "*": (_HUB,),
        "BatchGetConfigurationPolicyAssociations": _NONE,
        "BatchImportFindings": ("{Findings.ProductArn}",),
        "CreateConfigurationPolicy": _NONE,
        "CreateFindingAggregator": _NONE,
        "DeleteConfigurationPolicy": (_HUB_POLICY,),
        "DeleteFindingAggregator": ("{FindingAggregatorArn}",),
        "GetConfigurationPolicy": (_HUB_POLICY,),
        "GetConfigurationPolicyAssociation": _NONE,
        "GetFindingAggregator": ("{FindingAggregatorArn}",),
        "ListConfigurationPolicies": _NONE,
        "ListConfigurationPolicyAssociations": _NONE,
        "ListFindingAggregators": _NONE,
        "UpdateConfigurationPolicy": (_HUB_POLICY,),
        "UpdateFindingAggregator": ("{FindingAggregatorArn}",),
    },
    "servicecatalog": {
        "*": _NONE,
        "AssociatePrincipalWithPortfolio": (f"arn:{{partition}}:catalog:{_REGIONAL}:portfolio/{{PortfolioId}}",),
        "CreateConstraint": (f"{_PRODUCT}{{ProductId}}",),
        "CreatePortfolio": (f"arn:{{partition}}:catalog:{_REGIONAL}:portfolio/*",),
        "CreateProduct": (f"{_PRODUCT}*",),
        "DescribeProvisioningParameters": (f"{_PRODUCT}{{ProductId}}",),
        "ListLaunchPaths": (f"{_PRODUCT}{{ProductId}}",),
        "ProvisionProduct": (f"{_PRODUCT}{{ProductId}}",),
    },
    "sns": {
        "*": ("{TopicArn}", "{TargetArn}", "{ResourceArn}"),
        "CreateTopic": (f"arn:{{partition}}:sns:{_REGIONAL}:{{Name}}",),
    },
    "sso-admin": {
        "*": (
            "{InstanceArn}",
            "{PermissionSetArn}",
            "arn:{partition}:sso:::account/{TargetId}",
            "arn:{partition}:sso:::account/{AccountId}",
        ),
        "CreatePermissionSet": ("{InstanceArn}", "arn:{partition}:sso:::permissionSet/*/*"),
        "TagResource": ("{ResourceArn}",),
        "UntagResource": ("{ResourceArn}",),
    },
    "stepfunctions": {
        "*": ("{stateMachineArn}", "{executionArn}", "{resourceArn}"),
        "CreateStateMachine": (f"{_STATES}stateMachine:{{name}}",),
    },
    "sts": {
        "*": _NONE,
        "AssumeRole": ("{RoleArn}",),
        "AssumeRoleWithSAML": ("{RoleArn}",),
        "AssumeRoleWithWebIdentity": ("{RoleArn}",),
        "AssumeRoot": ("arn:{partition}:iam::{TargetPrincipal}:root",),
    },
}

ALL_OF = {"identitystore", "sso-admin", "ec2"}
"""Services whose operations are authorised on each resource that their parameters name; the others on the first."""
