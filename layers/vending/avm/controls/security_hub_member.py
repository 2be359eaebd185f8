"""security-hub-member: Security Hub CSPM checks the account, for the delegated administrator. Plane: security.

How accounts come to Security Hub is the organization's choice, looked at and never assumed (aws-semantics 4.1):
with local configuration the account gets its hub and standards from here; where configuration policies or policies of
Organizations decide, a vend looks and waits, and AWS does the rest. The administrator is no member: it administers.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Annotated, Any

from pydantic import AfterValidator, Field, StringConstraints

from avm.aws.config import RECORDERS, Config
from avm.aws.security_hub import Hub, HubAdministrator, HubConfiguration, Standard
from avm.controls.administration import is_administrator
from avm.controls.control import Check, Control, DriftEvent, Grant, Reach, Target
from avm.domain.catalog_model import CatalogModel, each_once
from avm.domain.finding import Change, Finding, PlannedChange, Verdict

ENABLED = "Enabled"
ON_ITS_WAY = frozenset({"Created", "Invited"})
"""Between CreateMembers and Enabled."""
READY = "READY"
NO_RECORDER = "NO_AVAILABLE_CONFIGURATION_RECORDER"

_HUB = "arn:{partition}:securityhub:{region}:{account}:hub/default"
_LINKED_ROLE = "arn:{partition}:iam::{account}:role/aws-service-role/securityhub.amazonaws.com/*"
_Standard = Annotated[str, StringConstraints(pattern=r"^[a-z0-9-]+(/[a-z0-9.-]+)+$")]


class SecurityHubParameters(CatalogModel):
    """What an account type may say about it."""

    standards: Annotated[tuple[_Standard, ...], AfterValidator(each_once)] = Field(
        default=("aws-foundational-security-best-practices/v/1.0.0",),
        description="Standards that must be ready, by what follows `standards/` in their ARNs.",
    )


class SecurityHubMember(Control):
    """The account as a member of Security Hub's administrator, with its standards, in one Region."""

    name = "security-hub-member"
    promise = (
        "Security Hub checks the account in the Region by the wanted standards, as a member of the security account."
    )
    plane = "security"
    scope = "region"
    duty = "enroll_security"
    needs = ("config-recorder",)  # without one no standard becomes ready
    foundation = ("security-account",)
    observe_grants = (
        Grant(("securityhub:DescribeOrganizationConfiguration", "securityhub:GetMembers"), (_HUB,)),
        Grant(("securityhub:GetEnabledStandards",), (_HUB,), plane="member"),
        Grant(
            ("config:DescribeConfigurationRecorderStatus", "config:DescribeConfigurationRecorders"),
            (RECORDERS,),
            plane="member",
        ),
    )
    enforce_grants = (
        Grant(("securityhub:CreateMembers",), (_HUB,)),
        Grant(
            ("securityhub:BatchEnableStandards", "securityhub:DescribeStandards", "securityhub:EnableSecurityHub"),
            (_HUB,),
            plane="member",
        ),
        Grant(("iam:CreateServiceLinkedRole",), (_LINKED_ROLE,), plane="member"),
    )
    drift_events = tuple(
        DriftEvent("securityhub.amazonaws.com", name)
        for name in (
            "BatchDisableStandards",
            "DeleteMembers",
            "DisableSecurityHub",
            "DisassociateFromAdministratorAccount",
            "DisassociateMembers",
        )
    )
    parameters = SecurityHubParameters

    def observe(self, target: Target, reach: Reach) -> Finding:
        """Look how the account stands to the administrator, and at its standards."""
        status, reason = _relationship(target, reach)
        standards = _hub(target, reach).standards()
        shown: dict[str, Any] = {
            "GetMembers": {"MemberStatus": status, **({"ProcessingResult": reason} if reason else {})},
            "GetEnabledStandards": {name: _shown(standard) for name, standard in (standards or {}).items()},
        }
        configuration = _configuration(target, reach)
        if configuration.is_steered or is_administrator(target):
            shown["DescribeOrganizationConfiguration"] = configuration.shown()
        standing = [_standing((standards or {}).get(name), target, reach) for name in _wanted(target)]
        verdict = _worst(_membership(status), *standing)
        if verdict == "violated" and configuration.is_steered and _is_awaited(status, standards):
            verdict = "pending"
        return self.finding(target, verdict, **shown)

    def enforce(self, target: Target, reach: Reach) -> list[Change]:
        """Give the account its hub, its standards and its administrator, as far as it lacks them.

        First the hub, without standards: CreateMembers would switch on AWS's default ones, wanted or not.
        """
        if _configuration(target, reach).is_steered:
            return []
        hub = _hub(target, reach)
        changes: list[Change] = []
        standards = hub.standards()
        if standards is None:
            hub.switch_on()
            changes.append(self.change("EnableSecurityHub", target.account.id))
        lacking = [name for name in _wanted(target) if _is_to_be_enabled((standards or {}).get(name))]
        if lacking:
            hub.enable_standards(lacking)
            changes.append(self.change("BatchEnableStandards", ", ".join(lacking)))
        status, _ = _relationship(target, reach)
        if status != ENABLED and status not in ON_ITS_WAY:
            _administrator(target, reach).create_member(target.account.id, target.account.email)
            changes.append(self.change("CreateMembers", target.account.id))
        return changes

    def planned(self, target: Target, reach: Reach) -> list[PlannedChange]:
        """As ``enforce``: all of it is lacking, unless AWS gives it to the account."""
        if _configuration(target, reach).is_steered:
            return []
        calls = {"EnableSecurityHub": "", "BatchEnableStandards": ", ".join(_wanted(target)), "CreateMembers": ""}
        return [PlannedChange(f"securityhub:{call}", what or target.account.name) for call, what in calls.items()]

    def checks(self, target: Target, reach: Reach) -> list[Check]:
        """Ask the security account as the administrator: FoundationBehind where it is none."""
        return [partial(_configuration, target, reach)]


def _administrator(target: Target, reach: Reach) -> HubAdministrator:
    region = str(target.region)
    return HubAdministrator(reach.security(region), region)


def _hub(target: Target, reach: Reach) -> Hub:
    return Hub(reach.member(target.region))


def _relationship(target: Target, reach: Reach) -> tuple[str | None, str]:
    """Return how the account stands to the administrator; that one is no member of itself, and all its own."""
    if is_administrator(target):
        _configuration(target, reach)  # raises unless it administers
        return ENABLED, "the administrator"
    return _administrator(target, reach).relationship(target.account.id)


def _configuration(target: Target, reach: Reach) -> HubConfiguration:
    key = ("securityhub", "DescribeOrganizationConfiguration", str(target.region))
    return reach.once(key, _administrator(target, reach).configuration)


def _wanted(target: Target) -> tuple[str, ...]:
    # the catalog's documents hold lists
    return SecurityHubParameters.model_validate(dict(target.parameters), strict=False).standards


def _membership(status: str | None) -> Verdict:
    if status == ENABLED:
        return "compliant"
    return "pending" if status in ON_ITS_WAY else "violated"


def _is_awaited(status: str | None, standards: Mapping[str, Standard] | None) -> bool:
    """Say whether AWS has yet to bring the account in, where policies decide.

    It takes its time after an account has joined or was moved. Who was a member and is none any more, and whose
    standards are there without a wanted one, has what the policies say.
    """
    if status is None or status in ON_ITS_WAY or not standards:
        return True
    return status == ENABLED and any(standard.status == "PENDING" for standard in standards.values())


def _standing(standard: Standard | None, target: Target, reach: Reach) -> Verdict:
    """Return how a wanted standard stands.

    That nothing records is the violation of config-recorder alone: Security Hub has what it was promised. Where
    something records, Security Hub has not seen it yet.
    """
    if standard is None:
        return "violated"
    if standard.reason == NO_RECORDER:
        return "pending" if _records(target, reach) else "compliant"
    verdicts: dict[str, Verdict] = {READY: "compliant", "PENDING": "pending"}
    return verdicts.get(standard.status, "violated")


def _records(target: Target, reach: Reach) -> bool:
    config = Config(reach.member(target.region).client("config"))
    recorder = config.recorder()
    return recorder is not None and config.status(recorder.name).recording


def _is_to_be_enabled(standard: Standard | None) -> bool:
    """Say whether a standard is off, or came to nothing; what only lacks a recorder becomes ready with it."""
    if standard is None:
        return True
    return standard.status not in (READY, "PENDING") and standard.reason != NO_RECORDER


def _worst(*verdicts: Verdict) -> Verdict:
    """Return ``violated`` where anything is, else ``pending`` where anything is, else ``compliant``."""
    return next((verdict for verdict in ("violated", "pending") if verdict in verdicts), "compliant")


def _shown(standard: Standard) -> dict[str, str]:
    return {"StandardsStatus": standard.status, **({"StatusReasonCode": standard.reason} if standard.reason else {})}
