"""What is there in an emulator that shall be bare."""

from __future__ import annotations

import pytest

from avm_emulator.context import Emulator
from avm_emulator.engine import Options


@pytest.fixture(scope="module")
def options() -> Options:
    parts = ("avm_emulator.managed_policies", "avm_emulator.organizations", "avm_emulator.identity_center")
    return Options(speed="max", bare=True, prepare=True, deploy=False, parts=parts)


def test_a_bare_emulator_has_an_operator_and_no_organization(emulator: Emulator) -> None:
    assert emulator.clients.client("iam").get_role(RoleName="avm-operator")
    organizations = emulator.clients.client("organizations")
    with pytest.raises(organizations.exceptions.AWSOrganizationsNotInUseException):
        organizations.describe_organization()
    assert emulator.clients.client("sso-admin").list_instances()["Instances"] == []
