"""What central configuration does to accounts: members with a hub and the standards of a policy, or without a hub."""

from __future__ import annotations

from typing import TYPE_CHECKING

from avm_emulator.organizations.state import Account, Organization
from avm_emulator.security_hub.central import Centre, ConfigurationPolicy, due
from avm_emulator.security_hub.known_standards import STANDARDS

if TYPE_CHECKING:
    from avm_emulator.security_hub.state import SecurityHub


def bring_in(security_hub: SecurityHub, centre: Centre, region: str) -> None:
    """Configure the accounts that AWS has had time for, in a Region that the centre is meant for."""
    now, latencies = security_hub.emulator.clock.now(), security_hub.emulator.latencies
    if now < centre.ready_at:
        return
    _extend(security_hub, centre, region)
    with Organization.lock:
        found = [(account, centre.effective(account)) for account in centre.accounts()]
    for account, effective in found:
        policy = None if effective is None else centre.policies.get(effective.policy_id)
        if effective is None or policy is None or centre.applied.get((account.id, region)) == effective:
            continue
        if (when := due(account, effective, latencies)) > now:
            continue
        centre.applied[account.id, region] = effective
        if policy.enables:
            _enrol(security_hub, centre, account, region, when)
            _set_standards(security_hub, account.id, region, policy, when)
        elif account.id != centre.aggregator.account_id and security_hub.is_enabled(account.id, region):
            security_hub.switch_off(account.id, region)


def _extend(security_hub: SecurityHub, centre: Centre, region: str) -> None:
    """Let the administrator administer a linked Region, too (user guide, "Enabling central configuration")."""
    administrator = centre.aggregator.account_id
    if security_hub.administrators.of(administrator, region) is None:
        security_hub.administrators.appoint(centre.organization, administrator, region)
    if not security_hub.is_enabled(administrator, region):
        security_hub.enable(administrator, region, centre.ready_at, with_standards=False)


def _enrol(security_hub: SecurityHub, centre: Centre, account: Account, region: str, when: float) -> None:
    """Make an account a member with a hub; the administrator is no member of itself.

    A management account without a hub is left out, as CreateMembers leaves it out (assumed).
    """
    administrator = centre.aggregator.account_id
    is_management = account.id == centre.organization.account_id
    if account.id != administrator and (not is_management or security_hub.is_enabled(account.id, region)):
        security_hub.enable_member(administrator, region, account, when, with_standards=False)


def _set_standards(
    security_hub: SecurityHub, account_id: str, region: str, policy: ConfigurationPolicy, when: float
) -> None:
    """Let an account with a hub have the standards of its policy and no others."""
    if not security_hub.is_enabled(account_id, region):
        return
    wanted = [standard.arn(region) for standard in STANDARDS if standard.path in policy.standards]
    subscriptions = security_hub.hub(account_id, region).subscriptions
    for arn in set(subscriptions) - set(wanted):
        del subscriptions[arn]
    for arn in wanted:
        security_hub.subscribe(account_id, region, arn, when)
