"""Why each grant is there: observed, dependent, implicit; or it cannot be explained."""

from __future__ import annotations

import fnmatch
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from tests.permissions.granted import Grant
from tests.permissions.observed import Need

Reason = Literal["observed", "dependent", "implicit", "unexplained"]


@dataclass(frozen=True)
class Implicit:
    """What AWS asks of a role although no call of it in the emulator does."""

    why: str
    actions: tuple[str, ...]
    policy: str = "*"
    """Pattern of the policy's name that may grant it for this reason."""
    principal: str = "*"
    with_actions: tuple[str, ...] = ()
    """The role must have been seen to need one of these, where there are any."""

    def explains(self, grant: Grant, needs: Iterable[Need]) -> bool:
        """Say whether this is why the grant is there; ``needs``: the role's own."""
        return (
            any(fnmatch.fnmatchcase(grant.action, action) for action in self.actions)
            and fnmatch.fnmatchcase(grant.policy, self.policy)
            and fnmatch.fnmatchcase(grant.principal, self.principal)
            and (not self.with_actions or any(need.action.startswith(self.with_actions) for need in needs))
        )


IMPLICIT = (
    Implicit(
        "the table, the queues and the reports are encrypted with the stack's key, and reports in the log archive with "
        "its own: DynamoDB, SQS and S3 use it for whoever reads and writes them, with his permissions (DynamoDB "
        "Developer Guide, Encryption at rest: usage notes; SQS Developer Guide, Key management; S3 user guide, Using "
        "server-side encryption with KMS keys)",
        ("kms:Decrypt", "kms:GenerateDataKey", "kms:DescribeKey"),
        with_actions=("dynamodb:", "s3:", "sqs:"),
    ),
    Implicit(
        "an execution waits for the end of one that it has started: Step Functions learns of it by a rule that it "
        "manages, and stops it where the first is stopped (Step Functions Developer Guide, Start workflow executions "
        "from a task state: IAM permissions)",
        (
            "events:PutTargets",
            "events:PutRule",
            "events:DescribeRule",
            "states:DescribeExecution",
            "states:StopExecution",
        ),
        principal="*StateMachine",
        with_actions=("states:StartExecution",),
    ),
    Implicit(
        "functions write logs: Lambda does it in the function's role; SAM's own choice of a policy",
        ("logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"),
        policy="*/AWSLambdaBasicExecutionRole",
    ),
    Implicit(
        "functions are traced: Lambda does it in the function's role; SAM's own choice of a policy",
        ("xray:*",),
        policy="*/AWSXrayWriteOnlyAccess",
    ),
    Implicit(
        "executions are traced (Step Functions Developer Guide, X-Ray: IAM policies)",
        ("xray:PutTraceSegments", "xray:PutTelemetryRecords", "xray:GetSamplingRules", "xray:GetSamplingTargets"),
        principal="*StateMachine",
    ),
    Implicit(
        "executions are logged: Step Functions sets the log delivery up in the state machine's role (Step Functions "
        "Developer Guide, Logging using CloudWatch Logs)",
        ("logs:*LogDelivery", "logs:ListLogDeliveries", "logs:*ResourcePolic*", "logs:DescribeLogGroups"),
        principal="*StateMachine",
    ),
    Implicit(
        "Lambda's pollers fetch and delete messages in the function's role (Lambda Developer Guide, Using Lambda with "
        "Amazon SQS: execution role permissions); the emulator's do it without a call",
        ("sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"),
        principal="*Function",
    ),
    Implicit(
        "a report that is not there is 404 to who may list the bucket, and 403 to others (S3 API reference, GetObject: "
        "permissions)",
        ("s3:ListBucket",),
        principal="ApiFunction",
        with_actions=("s3:GetObject",),
    ),
    Implicit(
        "the role avm-security is looked at in the security account; the policies of the vending roles are the same in "
        "all accounts",
        ("iam:GetRole", "iam:GetRolePolicy", "iam:ListAttachedRolePolicies", "iam:ListRolePolicies"),
        principal="avm-observe",
    ),
    Implicit(
        "whoever looks at the foundation while an apply has not ended sees permission sets that are being provisioned "
        "and accounts that are being repaired",
        ("sso:ListPermissionSetProvisioningStatus", "states:DescribeExecution"),
        principal="ObserveFoundationFunction",
    ),
    Implicit(
        "a repair looks at the trail in the role in which it changes things, to tell what the foundation has to mend: "
        "tests/end_to_end/test_controls.py fails without it",
        ("cloudtrail:GetEventSelectors", "cloudtrail:GetTrail", "cloudtrail:GetTrailStatus"),
        principal="avm-enforce",
    ),
    Implicit(
        "an OU may stand below another one: in the shipped catalog none does",
        ("organizations:CreateOrganizationalUnit", "organizations:ListOrganizationalUnitsForParent"),
        principal="avm-broker*",
    ),
    Implicit(
        "EventBridge delivers in the rule's role; the emulator's does it without a call",
        ("events:PutEvents",),
        principal="Forwarder",
    ),
    Implicit(
        "EventBridge delivers what happens in an account in this role; the emulator's does it without a call",
        ("events:PutEvents",),
        principal="avm-events",
    ),
    Implicit(
        "a distributed Map starts its children as executions of its own machine (Step Functions Developer Guide, IAM "
        "policies for using Distributed Map states); the emulator runs them without a call",
        ("states:StartExecution", "states:DescribeExecution", "states:StopExecution"),
        principal="SweepOrganizationStateMachine",
    ),
)


def explain(grants: Sequence[Grant], needs: Sequence[Need]) -> dict[Grant, Reason]:
    """Return why each grant is there."""
    return {grant: _reason(grant, needs) for grant in grants}


def _reason(grant: Grant, needs: Sequence[Need]) -> Reason:
    fulfilled = [need for need in needs if grant.allows(need)]
    if fulfilled:
        return "dependent" if all(need.dependent for need in fulfilled) else "observed"
    own = [need for need in needs if need.role_arn == grant.role_arn]
    return "implicit" if any(each.explains(grant, own) for each in IMPLICIT) else "unexplained"


def not_granted(grants: Sequence[Grant], needs: Sequence[Need]) -> list[Need]:
    """Return what roles have needed, and been allowed, although none of their grants fulfils it: there is nothing."""
    known = {grant.role_arn for grant in grants}
    mine = (need for need in needs if need.role_arn in known)
    return [need for need in mine if not any(grant.allows(need) for grant in grants)]
