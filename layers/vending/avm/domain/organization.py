"""The organization's settings: Regions, OUs, e-mail addresses, contacts, limits."""

from __future__ import annotations

import re
from collections.abc import Mapping
from string import Formatter
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, StringConstraints, ValidationInfo, field_validator

from avm.domain.access import API_ROLES, ApiRole
from avm.domain.account_request import EMAIL_PATTERN, Contacts, Region
from avm.domain.catalog_model import CatalogModel, Names, each_once, fault
from avm.domain.guardrail import GuardrailKind
from avm.domain.naming import EMAIL_MAX, email_from_pattern
from avm.domain.remediation import RemediationSettings

SCPS_PER_TARGET = 10
SCP_CHARACTERS = 10_240
RCPS_PER_TARGET = 5
RCP_CHARACTERS = 5_120
"""Limits of AWS, hard ones; those of SCPs in all partitions since 2026-05-15 (aws-semantics 1.5)."""

_DOMAIN = r"^(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?$"

# An OU's name has 1 to 128 characters (botocore, organizations.CreateOrganizationalUnit)
OuName = Annotated[str, StringConstraints(min_length=1, max_length=128, pattern=r"^\S(.*\S)?$")]
TicketSystem = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{0,31}$")]
BaseUrl = Annotated[str, StringConstraints(pattern=r"^https://[^\s/?#]+(/[^\s?#]*)?$")]


class EmailSettings(CatalogModel):
    """Which root e-mail addresses accounts may have, and how one is made."""

    domains: Annotated[
        tuple[Annotated[str, StringConstraints(pattern=_DOMAIN)], ...], AfterValidator(each_once), Field(min_length=1)
    ] = Field(description="Domains, in lower case, whose mail you control: root recovery goes there.")
    pattern: str = Field(
        description="How an address is made: `{slug}` is the account's name, cut so that it fits, `{short_id}` stands "
        "for the request."
    )

    @field_validator("pattern")
    @classmethod
    def _makes_addresses(cls, pattern: str, info: ValidationInfo) -> str:
        hint = "write it like aws+{slug}-{short_id}@example.com"
        try:
            fields = [(name, spec, how) for _, name, spec, how in Formatter().parse(pattern) if name is not None]
        except ValueError as error:
            raise fault(f"braces do not match: {error}", hint) from error
        if any(name not in {"slug", "short_id"} or spec or how for name, spec, how in fields):
            raise fault("only {slug} and {short_id} can be filled in", hint)
        if [name for name, _, _ in fields].count("short_id") != 1:
            raise fault("without one {short_id}, two requests can get the same address", hint)
        shortest = email_from_pattern(pattern.replace("{slug}", "a"), "a", "request")
        if len(shortest) > EMAIL_MAX:
            reason = f"the shortest address that it makes has {len(shortest)} characters, {EMAIL_MAX} fit"
            raise fault(reason, "shorten the fixed part, or use a shorter domain")
        if not re.match(EMAIL_PATTERN, shortest):
            raise fault(f"it makes {shortest!r}, which AWS does not take as an address", hint)
        domain = shortest.rpartition("@")[2]
        if domain not in info.data.get("domains", (domain,)):
            raise fault(f"its domain {domain!r} is not among the domains", "add it to 'domains', or use one of them")
        return pattern


class OrganizationalUnit(CatalogModel):
    """One OU."""

    parent: OuName | None = Field(default=None, description="OU above it; without one it stands under the root.")
    scps: Names = Field(default=(), description="SCPs attached to it; it inherits those of the OUs above.")
    rcps: Names = Field(default=(), description="RCPs attached to it; it inherits those of the OUs above.")
    conformance_packs: Names = Field(
        default=(), description="Conformance packs that judge its accounts; it inherits those of the OUs above."
    )

    def guardrails(self, kind: GuardrailKind) -> tuple[str, ...]:
        """Return the names of the guardrails of a kind that are attached to it."""
        return {GuardrailKind.SCP: self.scps, GuardrailKind.RCP: self.rcps}[kind]


class CallRate(CatalogModel):
    """How many calls AWS takes: so many tokens a second, and so many of them kept (aws-semantics 1.3)."""

    per_second: Annotated[float, Field(gt=0, le=1000)] = Field(description="Calls a second.")
    burst: Annotated[int, Field(ge=1, le=1000)] = Field(description="Calls at once after a pause.")


class FoundationSettings(CatalogModel):
    """What the requests for the foundational accounts say; the machine makes them itself."""

    owner: Annotated[str, StringConstraints(max_length=254, pattern=EMAIL_PATTERN)] = Field(
        description="E-mail of who is accountable for the foundational accounts."
    )
    cost_center: Annotated[str, StringConstraints(min_length=1, max_length=64)] = Field(
        description="Cost center of these accounts, by `cost_center_pattern`."
    )


class ObjectLockSettings(CatalogModel):
    """How long nobody deletes a log of the organization's trail (S3 Object Lock)."""

    mode: Literal["GOVERNANCE", "COMPLIANCE"] = Field(
        default="GOVERNANCE",
        description="GOVERNANCE: who has `s3:BypassGovernanceRetention` may still delete. COMPLIANCE: nobody may, not "
        "even AWS; it cannot be undone for logs that are there.",
    )
    # S3 takes 100 years at most (S3 user guide, "Object Lock considerations")
    days: Annotated[int, Field(ge=1, le=36_500)] = Field(
        default=365, description="Days for which a log is locked, from its delivery."
    )

    @property
    def warning(self) -> str | None:
        """Return what has to be known before it is switched on; None where it can be undone."""
        if self.mode == "GOVERNANCE":
            return None
        return (
            f"COMPLIANCE cannot be undone: for {self.days} days nobody deletes a log or shortens its time, no "
            "administrator and not AWS; only closing the account ends it."
        )


class LogArchiveSettings(CatalogModel):
    """How the log archive keeps logs."""

    object_lock: ObjectLockSettings = Field(
        default=ObjectLockSettings(), description="How long nobody deletes a log of the organization's trail."
    )
    # With it, the longest name has 15 + 12 + 1 + 14 + 1 + 16 characters; S3 takes 63
    bucket_suffix: Annotated[str, StringConstraints(pattern=r"^$|^[a-z0-9]([a-z0-9-]{0,14}[a-z0-9])?$")] = Field(
        default="", description="End of the names of its buckets, where somebody else has taken a name without it."
    )


RolePattern = Annotated[
    str,
    StringConstraints(max_length=256, pattern=r"^arn:(aws[a-z-]*|\*):iam::([0-9]{12}|\*):role/[A-Za-z0-9_+=,.@*?-]+$"),
]


class ApiRoles(CatalogModel):
    """Who is what at the API: patterns of role ARNs without path (``*``, ``?``), as sessions show them."""

    requester: Annotated[tuple[RolePattern, ...], AfterValidator(each_once)] = Field(
        default=(), description="Roles that ask for accounts, and see their own requests alone."
    )
    approver: Annotated[tuple[RolePattern, ...], AfterValidator(each_once)] = Field(
        default=(), description="Roles that see all requests and decide about those of others."
    )
    auditor: Annotated[tuple[RolePattern, ...], AfterValidator(each_once)] = Field(
        default=(), description="Roles that read everything and change nothing."
    )
    operator: Annotated[tuple[RolePattern, ...], AfterValidator(each_once), Field(min_length=1)] = Field(
        description="Roles that may make every call."
    )

    def patterns(self) -> Mapping[ApiRole, tuple[str, ...]]:
        """Return the patterns of each role."""
        return {role: getattr(self, role) for role in API_ROLES}


def _aws_takes(most: int, what: str) -> AfterValidator:
    def check(value: int) -> int:
        if value > most:
            raise fault(f"AWS takes {most} {what} at most, not {value}", f"write {most} or less: it is a hard limit")
        return value

    return AfterValidator(check)


class Limits(CatalogModel):
    """Quotas of AWS that catalog and vends must keep (aws-semantics 1.2, 1.3, 1.5, 2)."""

    scps_per_target: Annotated[int, Field(ge=2), _aws_takes(SCPS_PER_TARGET, "SCPs on an OU or account")] = Field(
        description="SCPs that AWS attaches to one OU or account at most; FullAWSAccess is one of them.",
        json_schema_extra={"maximum": SCPS_PER_TARGET},
    )
    scps_kept_free: Annotated[int, Field(ge=1, le=10)] = Field(
        description="Slots that stay free, so that a changed SCP is attached before the old one is detached."
    )
    scp_characters: Annotated[int, Field(ge=1), _aws_takes(SCP_CHARACTERS, "characters in an SCP")] = Field(
        description="Characters that AWS takes in one SCP at most.", json_schema_extra={"maximum": SCP_CHARACTERS}
    )
    rcps_per_target: Annotated[int, Field(ge=2), _aws_takes(RCPS_PER_TARGET, "RCPs on an OU or account")] = Field(
        default=RCPS_PER_TARGET,
        description="RCPs that AWS attaches to one OU or account at most; RCPFullAWSAccess is one of them.",
        json_schema_extra={"maximum": RCPS_PER_TARGET},
    )
    rcps_kept_free: Annotated[int, Field(ge=1, le=5)] = Field(
        default=1, description="Slots that stay free, so that a changed RCP is attached before the old one is detached."
    )
    rcp_characters: Annotated[int, Field(ge=1), _aws_takes(RCP_CHARACTERS, "characters in an RCP")] = Field(
        default=RCP_CHARACTERS,
        description="Characters that AWS takes in one RCP at most.",
        json_schema_extra={"maximum": RCP_CHARACTERS},
    )
    creations_at_once: Annotated[int, Field(ge=1, le=100)] = Field(
        description="Accounts that AWS creates at once at most."
    )
    assignments_at_once: Annotated[int, Field(ge=1, le=15)] = Field(
        description="Accounts in which Identity Center assigns access at once; AWS takes 15 outstanding operations."
    )
    create_account: CallRate = Field(description="Rate of CreateAccount.")
    move_account: CallRate = Field(description="Rate of MoveAccount.")
    policy_writes: CallRate = Field(description="Rate of AttachPolicy and DetachPolicy.")


class OrganizationSettings(CatalogModel):
    """What is the same for all accounts of the organization."""

    allowed_regions: Annotated[tuple[Region, ...], AfterValidator(each_once), Field(min_length=1)] = Field(
        description="Regions in which accounts may have workloads."
    )
    home_region: Region = Field(description="Region that holds the vending machine; one of the allowed ones.")
    email: EmailSettings = Field(description="Root e-mail addresses of accounts.")
    cost_center_pattern: str = Field(description="Regular expression that a request's `cost_center` matches.")
    ous: Annotated[Mapping[OuName, OrganizationalUnit], Field(min_length=1)] = Field(
        description="The organizational units by name."
    )
    foundation: FoundationSettings | None = Field(
        default=None, description="Who answers for the foundational accounts; without it the foundation makes none."
    )
    log_archive: LogArchiveSettings = Field(default=LogArchiveSettings(), description="How the log archive keeps logs.")
    remediation: RemediationSettings = Field(default=RemediationSettings(), description="How drift is dealt with.")
    contacts: Contacts = Field(description="Alternate contacts of accounts whose request names none.")
    ticket_systems: Mapping[TicketSystem, BaseUrl] = Field(
        default_factory=dict, description="Ticket systems that a request's `ticket` may name, with their address."
    )
    api_roles: ApiRoles | None = Field(
        default=None, description="Who may do what at the API; without it, everybody whom IAM admits is an operator."
    )
    limits: Limits = Field(description="Quotas of AWS that the catalog and every vend keep.")

    @field_validator("cost_center_pattern")
    @classmethod
    def _is_a_pattern(cls, pattern: str) -> str:
        try:
            re.compile(pattern)
        except re.error as error:
            raise fault(f"is not a regular expression: {error}", "write it like ^CC-[0-9]{4,8}$") from error
        return pattern

    @field_validator("foundation")
    @classmethod
    def _cost_center_as_of_all(
        cls, foundation: FoundationSettings | None, info: ValidationInfo
    ) -> FoundationSettings | None:
        pattern = info.data.get("cost_center_pattern")
        if foundation and pattern and not re.search(pattern, foundation.cost_center):
            reason = f"cost_center {foundation.cost_center!r} is not as cost_center_pattern asks for"
            raise fault(reason, f"give one that matches {pattern}")
        return foundation


def global_region(region: str) -> str:
    """Return the Region in which ``region``'s partition answers for Organizations and records global events."""
    if region.startswith("cn-"):
        return "cn-northwest-1"
    return "us-gov-west-1" if region.startswith("us-gov-") else "us-east-1"
