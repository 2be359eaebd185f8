"""Central root access, on the emulator's organization."""

from typing import Any

import pytest

from avm.domain.errors import NotYetVisible
from avm.foundation.central_root_access import FEATURES
from avm_emulator.preparation.accounts import NewAccount, create_accounts
from tests.unit.foundation.conftest import Ground

NAME = "central-root-access"


@pytest.fixture
def iam(ground: Ground) -> Any:
    return ground.emulator.clients.client("iam")


def test_while_iam_is_not_trusted_the_steps_are_named_and_cannot_be_done_yet(ground: Ground) -> None:
    since = ground.last_call()
    found = ground.look(NAME)
    assert [step.operation for step in found.steps] == [f"iam:{operation}" for operation in FEATURES.values()]
    assert ground.mutating_calls(since) == []
    for step in found.steps:
        with pytest.raises(NotYetVisible):
            step.act()


def test_the_steps_switch_the_features_on_once(ground: Ground, iam: Any) -> None:
    ground.apply("trusted-services")
    assert (len(ground.apply(NAME)), ground.status(NAME)) == (2, "compliant")
    assert set(iam.list_organizations_features()["EnabledFeatures"]) == set(FEATURES)
    since = ground.last_call()
    assert (ground.apply(NAME), ground.mutating_calls(since)) == ([], [])


@pytest.mark.parametrize("feature", FEATURES)
def test_what_is_switched_off_is_found_and_mended(ground: Ground, iam: Any, feature: str) -> None:
    disable = {
        "RootCredentialsManagement": iam.disable_organizations_root_credentials_management,
        "RootSessions": iam.disable_organizations_root_sessions,
    }
    disable[feature]()
    assert ground.status(NAME) == "violated"
    assert ground.apply(NAME) == [f"iam:EnableOrganizations{feature}"]
    assert ground.status(NAME) == "compliant"


def test_whom_others_have_made_administrator_is_named_and_left_alone(ground: Ground) -> None:
    ground.apply("organizational-units", "policy-types")
    ids = create_accounts(ground.emulator, [NewAccount("forensics", "forensics@example.com", "Security")])
    principal = "iam.amazonaws.com"
    ground.organizations.register_delegated_administrator(AccountId=ids["forensics"], ServicePrincipal=principal)
    found = ground.look(NAME)
    assert found.left_alone == (f"account {ids['forensics']} as administrator of {principal}",)
    assert (found.status, found.steps) == ("compliant", ())
