"""An organization whose account ``security`` administers Security Hub, for its tests."""

from __future__ import annotations

import pytest

from avm_emulator.context import Emulator
from avm_emulator.engine import Options
from tests.emulator.members import found

Accounts = dict[str, str]
"""Ids by name: ``security`` and ``payments``."""


@pytest.fixture(scope="module")
def options() -> Options:
    parts = ("managed_policies", "organizations", "security_hub")
    return Options(speed="max", prepare=False, deploy=False, parts=[f"avm_emulator.{part}" for part in parts])


@pytest.fixture(scope="module")
def accounts(emulator: Emulator) -> Accounts:
    ids = found(emulator, "security", "payments")
    emulator.clients.client("securityhub").enable_organization_admin_account(AdminAccountId=ids["security"])
    return ids
