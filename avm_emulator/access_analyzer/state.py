"""The analyzers of all accounts and Regions, and what keeps one from working."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from avm_emulator.errors import AwsError
from avm_emulator.organizations.state import organization_of

if TYPE_CHECKING:
    from avm_emulator.boundary import Call
    from avm_emulator.context import Emulator

PRINCIPAL = "access-analyzer.amazonaws.com"
ORGANIZATION = "ORGANIZATION"
"""How the types begin whose zone of trust is an organization."""


@dataclass
class Analyzer:
    """One analyzer."""

    arn: str
    account_id: str
    region: str
    name: str
    type: str
    created_at: float
    """AWS epoch seconds."""
    organization_id: str | None
    """Of the organization that it looks at, if it does."""
    configuration: dict[str, Any] | None
    tags: dict[str, str] = field(default_factory=dict)
    is_active: bool = False
    """False while it is being created."""

    def describe(self, *, with_configuration: bool) -> dict[str, Any]:
        """Return the shape ``AnalyzerSummary``; ListAnalyzers omits the configuration (botocore)."""
        reason = self._hindrance()
        summary: dict[str, Any] = {
            "arn": self.arn,
            "name": self.name,
            "type": self.type,
            "createdAt": self.created_at,
            "tags": self.tags,
            "status": "DISABLED" if reason else "ACTIVE" if self.is_active else "CREATING",
        }
        if reason:
            summary["statusReason"] = {"code": reason}
        if with_configuration and self.configuration is not None:
            summary["configuration"] = self.configuration
        return summary

    def _hindrance(self) -> str | None:
        """Return why an organization's analyzer is disabled (botocore: ReasonCode), None where it works."""
        if self.organization_id is None:
            return None
        organization = organization_of(self.account_id)
        if organization is None or organization.entity.id != self.organization_id:
            return "ORGANIZATION_DELETED"
        if all(trusted["ServicePrincipal"] != PRINCIPAL for trusted in organization.services):
            return "AWS_SERVICE_ACCESS_DISABLED"
        if self.account_id != organization.account_id and not organization.is_delegated_administrator(
            self.account_id, PRINCIPAL
        ):
            return "DELEGATED_ADMINISTRATOR_DEREGISTERED"
        return None


class AccessAnalyzer:
    """Access Analyzer of one emulator."""

    def __init__(self, emulator: Emulator) -> None:
        """Begin without analyzers."""
        self.emulator = emulator
        self.lock = threading.RLock()
        self.analyzers: dict[str, Analyzer] = {}
        """By ARN."""

    def settle(self, call: Call) -> None:
        """Do nothing: what is completed later is completed by the clock."""

    def held(self, call: Call) -> Iterator[Analyzer]:
        """Yield the caller's analyzers in the Region."""
        here = (call.account, call.region)
        return (each for each in list(self.analyzers.values()) if (each.account_id, each.region) == here)

    def find(self, call: Call, name: str) -> Analyzer:
        """Return an analyzer of the caller's; raise ResourceNotFoundException."""
        found = next((analyzer for analyzer in self.held(call) if analyzer.name == name), None)
        if found is None:
            raise not_found(name)
        return found


def not_found(name: str) -> AwsError:
    """Return the error for an analyzer that is not there."""
    return AwsError(
        "ResourceNotFoundException",
        f"Analyzer with name: {name} does not exist",
        resourceId=name,
        resourceType="Analyzer",
    )


def invalid(sentence: str, reason: str = "other") -> AwsError:
    """Return the error for input that Access Analyzer does not take (botocore: ValidationExceptionReason)."""
    return AwsError("ValidationException", sentence, reason=reason)
