"""Lifelines: who must always get into an account, and the requests that he must be able to make there.

A guardrail that denies one of them locks out the vend, the repair, the logs or the people who come when all else fails.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from avm.domain.policy import Principal, Request

BREAK_GLASS = "BreakGlass"
"""The permission set for emergencies; Identity Center makes a role ``AWSReservedSSO_BreakGlass_*`` of it."""

ORGANIZATION = "o-example1234"
"""The organization in which the requests are made."""

_ACCOUNT = "111122223333"
_ARN = f"arn:aws:iam::{_ACCOUNT}:"
_MANAGEMENT, _APPLICATION = "999988887777", "777788889999"
_IN_ORGANIZATION = {"aws:PrincipalOrgID": ORGANIZATION, "aws:SecureTransport": "true"}
_FOR_ORGANIZATION = {
    "aws:SecureTransport": "true",
    "aws:SourceAccount": _MANAGEMENT,
    "aws:SourceOrgID": ORGANIZATION,
}


@dataclass(frozen=True)
class Lifeline:
    """One role, and what it must be able to do."""

    role: str
    """Path and name."""
    does: str
    """What would not happen any more, for people."""
    is_vending: bool
    """Whether the vend itself uses it, also in quarantine and in every Region that the account has enabled."""
    everywhere: tuple[tuple[str, str], ...]
    """Action and resource (``{region}`` filled in) of calls that it makes in each Region."""
    globally: tuple[tuple[str, str], ...]
    """Action and resource of calls to services without a Region, and of those that are made in the home Region only."""

    @property
    def who(self) -> str:
        """Return who it is, for people."""
        return f"role/{self.role}"

    def requests(self, regions: tuple[str, ...], home: str, global_region: str) -> Iterator[Request]:
        """Yield the requests: in each of ``regions``, at home, and to IAM in ``global_region``."""
        for region in regions:
            yield from (self._request(action, resource, region) for action, resource in self.everywhere)
        for action, resource in self.globally:
            yield self._request(action, resource, global_region if action.startswith("iam:") else home)

    def _request(self, action: str, resource: str, region: str) -> Request:
        arn = resource.format(account=_ACCOUNT, region=region)
        context = {"aws:RequestedRegion": region, **_IN_ORGANIZATION}
        return Request(Principal.session(f"{_ARN}role/{self.role}", "lifeline"), action, (arn,), context=context)


@dataclass(frozen=True, eq=False)
class Entrance:
    """Somebody outside the account, whom none of its SCPs binds, and what he must be able to do to its resources."""

    who: str
    """For people."""
    does: str
    """What would not happen any more, for people."""
    principal: Principal
    calls: tuple[tuple[str, str], ...]
    """Action and resource."""
    keys: Mapping[str, str]
    """Condition keys that say for whom he asks."""
    is_vending: bool = True

    def requests(self, regions: tuple[str, ...], home: str, global_region: str) -> Iterator[Request]:  # noqa: ARG002
        """Yield the requests: at home, since neither roles nor the log archive's stores are looked for elsewhere."""
        for action, resource in self.calls:
            context = {"aws:RequestedRegion": home, **self.keys}
            yield Request(self.principal, action, (resource.format(region=home),), _ACCOUNT, context)


_RECORDER = "arn:aws:config:{region}:{account}:configuration-recorder/default/1"
_DETECTOR = "arn:aws:guardduty:{region}:{account}:detector/1"
_HUB = "arn:aws:securityhub:{region}:{account}:hub/default"

LIFELINES = (
    Lifeline(
        role="OrganizationAccountAccessRole",
        does="makes and repairs the vending roles",
        is_vending=True,
        everywhere=(),
        globally=(
            ("iam:CreateRole", f"{_ARN}role/avm/avm-enforce"),
            ("iam:CreateRole", f"{_ARN}role/avm/avm-observe"),
            ("iam:PutRolePolicy", f"{_ARN}role/avm/avm-enforce"),
            ("iam:UpdateAssumeRolePolicy", f"{_ARN}role/OrganizationAccountAccessRole"),
        ),
    ),
    Lifeline(
        role="avm/avm-enforce",
        does="makes and repairs the baseline",
        is_vending=True,
        everywhere=(
            ("config:PutConfigurationRecorder", _RECORDER),
            ("ec2:DeleteVpc", "arn:aws:ec2:{region}:{account}:vpc/vpc-1"),
            ("ec2:EnableEbsEncryptionByDefault", "*"),
            ("guardduty:UpdateDetector", _DETECTOR),
            ("securityhub:EnableSecurityHub", _HUB),
        ),
        globally=(("iam:UpdateAccountPasswordPolicy", "*"), ("s3:PutAccountPublicAccessBlock", "*")),
    ),
    Lifeline(
        role="avm/avm-observe",
        does="verifies the baseline",
        is_vending=True,
        everywhere=(
            ("config:DescribeConfigurationRecorders", "arn:aws:config:{region}:{account}:configuration-recorder/*/*"),
            ("ec2:DescribeVpcs", "*"),
            ("guardduty:GetDetector", _DETECTOR),
            ("securityhub:DescribeHub", _HUB),
        ),
        globally=(("iam:GetRole", f"{_ARN}role/avm/avm-enforce"), ("s3:GetAccountPublicAccessBlock", "*")),
    ),
    Lifeline(
        role=f"aws-reserved/sso.amazonaws.com/AWSReservedSSO_{BREAK_GLASS}_0123456789abcdef",
        does="is the way in for emergencies",
        is_vending=False,
        everywhere=(
            ("cloudtrail:LookupEvents", "*"),
            ("ec2:TerminateInstances", "arn:aws:ec2:{region}:{account}:instance/i-1"),
            ("lambda:PutFunctionConcurrency", "arn:aws:lambda:{region}:{account}:function:workload"),
        ),
        globally=(
            ("iam:ListRoles", "*"),
            ("iam:PutRolePolicy", f"{_ARN}role/app/workload"),
            ("s3:PutBucketPolicy", "arn:aws:s3:::bucket"),
        ),
    ),
)

ENTRANCES = (
    Entrance(
        who="the broker, in the management account",
        does="makes and repairs the vending roles",
        principal=Principal.session(f"arn:aws:iam::{_MANAGEMENT}:role/avm-broker", "lifeline"),
        calls=(("sts:AssumeRole", f"{_ARN}role/OrganizationAccountAccessRole"),),
        keys=_IN_ORGANIZATION,
    ),
    Entrance(
        who="the machine, in its own account",
        does="makes, repairs and verifies the baseline",
        principal=Principal.session(f"arn:aws:iam::{_APPLICATION}:role/avm-harden-account", "lifeline"),
        calls=tuple(("sts:AssumeRole", f"{_ARN}role/avm/{name}") for name in ("avm-enforce", "avm-observe")),
        keys=_IN_ORGANIZATION,
    ),
)
"""Who comes into every account."""

DELIVERIES = tuple(
    Entrance(
        who=service,
        does="delivers the organization's logs",
        principal=Principal.service(service),
        calls=(
            ("s3:PutObject", f"arn:aws:s3:::archive/AWSLogs/{_MANAGEMENT}/log"),
            ("kms:GenerateDataKey", f"arn:aws:kms:{{region}}:{_ACCOUNT}:key/1"),
        ),
        keys=_FOR_ORGANIZATION,
    )
    for service in ("cloudtrail.amazonaws.com", "config.amazonaws.com", "delivery.logs.amazonaws.com")
)
"""Who writes into the log archive."""
