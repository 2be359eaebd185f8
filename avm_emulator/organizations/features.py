"""All features for an organization that was founded with consolidated billing only.

Accounts that were invited would be asked one by one; here all are created, so that nobody is asked and the management
account may confirm at once. What it confirms is the handshake of the action ``ENABLE_ALL_FEATURES`` (botocore,
EnableAllFeatures; the documentation of AcceptHandshake has the two actions the other way round).
"""

from __future__ import annotations

import secrets
import string
from collections.abc import Mapping
from typing import Any

from moto.iam.models import iam_backends

from avm_emulator import service_linked_roles
from avm_emulator.errors import AwsError
from avm_emulator.organizations.pages import page
from avm_emulator.organizations.state import Organization

_ACTION = "ENABLE_ALL_FEATURES"
_DAYS = 90
"""Organizations user guide, "Enabling all features": the process ends by itself after 90 days."""
_SERVICE = "organizations.amazonaws.com"


def enable_all_features(organization: Organization) -> dict[str, Any]:
    """Begin; the organization has all features when the management account has accepted the handshake."""
    if organization.entity.feature_set == "ALL":
        raise _violation(
            "ORGANIZATION_ALREADY_HAS_ALL_FEATURES",
            "The handshake request is invalid because the organization has already enabled all features.",
        )
    _expire(organization)
    if any(handshake["State"] == "OPEN" for handshake in organization.handshakes):
        raise _violation(
            "ORGANIZATION_IS_ALREADY_PENDING_ALL_FEATURES_MIGRATION",
            "The handshake request is invalid because the organization has already started the process to enable all "
            "features.",
        )
    entity, now = organization.entity, organization.emulator.clock.now()
    handshake_id = "h-" + "".join(secrets.choice(string.ascii_lowercase + string.digits) for _ in range(10))
    owner = f"arn:aws:organizations::{organization.account_id}"
    handshake = {
        "Id": handshake_id,
        "Arn": f"{owner}:handshake/{entity.id}/{_ACTION.lower()}/{handshake_id}",
        "Parties": [{"Id": entity.id.removeprefix("o-"), "Type": "ORGANIZATION"}],
        "State": "OPEN",
        "RequestedTimestamp": now,
        "ExpirationTimestamp": now + _DAYS * 86400,
        "Action": _ACTION,
        "Resources": [{"Type": "ORGANIZATION", "Value": entity.id}],
    }
    organization.handshakes.append(handshake)
    return {"Handshake": handshake}


def accept_handshake(organization: Organization, *, handshake_id: str) -> dict[str, Any]:
    """Confirm: all features are on, and cannot be switched off again; no policy type is enabled by that."""
    handshake = _find(organization, handshake_id)
    if handshake["State"] == "ACCEPTED":
        raise AwsError("HandshakeAlreadyInStateException", "The specified handshake is already in the requested state.")
    if handshake["State"] != "OPEN":
        sentence = "You can't perform the operation on the handshake in its current state."
        raise AwsError("InvalidHandshakeTransitionException", sentence)
    handshake["State"] = "ACCEPTED"
    organization.entity.feature_set = "ALL"
    for account in organization.members():
        iam = iam_backends[account.id][organization.partition]
        if all(role.name != service_linked_roles.ROLES[_SERVICE].name for role in iam.roles.values()):
            service_linked_roles.create(iam, _SERVICE)
    return {"Handshake": handshake}


def cancel_handshake(organization: Organization, *, handshake_id: str) -> dict[str, Any]:
    """Leave the features as they are."""
    handshake = _find(organization, handshake_id)
    if handshake["State"] != "OPEN":
        sentence = "You can't perform the operation on the handshake in its current state."
        raise AwsError("InvalidHandshakeTransitionException", sentence)
    handshake["State"] = "CANCELED"
    return {"Handshake": handshake}


def describe_handshake(organization: Organization, *, handshake_id: str) -> dict[str, Any]:
    """Return a handshake; raise HandshakeNotFoundException."""
    return {"Handshake": _find(organization, handshake_id)}


def list_handshakes_for_organization(
    organization: Organization,
    *,
    filter: Mapping[str, str] | None = None,  # noqa: A002  the name of the parameter in AWS
    next_token: str | None = None,
    max_results: int | None = None,
) -> dict[str, Any]:
    """Return the handshakes that the organization has sent."""
    _expire(organization)
    wanted = (filter or {}).get("ActionType", _ACTION)
    found, token = page(
        organization.handshakes, next_token, max_results, keep=lambda handshake: handshake["Action"] == wanted
    )
    return {"Handshakes": found, "NextToken": token}


def _find(organization: Organization, handshake_id: str) -> dict[str, Any]:
    _expire(organization)
    found = next((each for each in organization.handshakes if each["Id"] == handshake_id), None)
    if found is None:
        raise AwsError(
            "HandshakeNotFoundException", "We can't find a handshake with the HandshakeId that you specified."
        )
    return found


def _expire(organization: Organization) -> None:
    for handshake in organization.handshakes:
        if handshake["State"] == "OPEN" and handshake["ExpirationTimestamp"] <= organization.emulator.clock.now():
            handshake["State"] = "EXPIRED"


def _violation(reason: str, sentence: str) -> AwsError:
    return AwsError("HandshakeConstraintViolationException", sentence, Reason=reason)
