"""Whom and what service and resource control policies bind.

Sources: AWS Organizations User Guide, "Service control policies" and "Resource control policies": tasks, entities and
resources that they do not restrict, and the list of services that support RCPs (as of 2026-11).
"""

from __future__ import annotations

from avm.domain.policy.principals import PrincipalKind
from avm.domain.policy.request import Request

_UNBOUND = {PrincipalKind.SERVICE, PrincipalKind.FEDERATED, PrincipalKind.SERVICE_LINKED_ROLE}

RCP_SERVICES = frozenset(
    {"aoss", "appconfig", "appstream", "autoscaling", "autoscaling-plans", "budgets", "clouddirectory", "cloudfront"}
    | {"cloudsearch", "cloudtrail-data", "codeartifact", "codebuild", "codecommit", "codepipeline", "cognito-identity"}
    | {"cognito-idp", "comprehend", "comprehendmedical", "compute-optimizer", "cost-optimization-hub", "dax", "dsql"}
    | {"dynamodb", "ecr", "ecr-public", "events", "firehose", "fis", "fms", "gamelift", "health", "inspector-scan"}
    | {"kendra", "kinesisvideo", "kms", "logs", "memorydb", "networkmonitor", "notifications", "opensearch"}
    | {"pca-connector-ad", "personalize", "polly", "pricing", "resource-groups", "rolesanywhere", "s3"}
    | {"secretsmanager", "servicediscovery", "signin", "sqs", "sts", "support", "swf", "textract"}
    | {"timestream-influxdb", "transcribe", "transfer", "translate", "wafv2", "workspaces", "xray"}
)
"""Prefixes of the actions that RCPs apply to."""

_RCP_NEVER = {"kms:retiregrant"}


def scps_bind(request: Request, management_account: str | None) -> bool:
    """Say whether SCPs bind who makes the request: not the management account, no service-linked role, no service."""
    return request.principal.kind not in _UNBOUND and request.principal.account != management_account


def rcps_bind(request: Request, resource: str, management_account: str | None) -> bool:
    """Say whether RCPs bind the request: not on the management account's resources, nor for service-linked roles.

    An action that takes no resource has none that an RCP could protect.
    """
    action = request.action.lower()
    return (
        resource != "*"
        and action.partition(":")[0] in RCP_SERVICES
        and action not in _RCP_NEVER
        and request.principal.kind is not PrincipalKind.SERVICE_LINKED_ROLE
        and request.owner != management_account
    )
