"""What AWS requires beside the action of a call: roles passed on, service-linked roles made, tags put.

Source: Service Authorization Reference, column "Dependent actions", and each service's page on the tags that a creating
call puts. Left out: ``kms:Decrypt`` for ``sso`` and ``identitystore``, required with a customer managed key only.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple


class PassedRole(NamedTuple):
    """A role that the call hands to a service."""

    field: str
    """Path of the parameter that holds its ARN."""
    service: str
    """``iam:PassedToService``."""


class LinkedRole(NamedTuple):
    """A service-linked role that the call makes where it is missing."""

    service: str
    """``iam:AWSServiceName``."""
    name: str


class PutTags(NamedTuple):
    """Tags that a creating call puts."""

    field: str
    action: str


PASSED_ROLES: Mapping[tuple[str, str], tuple[PassedRole, ...]] = {
    ("cloudformation", "CreateStack"): (PassedRole("RoleARN", "cloudformation.amazonaws.com"),),
    ("cloudformation", "UpdateStack"): (PassedRole("RoleARN", "cloudformation.amazonaws.com"),),
    ("cloudformation", "CreateStackSet"): (PassedRole("AdministrationRoleARN", "cloudformation.amazonaws.com"),),
    ("cloudformation", "UpdateStackSet"): (PassedRole("AdministrationRoleARN", "cloudformation.amazonaws.com"),),
    ("cloudtrail", "CreateTrail"): (PassedRole("CloudWatchLogsRoleArn", "cloudtrail.amazonaws.com"),),
    ("cloudtrail", "UpdateTrail"): (PassedRole("CloudWatchLogsRoleArn", "cloudtrail.amazonaws.com"),),
    ("config", "PutConfigurationAggregator"): (
        PassedRole("OrganizationAggregationSource.RoleArn", "config.amazonaws.com"),
    ),
    ("config", "PutConfigurationRecorder"): (PassedRole("ConfigurationRecorder.roleARN", "config.amazonaws.com"),),
    ("ec2", "CreateFlowLogs"): (PassedRole("DeliverLogsPermissionArn", "vpc-flow-logs.amazonaws.com"),),
    ("events", "PutRule"): (PassedRole("RoleArn", "events.amazonaws.com"),),
    ("events", "PutTargets"): (PassedRole("Targets.RoleArn", "events.amazonaws.com"),),
    ("lambda", "CreateFunction"): (PassedRole("Role", "lambda.amazonaws.com"),),
    ("lambda", "UpdateFunctionConfiguration"): (PassedRole("Role", "lambda.amazonaws.com"),),
    ("logs", "PutSubscriptionFilter"): (PassedRole("roleArn", "logs.amazonaws.com"),),
    ("scheduler", "CreateSchedule"): (PassedRole("Target.RoleArn", "scheduler.amazonaws.com"),),
    ("scheduler", "UpdateSchedule"): (PassedRole("Target.RoleArn", "scheduler.amazonaws.com"),),
    ("stepfunctions", "CreateStateMachine"): (PassedRole("roleArn", "states.amazonaws.com"),),
    ("stepfunctions", "UpdateStateMachine"): (PassedRole("roleArn", "states.amazonaws.com"),),
}
"""By boto3 client name and operation: each needs ``iam:PassRole`` on the role."""

_CONFIG = LinkedRole("config.amazonaws.com", "AWSServiceRoleForConfig")
_ANALYZER = LinkedRole("access-analyzer.amazonaws.com", "AWSServiceRoleForAccessAnalyzer")
_ORGANIZATIONS = LinkedRole("organizations.amazonaws.com", "AWSServiceRoleForOrganizations")

LINKED_ROLES: Mapping[tuple[str, str], LinkedRole] = {
    ("accessanalyzer", "CreateAnalyzer"): LinkedRole(
        "access-analyzer.amazonaws.com", "AWSServiceRoleForAccessAnalyzer"
    ),
    ("cloudtrail", "CreateTrail"): LinkedRole("cloudtrail.amazonaws.com", "AWSServiceRoleForCloudTrail"),
    ("config", "PutOrganizationConformancePack"): LinkedRole(
        "config-multiaccountsetup.amazonaws.com", "AWSServiceRoleForConfigMultiAccountSetup"
    ),
    ("config", "PutServiceLinkedConfigurationRecorder"): _CONFIG,
    ("guardduty", "CreateDetector"): LinkedRole("guardduty.amazonaws.com", "AWSServiceRoleForAmazonGuardDuty"),
    ("organizations", "AcceptHandshake"): _ORGANIZATIONS,
    ("organizations", "CreateOrganization"): _ORGANIZATIONS,
    ("securityhub", "EnableSecurityHub"): LinkedRole("securityhub.amazonaws.com", "AWSServiceRoleForSecurityHub"),
    ("sso-admin", "CreateInstance"): LinkedRole("sso.amazonaws.com", "AWSServiceRoleForSSO"),
}
"""Each needs ``iam:CreateServiceLinkedRole``, as long as the account does not have the role."""

DESIGNATIONS = {
    ("guardduty", "EnableOrganizationAdminAccount"),
    ("securityhub", "EnableOrganizationAdminAccount"),
}
"""Each needs ``organizations:EnableAWSServiceAccess`` and, on the account in ``AdminAccountId``,
``organizations:RegisterDelegatedAdministrator`` (user guides: permissions to designate a delegated administrator)."""

OF_ADMINISTRATORS = {("config", "DeleteOrganizationConformancePack"), ("config", "PutOrganizationConformancePack")}
"""Each needs ``organizations:ListDelegatedAdministrators``, where the caller does not manage the organization
(botocore)."""

PUT_TAGS: Mapping[tuple[str, str], PutTags] = {
    ("cloudtrail", "CreateTrail"): PutTags("TagsList", "cloudtrail:AddTags"),
    ("config", "PutConfigurationRecorder"): PutTags("Tags", "config:TagResource"),
    ("dynamodb", "CreateTable"): PutTags("Tags", "dynamodb:TagResource"),
    ("events", "CreateEventBus"): PutTags("Tags", "events:TagResource"),
    ("events", "PutRule"): PutTags("Tags", "events:TagResource"),
    ("guardduty", "CreateDetector"): PutTags("Tags", "guardduty:TagResource"),
    ("iam", "CreatePolicy"): PutTags("Tags", "iam:TagPolicy"),
    ("iam", "CreateRole"): PutTags("Tags", "iam:TagRole"),
    ("iam", "CreateUser"): PutTags("Tags", "iam:TagUser"),
    ("kms", "CreateKey"): PutTags("Tags", "kms:TagResource"),
    ("lambda", "CreateFunction"): PutTags("Tags", "lambda:TagResource"),
    ("logs", "CreateLogGroup"): PutTags("tags", "logs:TagResource"),
    ("organizations", "CreateAccount"): PutTags("Tags", "organizations:TagResource"),
    ("organizations", "CreateOrganizationalUnit"): PutTags("Tags", "organizations:TagResource"),
    ("organizations", "CreatePolicy"): PutTags("Tags", "organizations:TagResource"),
    ("organizations", "InviteAccountToOrganization"): PutTags("Tags", "organizations:TagResource"),
    ("securityhub", "CreateConfigurationPolicy"): PutTags("Tags", "securityhub:TagResource"),
    ("securityhub", "EnableSecurityHub"): PutTags("Tags", "securityhub:TagResource"),
    ("sns", "CreateTopic"): PutTags("Tags", "sns:TagResource"),
    ("sqs", "CreateQueue"): PutTags("tags", "sqs:TagQueue"),
    ("sso-admin", "CreatePermissionSet"): PutTags("Tags", "sso:TagResource"),
    ("stepfunctions", "CreateStateMachine"): PutTags("tags", "states:TagResource"),
    ("sts", "AssumeRole"): PutTags("Tags", "sts:TagSession"),
}
"""Each needs its action on what is created, where the parameter is given."""

LOG_DELIVERIES: Mapping[tuple[str, str], str] = {
    ("ec2", "CreateFlowLogs"): "logs:CreateLogDelivery",
    ("ec2", "DeleteFlowLogs"): "logs:DeleteLogDelivery",
}
"""What EC2 does with deliveries of logs as its caller (VPC user guide, "Publish flow logs to Amazon S3")."""
