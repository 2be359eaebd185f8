"""Analyzers are made, looked at, changed and deleted."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from moto.iam.models import iam_backends
from moto.utilities.utils import get_partition

from avm_emulator import service_linked_roles
from avm_emulator.access_analyzer.state import ORGANIZATION, PRINCIPAL, AccessAnalyzer, Analyzer, invalid
from avm_emulator.boundary.moto_app import not_implemented
from avm_emulator.errors import AwsError
from avm_emulator.organizations.state import Organization, organization_of
from avm_emulator.pages import InvalidPageError, cut

if TYPE_CHECKING:
    from avm_emulator.boundary import Call

TYPES = {
    "ACCOUNT": None,
    "ORGANIZATION": None,
    "ACCOUNT_UNUSED_ACCESS": "unusedAccess",
    "ORGANIZATION_UNUSED_ACCESS": "unusedAccess",
    "ACCOUNT_INTERNAL_ACCESS": "internalAccess",
    "ORGANIZATION_INTERNAL_ACCESS": "internalAccess",
}
"""The types (botocore: Type), and the part of the configuration that belongs to each."""

MOST_OF_ORGANIZATION = 5
"""In a Region, of one type (botocore, CreateAnalyzer: "up to 5 analyzers per organization per Region")."""
MOST_OF_ACCOUNT = 1
"""In a Region, of one type (botocore: "only one analyzer per account per Region")."""

_DEFAULT_AGE = 90
_AGES = range(1, 366)
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]{0,254}")


def create_analyzer(
    access_analyzer: AccessAnalyzer,
    call: Call,
    *,
    analyzer_name: str,
    type: str,  # noqa: A002  the name of the parameter in AWS
    archive_rules: Sequence[dict[str, Any]] = (),
    tags: Mapping[str, str] | None = None,
    client_token: str | None = None,  # noqa: ARG001  a name is used once anyhow
    configuration: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Start the creation of an analyzer; it is CREATING first."""
    if not _NAME.fullmatch(analyzer_name):
        raise invalid(f"{analyzer_name} is no name of an analyzer.", "fieldValidationFailed")
    if type not in TYPES:
        raise invalid(f"{type} is no type of an analyzer.", "fieldValidationFailed")
    if archive_rules:
        raise not_implemented(call.service, call.operation, "archive rules")
    wanted = _configuration(type, configuration)
    organization = _trusted(call) if type.startswith(ORGANIZATION) else None
    if any(each.name == analyzer_name for each in access_analyzer.held(call)):
        raise AwsError(
            "ConflictException",
            f"Analyzer with name: {analyzer_name} already exists",
            resourceId=analyzer_name,
            resourceType="Analyzer",
        )
    organization_id = None if organization is None else str(organization.entity.id)
    _check_number(access_analyzer, call, type, organization_id)
    analyzer = Analyzer(
        arn=f"arn:{get_partition(call.region)}:access-analyzer:{call.region}:{call.account}:analyzer/{analyzer_name}",
        account_id=call.account,
        region=call.region,
        name=analyzer_name,
        type=type,
        created_at=call.time,
        organization_id=organization_id,
        configuration=wanted,
        tags=dict(tags or {}),
    )
    access_analyzer.analyzers[analyzer.arn] = analyzer
    _make_role(call)
    _activate_later(access_analyzer, analyzer)
    return {"arn": analyzer.arn}


def get_analyzer(access_analyzer: AccessAnalyzer, call: Call, *, analyzer_name: str) -> dict[str, Any]:
    """Return an analyzer with its configuration."""
    return {"analyzer": access_analyzer.find(call, analyzer_name).describe(with_configuration=True)}


def list_analyzers(
    access_analyzer: AccessAnalyzer,
    call: Call,
    *,
    next_token: str | None = None,
    max_results: int | None = None,
    type: str | None = None,  # noqa: A002  the name of the parameter in AWS
) -> dict[str, Any]:
    """Return the caller's analyzers in the Region, of one type if one is given."""
    analyzers = [each for each in access_analyzer.held(call) if type in (None, each.type)]
    try:
        found, token = cut(analyzers, next_token, max_results, size=100)
    except InvalidPageError as error:
        raise invalid(str(error), "fieldValidationFailed") from error
    return {"analyzers": [each.describe(with_configuration=False) for each in found], "nextToken": token}


def update_analyzer(
    access_analyzer: AccessAnalyzer,
    call: Call,
    *,
    analyzer_name: str,
    configuration: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Change the configuration; analyzers of external access have none (botocore)."""
    analyzer = access_analyzer.find(call, analyzer_name)
    if TYPES[analyzer.type] is None:
        raise invalid("This action is not supported for external access analyzers.")
    changed = _configuration(analyzer.type, configuration) or {}
    for part, values in changed.items():
        before = (analyzer.configuration or {}).get(part, {})
        if "unusedAccessAge" in before and before["unusedAccessAge"] != values.get("unusedAccessAge"):
            raise invalid("unusedAccessAge cannot be changed: delete the analyzer and create another.")
    analyzer.configuration = changed
    return {"configuration": changed}


def delete_analyzer(
    access_analyzer: AccessAnalyzer,
    call: Call,
    *,
    analyzer_name: str,
    client_token: str | None = None,  # noqa: ARG001  gone is gone
) -> None:
    """Delete an analyzer."""
    del access_analyzer.analyzers[access_analyzer.find(call, analyzer_name).arn]


def _trusted(call: Call) -> Organization:
    """Return the organization for which the caller may have analyzers (AWS documents none of the sentences)."""
    organization = organization_of(call.account)
    if organization is None:
        raise invalid("The account is not a member of an organization.")
    if call.account != organization.account_id and not organization.is_delegated_administrator(call.account, PRINCIPAL):
        sentence = "The account is neither the management account nor the delegated administrator of the organization."
        raise AwsError("AccessDeniedException", sentence)
    if all(trusted["ServicePrincipal"] != PRINCIPAL for trusted in organization.services):
        raise invalid(f"Trusted access of {PRINCIPAL} is not enabled in the organization.")
    return organization


def _check_number(access_analyzer: AccessAnalyzer, call: Call, kind: str, organization_id: str | None) -> None:
    """Raise ServiceQuotaExceededException where the Region has all the analyzers of a type that it may have."""
    held = [
        each
        for each in access_analyzer.analyzers.values()
        if (each.region, each.type) == (call.region, kind)
        and (each.account_id == call.account if organization_id is None else each.organization_id == organization_id)
    ]
    most = MOST_OF_ACCOUNT if organization_id is None else MOST_OF_ORGANIZATION
    if len(held) >= most:
        raise AwsError(
            "ServiceQuotaExceededException",
            f"You have reached the quota of {most} analyzers of type {kind} in {call.region}.",
            resourceId=held[0].name,
            resourceType="Analyzer",
        )


def _configuration(kind: str, given: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """Return the configuration of an analyzer; raise ValidationException for that of another type."""
    part = TYPES[kind]
    if set(given or {}) - {part}:
        raise invalid(f"An analyzer of type {kind} takes no configuration of {', '.join(given or {})}.")
    if part is None:
        return None
    values = dict((given or {}).get(part, {}))
    if part == "unusedAccess":
        values.setdefault("unusedAccessAge", _DEFAULT_AGE)
        if values["unusedAccessAge"] not in _AGES:
            raise invalid("unusedAccessAge is 1 to 365 days.", "fieldValidationFailed")
    return {part: values}


def _make_role(call: Call) -> None:
    iam = iam_backends[call.account][get_partition(call.region)]
    if all(role.name != service_linked_roles.ROLES[PRINCIPAL].name for role in iam.roles.values()):
        service_linked_roles.create(iam, PRINCIPAL)


def _activate_later(access_analyzer: AccessAnalyzer, analyzer: Analyzer) -> None:
    def complete() -> None:
        with access_analyzer.lock:
            analyzer.is_active = True

    emulator = access_analyzer.emulator
    latency = emulator.latencies.of("accessanalyzer:CreateAnalyzer", analyzer.name, analyzer.region)
    emulator.clock.call_later(latency, complete, name=f"accessanalyzer:CreateAnalyzer {analyzer.arn}")
