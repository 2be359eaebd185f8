"""Conformance packs of an organization: deployed into its accounts in the background, account by account.

moto takes any account for the organization, deploys at once into the caller's own, and needs a template in S3.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from moto.iam.models import iam_backends
from moto.utilities.utils import get_partition

from avm_emulator import service_linked_roles
from avm_emulator.config import pack_templates
from avm_emulator.config.aggregators import page
from avm_emulator.config.organization import (
    DEPLOYMENTS,
    ConformancePack,
    Deployment,
    OrganizationConfig,
    access_denied,
    administered,
    deploy,
    is_administrator,
)
from avm_emulator.errors import AwsError
from avm_emulator.organizations.state import Organization, organization_of

if TYPE_CHECKING:
    from avm_emulator.boundary import Call

MOST = 50
"""In an organization (developer guide, service limits); here of one administrator, in a Region."""
_NAME = re.compile(r"[a-zA-Z][-a-zA-Z0-9]{0,127}")
_BUCKETS = "awsconfigconforms"


def put_organization_conformance_pack(
    config: OrganizationConfig,
    call: Call,
    *,
    organization_conformance_pack_name: str,
    template_s3_uri: str | None = None,
    template_body: str | None = None,
    delivery_s3_bucket: str = "",
    delivery_s3_key_prefix: str = "",
    conformance_pack_input_parameters: Sequence[dict[str, str]] = (),
    excluded_accounts: Sequence[str] = (),
) -> dict[str, Any]:
    """Begin to deploy a pack into the accounts, or to change it there."""
    name = organization_conformance_pack_name
    organization = administered(call.account, DEPLOYMENTS)
    if not _NAME.fullmatch(name):
        raise AwsError("ValidationException", f"{name} is no name of an organization conformance pack.")
    if delivery_s3_bucket and not delivery_s3_bucket.startswith(_BUCKETS):
        raise AwsError("ValidationException", f"The name of the delivery bucket must begin with {_BUCKETS}.")
    given = {each["ParameterName"] for each in conformance_pack_input_parameters}
    pack_templates.check(pack_templates.read(template_s3_uri, template_body), given)
    packs = config.packs(call.account, call.region)
    before = packs.get(name)
    _refuse_in_progress(before)
    if before is None and len(packs) >= MOST:
        sentence = f"You have reached the limit of {MOST} organization conformance packs."
        raise AwsError("MaxNumberOfOrganizationConformancePacksExceededException", sentence)
    settings = {
        "DeliveryS3Bucket": delivery_s3_bucket,
        "DeliveryS3KeyPrefix": delivery_s3_key_prefix,
        "ConformancePackInputParameters": list(conformance_pack_input_parameters),
        "ExcludedAccounts": list(excluded_accounts),
    }
    pack = before or _new(call, name)
    pack.settings, pack.updated_at = settings, call.time
    pack.verb, pack.in_progress = "CREATE" if before is None else "UPDATE", True
    packs[name] = pack
    _make_role(call)
    _complete_later(config, call, organization, pack)
    return {"OrganizationConformancePackArn": pack.arn}


def describe_organization_conformance_packs(
    config: OrganizationConfig,
    call: Call,
    *,
    organization_conformance_pack_names: Sequence[str] = (),
    limit: int | None = None,
    next_token: str | None = None,
) -> dict[str, Any]:
    """Return the packs that the calling account has made in the Region, and no other account's (botocore)."""
    found, token = page(_named(config, call, organization_conformance_pack_names), next_token, limit)
    described = [
        {
            "OrganizationConformancePackName": pack.name,
            "OrganizationConformancePackArn": pack.arn,
            "LastUpdateTime": pack.updated_at,
            **pack.settings,
        }
        for pack in found
    ]
    return {"OrganizationConformancePacks": described, "NextToken": token}


def describe_organization_conformance_pack_statuses(
    config: OrganizationConfig,
    call: Call,
    *,
    organization_conformance_pack_names: Sequence[str] = (),
    limit: int | None = None,
    next_token: str | None = None,
) -> dict[str, Any]:
    """Return how far each pack is."""
    found, token = page(_named(config, call, organization_conformance_pack_names), next_token, limit)
    return {"OrganizationConformancePackStatuses": [_status(pack) for pack in found], "NextToken": token}


def get_organization_conformance_pack_detailed_status(
    config: OrganizationConfig,
    call: Call,
    *,
    organization_conformance_pack_name: str,
    filters: Mapping[str, str] | None = None,
    limit: int | None = None,
    next_token: str | None = None,
) -> dict[str, Any]:
    """Return how far a pack is in each account."""
    (pack,) = _named(config, call, [organization_conformance_pack_name])
    wanted = filters or {}
    statuses = [
        _detail(account_id, pack, deployment)
        for account_id, deployment in sorted(pack.deployments.items())
        if wanted.get("AccountId", account_id) == account_id
        and wanted.get("Status", deployment.status) == deployment.status
    ]
    found, token = page(statuses, next_token, limit)
    return {"OrganizationConformancePackDetailedStatuses": found, "NextToken": token}


def delete_organization_conformance_pack(
    config: OrganizationConfig, call: Call, *, organization_conformance_pack_name: str
) -> None:
    """Begin to delete a pack from all accounts; it is gone when that is done."""
    (pack,) = _named(config, call, [organization_conformance_pack_name])
    _refuse_in_progress(pack)
    pack.verb, pack.in_progress, pack.updated_at = "DELETE", True, call.time
    for account_id in pack.deployments:
        pack.deployments[account_id] = Deployment("DELETE_IN_PROGRESS", call.time)
    packs = config.packs(call.account, call.region)

    def complete() -> None:
        with config.lock:
            packs.pop(pack.name, None)

    latency = config.emulator.latencies.of("config:DeleteOrganizationConformancePack", pack.name, call.region)
    name = f"config:DeleteOrganizationConformancePack {pack.arn}"
    config.emulator.clock.call_later(latency, complete, name=name)


def _new(call: Call, name: str) -> ConformancePack:
    unique = f"{name}-{secrets.token_hex(4)}"
    owner = f"arn:{get_partition(call.region)}:config:{call.region}:{call.account}"
    return ConformancePack(f"{owner}:organization-conformance-pack/{unique}", name, unique, {}, call.time)


def _complete_later(config: OrganizationConfig, call: Call, organization: Organization, pack: ConformancePack) -> None:
    targets = {account.id: account for account in config.targets(organization, pack)}
    verb = pack.verb
    pack.deployments = {account_id: Deployment(f"{verb}_IN_PROGRESS", call.time) for account_id in targets}

    def complete() -> None:
        with config.lock:
            now = config.emulator.clock.now()
            pack.deployments = {each.id: deploy(each, call.region, now, verb) for each in targets.values()}
            pack.in_progress, pack.updated_at = False, now

    latency = config.emulator.latencies.of("config:PutOrganizationConformancePack", pack.name, call.region)
    name = f"config:PutOrganizationConformancePack {pack.arn}"
    config.emulator.clock.call_later(latency, complete, name=name)


def _named(config: OrganizationConfig, call: Call, names: Sequence[str]) -> list[ConformancePack]:
    """Return packs by name, all without names; raise for a caller that may have none, and for unknown names."""
    organization = organization_of(call.account)
    if organization is None or not is_administrator(call.account, organization, DEPLOYMENTS):
        raise access_denied()
    packs = config.packs(call.account, call.region)
    if set(names) - set(packs):
        raise AwsError(
            "NoSuchOrganizationConformancePackException",
            "One or more organization conformance packs with specified names are not present. Ensure your names are "
            "correct and try your request again later.",
        )
    return [packs[name] for name in names or sorted(packs)]


def _refuse_in_progress(pack: ConformancePack | None) -> None:
    if pack is not None and pack.in_progress:
        sentence = f"Organization conformance pack {pack.name} is in progress ({pack.status}). Try again later."
        raise AwsError("ResourceInUseException", sentence)


def _status(pack: ConformancePack) -> dict[str, Any]:
    status = {
        "OrganizationConformancePackName": pack.name,
        "Status": pack.status,
        "LastUpdateTime": pack.updated_at,
    }
    failed = [account_id for account_id, deployment in pack.deployments.items() if deployment.error]
    if failed and not pack.in_progress:
        status["ErrorCode"] = "OrganizationConformancePackDeploymentFailed"
        status["ErrorMessage"] = f"The deployment failed in account(s) {', '.join(sorted(failed))}."
    return status


def _detail(account_id: str, pack: ConformancePack, deployment: Deployment) -> dict[str, Any]:
    detail = {
        "AccountId": account_id,
        "ConformancePackName": f"OrgConformsPack-{pack.unique_name}",
        "Status": deployment.status,
        "LastUpdateTime": deployment.updated_at,
    }
    if deployment.error is not None:
        detail["ErrorCode"], detail["ErrorMessage"] = deployment.error
    return detail


def _make_role(call: Call) -> None:
    iam = iam_backends[call.account][get_partition(call.region)]
    if all(role.name != service_linked_roles.ROLES[DEPLOYMENTS].name for role in iam.roles.values()):
        service_linked_roles.create(iam, DEPLOYMENTS)
