"""Security Hub CSPM in an organization as its documentation describes it, on moto's hubs.

moto keeps one configuration for all Regions, enables nothing in members and has no standards. Here each Region has its
own administrator, or one configures all of them centrally; members get their hub and its default standards some seconds
after CreateMembers, and a standard is ready when AWS Config records.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from avm_emulator.operations import Operations
from avm_emulator.security_hub import (
    administration,
    aggregators,
    associations,
    findings,
    hubs,
    members,
    policies,
    standards,
)
from avm_emulator.security_hub.state import SecurityHub

if TYPE_CHECKING:
    from avm_emulator.context import Emulator

__all__ = ["FUNCTIONS", "install"]

FUNCTIONS = (
    administration.describe_organization_configuration,
    administration.disable_organization_admin_account,
    administration.enable_organization_admin_account,
    administration.list_organization_admin_accounts,
    administration.update_organization_configuration,
    aggregators.create_finding_aggregator,
    aggregators.delete_finding_aggregator,
    aggregators.get_finding_aggregator,
    aggregators.list_finding_aggregators,
    aggregators.update_finding_aggregator,
    associations.batch_get_configuration_policy_associations,
    associations.get_configuration_policy_association,
    associations.list_configuration_policy_associations,
    associations.start_configuration_policy_association,
    associations.start_configuration_policy_disassociation,
    findings.batch_import_findings,
    findings.batch_update_findings,
    findings.get_findings,
    hubs.describe_hub,
    hubs.disable_security_hub,
    hubs.enable_security_hub,
    members.create_members,
    members.delete_members,
    members.disassociate_from_administrator_account,
    members.disassociate_members,
    members.get_administrator_account,
    members.get_members,
    members.list_members,
    policies.create_configuration_policy,
    policies.delete_configuration_policy,
    policies.get_configuration_policy,
    policies.list_configuration_policies,
    policies.update_configuration_policy,
    standards.batch_disable_standards,
    standards.batch_enable_standards,
    standards.describe_standards,
    standards.get_enabled_standards,
)
"""What answers here."""


def install(emulator: Emulator) -> None:
    """Serve Security Hub from here; call it after ``organizations``."""
    SecurityHub.current = security_hub = SecurityHub(emulator)
    emulator.boundary.interceptors.append(Operations("securityhub", security_hub, FUNCTIONS).answer)
