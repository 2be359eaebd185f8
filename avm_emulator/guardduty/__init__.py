"""GuardDuty in an organization as its documentation describes it, on moto's detectors.

moto knows detectors of single accounts. Here an account administers the others in each Region: its members get their
detectors from it some seconds after CreateMembers, and cannot get rid of them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from avm_emulator.guardduty import administration, detectors, members
from avm_emulator.guardduty.state import GuardDuty
from avm_emulator.operations import Operations

if TYPE_CHECKING:
    from avm_emulator.context import Emulator

__all__ = ["FUNCTIONS", "install"]

FUNCTIONS = (
    administration.describe_organization_configuration,
    administration.disable_organization_admin_account,
    administration.enable_organization_admin_account,
    administration.list_organization_admin_accounts,
    administration.update_organization_configuration,
    detectors.create_detector,
    detectors.delete_detector,
    detectors.get_detector,
    detectors.list_detectors,
    detectors.update_detector,
    members.create_members,
    members.delete_members,
    members.disassociate_from_administrator_account,
    members.disassociate_members,
    members.get_administrator_account,
    members.get_member_detectors,
    members.get_members,
    members.list_members,
    members.start_monitoring_members,
    members.stop_monitoring_members,
    members.update_member_detectors,
)
"""What answers here; filters of findings stay moto's, on the same detectors."""


def install(emulator: Emulator) -> None:
    """Serve GuardDuty from here; call it after ``organizations``."""
    GuardDuty.current = guardduty = GuardDuty(emulator)
    emulator.boundary.interceptors.append(Operations("guardduty", guardduty, FUNCTIONS).answer)
