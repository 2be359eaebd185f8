"""Associations of configuration policies, or of self-management, with accounts, OUs and the root."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from avm_emulator.errors import AwsError
from avm_emulator.organizations.state import Account, Organization, Root, Target
from avm_emulator.security_hub.central import SELF_MANAGED, Association, Centre, Effective
from avm_emulator.security_hub.policies import centre_of, moment, policy_of
from avm_emulator.security_hub.state import SecurityHub, invalid_input, page

if TYPE_CHECKING:
    from avm_emulator.boundary import Call

_KEYS = ("AccountId", "OrganizationalUnitId", "RootId")


def start_configuration_policy_association(
    security_hub: SecurityHub, call: Call, *, configuration_policy_identifier: str, target: dict[str, str]
) -> dict[str, Any]:
    """Associate a target with a policy or with ``SELF_MANAGED_SECURITY_HUB``, in the place of what it had."""
    centre = centre_of(security_hub, call)
    policy_id = _configuration(centre, configuration_policy_identifier)
    with Organization.lock:
        node = _node(centre, target)
        known = centre.associations.get(node.id)
        if known is None or known.policy_id != policy_id:
            centre.associations[node.id] = Association(node.id, policy_id, call.time)
        return _shown(security_hub, centre, node)


def start_configuration_policy_disassociation(
    security_hub: SecurityHub,
    call: Call,
    *,
    configuration_policy_identifier: str,
    target: dict[str, str] | None = None,
) -> None:
    """Let a target inherit from the nearest parent; where nothing is to inherit it keeps what it has (botocore)."""
    centre = centre_of(security_hub, call)
    policy_id = _configuration(centre, configuration_policy_identifier)
    with Organization.lock:
        node = _node(centre, target or {})
        known = centre.associations.get(node.id)
        if known is None or known.policy_id != policy_id:
            raise _not_found(node.id)
        del centre.associations[node.id]
        centre.released[node.id] = call.time


def get_configuration_policy_association(
    security_hub: SecurityHub, call: Call, *, target: dict[str, str]
) -> dict[str, Any]:
    """Return what counts for a target, its own or inherited; ResourceNotFoundException where nothing does (assumed)."""
    centre = centre_of(security_hub, call)
    with Organization.lock:
        return _shown(security_hub, centre, _node(centre, target))


def batch_get_configuration_policy_associations(
    security_hub: SecurityHub,
    call: Call,
    *,
    configuration_policy_association_identifiers: Sequence[dict[str, Any]],
) -> dict[str, Any]:
    """Return what counts for each target; those of which there is nothing to say are among the unprocessed."""
    centre = centre_of(security_hub, call)
    found: list[dict[str, Any]] = []
    unprocessed: list[dict[str, Any]] = []
    with Organization.lock:
        for identifier in configuration_policy_association_identifiers:
            try:
                found.append(_shown(security_hub, centre, _node(centre, identifier.get("Target") or {})))
            except AwsError as error:
                reason = {"ErrorCode": error.code, "ErrorReason": error.message}
                unprocessed.append({"ConfigurationPolicyAssociationIdentifiers": identifier, **reason})
    return {"ConfigurationPolicyAssociations": found, "UnprocessedConfigurationPolicyAssociations": unprocessed}


def list_configuration_policy_associations(
    security_hub: SecurityHub,
    call: Call,
    *,
    next_token: str | None = None,
    max_results: int | None = None,
    filters: dict[str, str] | None = None,
) -> dict[str, Any]:
    """Return what counts for the root, each OU and each account, as far as something does."""
    centre = centre_of(security_hub, call)
    wanted = dict(filters or {})
    if "ConfigurationPolicyId" in wanted:
        wanted["ConfigurationPolicyId"] = _configuration(centre, wanted["ConfigurationPolicyId"])
    with Organization.lock:
        nodes = [node for node in centre.nodes() if centre.effective(node) is not None]
        shown = [_shown(security_hub, centre, node) for node in nodes]
    kept = [each for each in shown if all(each[name] == value for name, value in wanted.items())]
    found, token = page(kept, next_token, max_results, 100)
    return {"ConfigurationPolicyAssociationSummaries": found, "NextToken": token}


def _configuration(centre: Centre, identifier: str) -> str:
    """Return a policy's id, or ``SELF_MANAGED``; raise ResourceNotFoundException."""
    return SELF_MANAGED if identifier == SELF_MANAGED else policy_of(centre, identifier).id


def _node(centre: Centre, target: dict[str, str]) -> Target:
    """Return what a target names; raise ResourceNotFoundException, or InvalidInputException where it names nothing."""
    named = [target[key] for key in _KEYS if target.get(key)]
    if len(named) != 1:
        raise invalid_input(f"Exactly one of {', '.join(_KEYS)} is needed as target.")
    node = next((node for node in centre.nodes() if node.id == named[0]), None)
    if node is None or target.get(_kind(node)[1]) is None:
        raise _not_found(named[0])
    return node


def _kind(node: Target) -> tuple[str, str]:
    """Return the type of a target, and the key that names it."""
    if isinstance(node, Account):
        return "ACCOUNT", "AccountId"
    return ("ROOT", "RootId") if isinstance(node, Root) else ("ORGANIZATIONAL_UNIT", "OrganizationalUnitId")


def _shown(security_hub: SecurityHub, centre: Centre, node: Target) -> dict[str, Any]:
    effective: Effective | None = centre.effective(node)
    if effective is None:
        raise _not_found(node.id)
    now, latencies = security_hub.emulator.clock.now(), security_hub.emulator.latencies
    pending = centre.is_pending(node, effective, latencies, now)
    return {
        "ConfigurationPolicyId": effective.policy_id,
        "TargetId": node.id,
        "TargetType": _kind(node)[0],
        "AssociationType": "INHERITED" if effective.inherited else "APPLIED",
        "UpdatedAt": moment(effective.since),
        "AssociationStatus": "PENDING" if pending else "SUCCESS",
    }


def _not_found(target_id: str) -> AwsError:
    return AwsError("ResourceNotFoundException", f"There is no configuration policy association with {target_id}.")
