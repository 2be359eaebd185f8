"""The request rates of AWS, one row for each limit, each with its source.

A rate is that of a token bucket: so many tokens a second, and at most so many at once. Operations in one row that are
not said to share a bucket have one each.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True)
class Rate:
    """A token bucket."""

    per_second: float
    burst: float


@dataclass(frozen=True)
class Limit:
    """The rate of an operation (or of all operations of a service together) for one account and one organization."""

    service: str
    operations: tuple[str, ...]
    """API names, each with a bucket of its own; none: all operations of the service share one."""
    account: Rate
    organization: Rate | None
    source: str


_ORGANIZATIONS = "AWS Organizations user guide, orgs_reference_limits, throttling limits (aws-semantics 1.3)"
_ACCOUNT = "AWS Account Management reference guide, quotas"
_IDENTITY_CENTER = (
    "IAM Identity Center user guide, limits: all APIs share 20 transactions a second (aws-semantics 2); burst assumed"
)


def _organizations(
    operations: str, account: tuple[float, float], organization: tuple[float, float] | None = None
) -> Limit:
    return Limit(
        "organizations",
        tuple(operations.split()),
        Rate(*account),
        Rate(*organization) if organization else None,
        _ORGANIZATIONS,
    )


def _account(operations: str, per_second: float, burst: float) -> Limit:
    return Limit("account", tuple(operations.split()), Rate(per_second, burst), None, _ACCOUNT)


LIMITS: tuple[Limit, ...] = (
    _organizations("CreateAccount CreateGovCloudAccount", (0.1, 3)),
    _organizations("CloseAccount", (0.05, 1)),
    _organizations("DescribeCreateAccountStatus", (2, 2), (2, 3)),
    _organizations("ListCreateAccountStatus", (5, 8), (6, 10)),
    _organizations("DescribeAccount", (20, 30), (24, 36)),
    _organizations("ListAccounts", (8, 12), (9, 15)),
    _organizations("ListChildren", (6, 10), (7, 12)),
    _organizations("ListParents ListAccountsForParent ListOrganizationalUnitsForParent", (5, 8), (6, 10)),
    _organizations("ListRoots", (1, 2), (1, 3)),
    _organizations("DescribeOrganization CreateOrganizationalUnit", (1, 2)),
    _organizations("DescribeOrganizationalUnit DescribePolicy", (2, 2), (2, 3)),
    _organizations("MoveAccount UpdateOrganizationalUnit DeleteOrganizationalUnit", (2, 3)),
    _organizations("CreatePolicy DeletePolicy AttachPolicy DetachPolicy UpdatePolicy", (2, 3)),
    _organizations("ListPolicies ListPoliciesForTarget ListTargetsForPolicy", (5, 8), (6, 10)),
    _organizations("EnablePolicyType DisablePolicyType LeaveOrganization", (1, 1)),
    _organizations("TagResource UntagResource", (4, 6)),
    _organizations("ListTagsForResource", (10, 15), (12, 18)),
    _organizations("EnableAWSServiceAccess DisableAWSServiceAccess", (1, 2)),
    _organizations("RegisterDelegatedAdministrator DeregisterDelegatedAdministrator", (1, 2)),
    _organizations("ListAWSServiceAccessForOrganization ListDelegatedServicesForAccount", (1, 3), (1, 4)),
    _organizations("ListDelegatedAdministrators", (5, 8), (6, 10)),
    _organizations("RemoveAccountFromOrganization", (2, 2)),
    _organizations("InviteAccountToOrganization", (3, 5)),
    Limit("sso-admin", (), Rate(20, 20), None, _IDENTITY_CENTER),
    Limit("identitystore", (), Rate(20, 20), None, _IDENTITY_CENTER),
    _account("PutAlternateContact PutContactInformation", 5, 8),
    _account("GetAlternateContact GetContactInformation", 10, 15),
    _account("DeleteAlternateContact", 1, 6),
    _account("GetRegionOptStatus ListRegions", 5, 5),
    _account("GetAccountInformation GetPrimaryEmail", 3, 3),
    _account("EnableRegion DisableRegion StartPrimaryEmailUpdate AcceptPrimaryEmailUpdate", 1, 1),
    Limit("account", ("PutAccountName",), Rate(1, 1), None, f"{_ACCOUNT} (aws-semantics 6); burst assumed"),
)


def by_operation() -> Iterator[tuple[tuple[str, str | None], Limit]]:
    """Yield each limit under ``(service, operation)``, operation None where all share one bucket."""
    for limit in LIMITS:
        for operation in limit.operations or (None,):
            yield (limit.service, operation), limit
