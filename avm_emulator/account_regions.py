"""Regions of accounts in the Account Management API, which moto does not have; and what is refused where one is off."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from moto.ec2.models import EC2Backend

from avm_emulator import service_errors
from avm_emulator.alternate_contacts import check_reach
from avm_emulator.errors import AwsError
from avm_emulator.operations import Operations
from avm_emulator.organizations.state import organization_of
from avm_emulator.pages import InvalidPageError, cut

if TYPE_CHECKING:
    from avm_emulator.boundary import Call
    from avm_emulator.context import Emulator

AT_ONCE_IN_ACCOUNT = 6
AT_ONCE_IN_ORGANIZATION = 50
"""Regions that are being enabled or disabled (Account Management guide, quotas; aws-semantics 3)."""
_PAGE = 50
_OPT_IN = tuple(sorted(region.name for region in EC2Backend.regions if not region.name.startswith(("cn-", "us-gov-"))))
"""Regions of the commercial partition."""


class AccountRegions:
    """What the operations know."""

    def __init__(self, emulator: Emulator) -> None:
        """Begin with what every account has by default."""
        self.emulator = emulator
        self.lock = threading.RLock()

    def settle(self, call: Call) -> None:
        """Do nothing: time alone brings an opt-in to its end."""

    def status(self, account_id: str, region: str, now: float) -> str:
        """Return a Region's status; raise AwsError where there is none of the name."""
        if region not in _OPT_IN:
            raise AwsError("ValidationException", f"{region} is not a Region", reason="invalidRegionOptTarget")
        if region in self.emulator.account_regions:
            return "ENABLED_BY_DEFAULT"
        return self.emulator.opt_ins.status(account_id, region, now)

    def refuse(self, call: Call) -> None:
        """Raise AwsError for a call in a Region that is off in the caller's account (an interceptor)."""
        region, emulator = call.region, self.emulator
        if call.is_internal or region in emulator.account_regions or region not in _OPT_IN:
            return
        if not emulator.opt_ins.is_enabled(call.account, region, call.time):
            if call.service == "sts":
                raise service_errors.region_disabled(call.account)
            raise service_errors.unknown_token(call.model)


def list_regions(
    regions: AccountRegions,
    call: Call,
    *,
    account_id: str | None = None,
    max_results: int | None = None,
    next_token: str | None = None,
    region_opt_status_contains: Sequence[str] = (),
) -> dict[str, Any]:
    """Return every Region with its status."""
    whose = _whose(call, account_id)
    listed = [{"RegionName": region, "RegionOptStatus": regions.status(whose, region, call.time)} for region in _OPT_IN]
    wanted = [
        each
        for each in listed
        if not region_opt_status_contains or each["RegionOptStatus"] in region_opt_status_contains
    ]
    try:
        page, token = cut(wanted, next_token, max_results, size=_PAGE)
    except InvalidPageError as error:
        raise AwsError("ValidationException", str(error), reason="fieldValidationFailed") from error
    return {"Regions": page, **({"NextToken": token} if token else {})}


def get_region_opt_status(
    regions: AccountRegions, call: Call, *, region_name: str, account_id: str | None = None
) -> dict[str, Any]:
    """Return a Region with its status."""
    status = regions.status(_whose(call, account_id), region_name, call.time)
    return {"RegionName": region_name, "RegionOptStatus": status}


def enable_region(regions: AccountRegions, call: Call, *, region_name: str, account_id: str | None = None) -> None:
    """Begin to enable a Region."""
    _change(regions, call, _whose(call, account_id), region_name, enabled=True)


def disable_region(regions: AccountRegions, call: Call, *, region_name: str, account_id: str | None = None) -> None:
    """Begin to disable a Region."""
    _change(regions, call, _whose(call, account_id), region_name, enabled=False)


def _change(regions: AccountRegions, call: Call, account_id: str, region: str, *, enabled: bool) -> None:
    """Begin to bring a Region to where it shall be; nothing is to be done where it is, or is on the way there."""
    emulator, now = regions.emulator, call.time
    status = regions.status(account_id, region, now)
    if status == "ENABLED_BY_DEFAULT":
        message = f"{region} is enabled by default: it cannot be enabled or disabled"
        raise AwsError("ValidationException", message, reason="invalidRegionOptTarget")
    if status in (("ENABLED", "ENABLING") if enabled else ("DISABLED", "DISABLING")):
        return
    if status in ("ENABLING", "DISABLING"):
        raise AwsError("ConflictException", f"{region} is {status}")
    organization = organization_of(account_id)
    members = [each.id for each in organization.members()] if organization else [account_id]
    if (
        emulator.opt_ins.in_progress([account_id], now) >= AT_ONCE_IN_ACCOUNT
        or emulator.opt_ins.in_progress(members, now) >= AT_ONCE_IN_ORGANIZATION
    ):
        raise AwsError("TooManyRequestsException", "Too many Regions are being enabled or disabled. Try again later.")
    seconds = emulator.latencies.of("account:EnableRegion", account_id, region)
    emulator.opt_ins.change(account_id, region, enabled=enabled, done_at=now + seconds)


def _whose(call: Call, account_id: str | None) -> str:
    """Return the account that a call is about; raise AwsError where the caller has no say there."""
    if account_id is None:
        return call.account
    check_reach(call, account_id)
    return account_id


def install(emulator: Emulator) -> None:
    """Serve the Regions from here, and refuse what is asked for where one is off; call it after ``organizations``."""
    regions = AccountRegions(emulator)
    functions = (list_regions, get_region_opt_status, enable_region, disable_region)
    emulator.boundary.interceptors.append(regions.refuse)
    emulator.boundary.interceptors.append(Operations("account", regions, functions).answer)
