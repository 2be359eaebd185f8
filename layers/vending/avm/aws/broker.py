"""The broker: the one role by which the machine works in the management account, and gets into bootstrap roles.

A session policy narrows each session in it to one use: a group of operations and, where there is one, an account. What
the broker may do at all is in ``templates/management.yaml``.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from avm.aws.sts import Sessions, keys_of
from avm.domain.trust import BOOTSTRAP_ROLE

_ORGANIZATION = "arn:{partition}:organizations::{management}:"
_ACCOUNT = _ORGANIZATION + "account/o-*/{account}"
_ROOTS = _ORGANIZATION + "root/o-*/r-*"
_UNITS = _ORGANIZATION + "ou/o-*/ou-*"
_SCPS = _ORGANIZATION + "policy/o-*/service_control_policy/p-*"
_RCPS = _ORGANIZATION + "policy/o-*/resource_control_policy/p-*"
_ROOT_SECONDS = 900
"""The longest that AWS gives (aws-semantics 6)."""
_MARGIN = timedelta(minutes=2)
"""A session that ends sooner is taken anew: a function may run for a minute."""


@dataclass(frozen=True)
class Use:
    """What a session in the broker role is for."""

    name: str
    grants: tuple[tuple[tuple[str, ...], tuple[str, ...]], ...]
    """(actions, resources) of each statement; resources name ``{partition}``, ``{management}`` and ``{account}``."""

    def policy(self, *, partition: str, management: str, account: str) -> str:
        """Return the session policy: at most 2,048 characters (botocore, sts.AssumeRole)."""
        names = {"partition": partition, "management": management, "account": account}
        statements = [
            {"Effect": "Allow", "Action": actions, "Resource": [resource.format(**names) for resource in resources]}
            for actions, resources in self.grants
        ]
        return json.dumps({"Version": "2012-10-17", "Statement": statements}, separators=(",", ":"))


READ = Use(
    "read",
    (
        (
            (
                "organizations:DescribeAccount",
                "organizations:DescribeCreateAccountStatus",
                "organizations:ListAccounts",
                "organizations:ListAccountsForParent",
                "organizations:ListCreateAccountStatus",
                "organizations:ListOrganizationalUnitsForParent",
                "organizations:ListParents",
                "organizations:ListPolicies",
                "organizations:ListPoliciesForTarget",
                "organizations:ListRoots",
                "organizations:ListTagsForResource",
            ),
            ("*",),
        ),
    ),
)
CREATE_ACCOUNT = Use(
    "create-account",
    # the account has no ARN yet for which its tags could be allowed
    ((("organizations:CreateAccount", "organizations:TagResource"), ("*",)),),
)
TAG_ACCOUNT = Use("tag-account", ((("organizations:TagResource",), (_ACCOUNT,)),))
MOVE_ACCOUNT = Use(
    "move-account",
    ((("organizations:MoveAccount",), (_ACCOUNT, _UNITS, _ROOTS)),),
)
CHANGE_POLICIES = Use(
    "change-policies",
    (
        (
            ("organizations:AttachPolicy", "organizations:DetachPolicy"),
            (_ACCOUNT, _SCPS),
        ),
        (
            ("organizations:AttachPolicy",),
            ("arn:{partition}:organizations::aws:policy/service_control_policy/p-FullAWSAccess",),
        ),
    ),
)
_BUDGETS = "arn:{partition}:budgets::{management}:budget/avm-"
READ_BUDGETS = Use("read-budgets", ((("budgets:ViewBudget",), (_BUDGETS + "*",)),))
WRITE_BUDGET = Use("write-budget", ((("budgets:ModifyBudget",), (_BUDGETS + "{account}",)),))
_ROOT_USER = "arn:{partition}:iam::{account}:root"
AUDIT_ROOT = Use("audit-root", ((("sts:AssumeRoot",), (_ROOT_USER,)),))
DELETE_ROOT = Use("delete-root", ((("sts:AssumeRoot",), (_ROOT_USER,)),))
READ_FOUNDATION = Use(
    "read-foundation",
    (
        (
            (
                "ce:ListCostAllocationTags",
                "iam:GetAccountSummary",
                "iam:ListOrganizationsFeatures",
                "organizations:DescribeOrganization",
                "organizations:DescribePolicy",
                "organizations:ListAWSServiceAccessForOrganization",
                "organizations:ListDelegatedAdministrators",
                "servicequotas:ListServiceQuotas",
            ),
            ("*",),
        ),
    ),
)
ENABLE_FEATURES = Use(
    "enable-features",
    (
        (
            (
                "ce:UpdateCostAllocationTagsStatus",
                "iam:EnableOrganizationsRootCredentialsManagement",
                "iam:EnableOrganizationsRootSessions",
                "organizations:EnableAWSServiceAccess",
            ),
            ("*",),
        ),
        (("organizations:EnablePolicyType",), (_ROOTS,)),
    ),
)
CREATE_UNITS = Use("create-units", ((("organizations:CreateOrganizationalUnit",), (_ROOTS, _UNITS)),))
WRITE_GUARDRAILS = Use(
    "write-guardrails",
    (
        # the policy has no id yet
        (
            ("organizations:CreatePolicy",),
            (
                _ORGANIZATION + "policy/o-*/service_control_policy/*",
                _ORGANIZATION + "policy/o-*/resource_control_policy/*",
            ),
        ),
        (("organizations:AttachPolicy", "organizations:DetachPolicy"), (_UNITS, _SCPS, _RCPS)),
        (("organizations:UpdatePolicy",), (_SCPS, _RCPS)),
    ),
)
DELEGATE = Use("delegate-administration", ((("organizations:RegisterDelegatedAdministrator",), (_ACCOUNT,)),))
READ_TRAILS = Use(
    "read-trails",
    ((("cloudtrail:DescribeTrails", "cloudtrail:GetEventSelectors", "cloudtrail:GetTrailStatus"), ("*",)),),
)
_LINKED_TRAIL = "arn:{partition}:iam::{management}:role/aws-service-role/cloudtrail.amazonaws.com/*"
WRITE_TRAILS = Use(
    "write-trails",
    (
        (
            (
                "cloudtrail:CreateTrail",
                "cloudtrail:PutEventSelectors",
                "cloudtrail:StartLogging",
                "cloudtrail:UpdateTrail",
            ),
            ("arn:{partition}:cloudtrail:*:{management}:trail/avm-*",),
        ),
        (("iam:CreateServiceLinkedRole",), (_LINKED_TRAIL,)),
    ),
)
_HUB = "arn:{partition}:securityhub:*:{management}:hub/default"
READ_DESIGNATIONS = Use(
    "read-designations",
    (
        (("guardduty:ListOrganizationAdminAccounts",), ("*",)),
        (("securityhub:ListOrganizationAdminAccounts",), (_HUB,)),
    ),
)
DESIGNATE = Use(
    "designate",
    (
        # these take no resource; the other they need beside (user guides: permissions to designate an administrator)
        (("guardduty:EnableOrganizationAdminAccount", "organizations:EnableAWSServiceAccess"), ("*",)),
        (("securityhub:EnableOrganizationAdminAccount",), (_HUB,)),
        (("organizations:RegisterDelegatedAdministrator",), (_ACCOUNT,)),
    ),
)
BOOTSTRAP = Use("bootstrap", ((("sts:AssumeRole",), (f"arn:{{partition}}:iam::{{account}}:role/{BOOTSTRAP_ROLE}",)),))

USES = (
    READ,
    CREATE_ACCOUNT,
    TAG_ACCOUNT,
    MOVE_ACCOUNT,
    CHANGE_POLICIES,
    READ_BUDGETS,
    WRITE_BUDGET,
    AUDIT_ROOT,
    DELETE_ROOT,
    READ_TRAILS,
    READ_FOUNDATION,
    ENABLE_FEATURES,
    CREATE_UNITS,
    WRITE_GUARDRAILS,
    DELEGATE,
    WRITE_TRAILS,
    READ_DESIGNATIONS,
    DESIGNATE,
    BOOTSTRAP,
)


class Broker:
    """Clients that act as the broker. Sessions last as long as AWS lets them, one for each use and account."""

    def __init__(
        self,
        sessions: Sessions,
        role_arn: str,
        external_id: str,
        make: Callable[[str, str | None, Mapping[str, str], bool], Any],
        now: Callable[[], datetime],
    ) -> None:
        """``make(service, region, credentials, repeats)`` returns a client; ``now``: the real time: sessions end by it.

        ``repeats``: it only reads, so that the SDK may repeat a call. A list of a large organization has more pages
        than AWS gives at once (aws-semantics 1.3): a step that began anew would never see the last of them.
        """
        self._sessions = sessions
        self._role_arn = role_arn
        self._external_id = external_id
        self._make = make
        self._now = now
        self._clients: dict[tuple[Use, str, str, str | None], tuple[datetime, Any]] = {}

    def organizations(self, use: Use, account_id: str = "") -> Any:
        """Return a client of AWS Organizations that can do what ``use`` says, with this account alone."""
        return self._client("organizations", use, account_id)

    def cloudtrail(self, use: Use) -> Any:
        """Return a client of CloudTrail that can do what ``use`` says."""
        return self._client("cloudtrail", use, "")

    def budgets(self, use: Use, account_id: str = "") -> Any:
        """Return a client of AWS Budgets that can do what ``use`` says, with this account's budget alone."""
        return self._client("budgets", use, account_id)

    def iam(self, use: Use) -> Any:
        """Return a client of IAM that can do what ``use`` says."""
        return self._client("iam", use, "")

    def cost_explorer(self, use: Use) -> Any:
        """Return a client of Cost Explorer that can do what ``use`` says."""
        return self._client("ce", use, "")

    def service_quotas(self, use: Use, region: str) -> Any:
        """Return a client of Service Quotas, in a Region, that can do what ``use`` says."""
        return self._client("service-quotas", use, "", region)

    def security_service(self, service: str, region: str, use: Use, account_id: str = "") -> Any:
        """Return a client of GuardDuty or Security Hub, in a Region, that can do what ``use`` says."""
        return self._client(service, use, account_id, region)

    def root_session(self, account_id: str, use: Use, task: str) -> Any:
        """Return a client of IAM in a session of the account's root user, for one task of AWS's.

        STS has no such session at its global endpoint (botocore: AssumeRoot).
        """
        _, partition, *_ = self._role_arn.split(":")
        answer = self._client("sts", use, account_id).assume_root(
            TargetPrincipal=account_id,
            TaskPolicyArn={"arn": f"arn:{partition}:iam::aws:policy/root-task/{task}"},
            DurationSeconds=_ROOT_SECONDS,
        )
        return self._make("iam", None, keys_of(answer), use is READ)

    def bootstrap(self, account_id: str) -> Sessions:
        """Return the sessions that the broker can begin: those in the account's bootstrap role."""
        return Sessions(self._client("sts", BOOTSTRAP, account_id))

    def _client(self, service: str, use: Use, account_id: str, region: str | None = None) -> Any:
        now = self._now()
        key = (use, account_id, service, region)
        self._clients = {each: held for each, held in self._clients.items() if held[0] - now > _MARGIN}
        if key not in self._clients:
            _, partition, _, _, management, _ = self._role_arn.split(":")
            session = self._sessions.assume(
                self._role_arn,
                f"{use.name}-{account_id}".rstrip("-"),
                external_id=self._external_id,
                policy=use.policy(partition=partition, management=management, account=account_id),
            )
            self._clients[key] = (session.expires, self._make(service, region, session.credentials, use is READ))
        return self._clients[key][1]
