"""The foundation that the emulator has been prepared with, for tests of controls that rest on it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import requests

from avm.controls.control import Target
from avm.domain.foundation import TRAIL_NAME
from avm_emulator.context import Emulator
from tests.emulator.lab import until
from tests.unit.controls.conftest import Place


def target_of(place: Place, region: str | None = None, **parameters: Any) -> Target:
    """Return the account of ``place`` as a control gets it, with the true foundation and its own e-mail address."""
    emulator = place.emulator
    place.security_account_id = str(emulator.security_account_id)
    organizations = emulator.clients.client("organizations")
    described = until(lambda: _active(organizations, place.account_id))
    target = place.target(
        region,
        security_account_id=emulator.security_account_id,
        log_archive_account_id=account_named(emulator, "log-archive"),
        trail_arn=f"arn:aws:cloudtrail:{emulator.region}:{emulator.management_account_id}:trail/{TRAIL_NAME}",
    )
    return replace(target, account=replace(target.account, email=described["Email"]), parameters=parameters)


def _active(organizations: Any, account_id: str) -> dict[str, Any] | None:
    """Return an account once a service can be enabled in it."""
    account: dict[str, Any] = organizations.describe_account(AccountId=account_id)["Account"]
    return account if account["State"] == "ACTIVE" else None


def account_named(emulator: Emulator, name: str) -> str:
    pages = emulator.clients.client("organizations").get_paginator("list_accounts").paginate()
    return next(str(each["Id"]) for page in pages for each in page["Accounts"] if each["Name"] == name)


def leave_out(emulator: Emulator, service: str, operation: str) -> None:
    """Let the next call of an operation leave out every account."""
    fail(emulator, (service, operation, "unprocessed"))


def fail(emulator: Emulator, *outcomes: tuple[str, str, str]) -> None:
    """Let what the next call of each operation begins end with a code: (service, operation, code)."""
    names = ("service", "operation", "code")
    rules = [{"fault": "outcome", "nth": 1, **dict(zip(names, outcome, strict=True))} for outcome in outcomes]
    requests.put(f"{emulator.endpoint_url}/_emulator/faults", json=rules, timeout=30).raise_for_status()
