"""GuardDuty and Security Hub in the hands of the security account, on the emulator's organization."""

from collections.abc import Callable
from typing import Any

import pytest

from avm.aws.guardduty import GuardDuty
from avm.aws.security_hub import HubAdministrator, HubConfiguration
from avm.controls.administration import ADMINISTRATION
from avm.foundation.config_aggregator import ConfigAggregator
from avm.foundation.conformance_packs import ConformancePacks
from avm.foundation.guardduty_administration import GuardDutyAdministration
from avm.foundation.organization_analyzers import OrganizationAnalyzers
from avm.foundation.security_hub_administration import SecurityHubAdministration
from tests.unit.foundation.conftest import HOME, REGIONS, Hands

BOTH = ("guardduty-administration", "security-hub-administration")


def test_what_is_to_be_done_is_named_for_every_governed_region_and_nothing_is_changed(hands: Hands) -> None:
    since = hands.ground.last_call()
    for name, service, title in zip(BOTH, ("guardduty", "securityhub"), ("GuardDuty", "Security Hub"), strict=True):
        steps = hands.look(name).steps
        assert [step.subject for step in steps if step.operation == f"{service}:EnableOrganizationAdminAccount"] == [
            f"account {hands.account_id} as administrator of {title} in {region}" for region in REGIONS
        ]
        assert len([step for step in steps if step.operation == f"{service}:UpdateOrganizationConfiguration"]) == 3
    assert hands.ground.mutating_calls(since) == []


@pytest.mark.parametrize("name", BOTH)
def test_the_steps_put_it_into_the_hands_of_the_security_account_once(hands: Hands, name: str) -> None:
    assert len(hands.apply(name)) == 6
    found = hands.look(name)
    assert (found.status, found.steps, set(found.shown)) == ("compliant", (), set(REGIONS))


def nobody_administers_guardduty(hands: Hands) -> None:
    hands.management("guardduty").disable_organization_admin_account(AdminAccountId=hands.account_id)


def nobody_administers_security_hub(hands: Hands) -> None:
    hands.management("securityhub").disable_organization_admin_account(AdminAccountId=hands.account_id)


def guardduty_enrols_nobody(hands: Hands) -> None:
    guardduty = hands.security(HOME).client("guardduty")
    (detector,) = guardduty.list_detectors()["DetectorIds"]
    guardduty.update_organization_configuration(DetectorId=detector, AutoEnableOrganizationMembers="NONE")


def security_hub_enrols_nobody(hands: Hands) -> None:
    hands.security(HOME).client("securityhub").update_organization_configuration(AutoEnable=False)


@pytest.mark.parametrize(
    ("name", "break_it"),
    [
        (BOTH[0], guardduty_enrols_nobody),
        (BOTH[0], nobody_administers_guardduty),
        (BOTH[1], security_hub_enrols_nobody),
        (BOTH[1], nobody_administers_security_hub),
    ],
)
def test_what_is_broken_in_one_region_is_found_and_mended(
    hands: Hands, name: str, break_it: Callable[[Hands], None]
) -> None:
    break_it(hands)
    assert hands.look(name).status == "violated"
    assert all(HOME in made for made in hands.apply(name))
    assert hands.look(name).status == "compliant"


def test_where_policies_decide_they_are_left_alone(hands: Hands, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(GuardDuty, "enrols", lambda *_: "NONE")
    monkeypatch.setattr(GuardDuty, "is_managed_by_policy", lambda *_: True)
    for configuration in (HubConfiguration("CENTRAL", "ENABLED", False), HubConfiguration("LOCAL", "DISABLED", False)):  # noqa: FBT003
        monkeypatch.setattr(HubAdministrator, "configuration", lambda _, found=configuration: found)
        looks = [hands.look(name) for name in BOTH]
        assert [(look.status, look.steps, len(look.left_alone)) for look in looks] == [("compliant", (), 3)] * 2


@pytest.mark.parametrize(
    ("managed", "features"), [(True, [{"ManagedBy": "GUARDDUTY_POLICY"}]), (False, [{}]), (False, [])]
)
def test_a_policy_shows_in_the_features_of_the_detector(managed: bool, features: list[dict[str, str]]) -> None:  # noqa: FBT001
    class Clients:
        def client(self, _: str) -> Any:
            return self

        def get_detector(self, **_: str) -> dict[str, Any]:
            return {"Features": features}

    assert GuardDuty(Clients(), HOME).is_managed_by_policy("d") is managed


def test_config_and_access_analyzer_are_in_its_hands_too(hands: Hands) -> None:
    name = "service-administrators"
    assert len(hands.apply(name)) == 3
    assert (hands.look(name).status, hands.apply(name)) == ("compliant", [])
    config, analyzer = "config.amazonaws.com", "access-analyzer.amazonaws.com"
    organizations = hands.ground.organizations
    for principal in (config, analyzer):
        organizations.deregister_delegated_administrator(AccountId=hands.account_id, ServicePrincipal=principal)
        organizations.register_delegated_administrator(AccountId=hands.other_id, ServicePrincipal=principal)
    found = hands.look(name)
    assert [step.subject for step in found.steps] == [f"account {hands.account_id} as administrator of {config}"]
    assert found.left_alone == (f"account {hands.other_id} as administrator of {config}",)
    assert f"Account {hands.other_id} administers {analyzer}" in found.by_hand[0]


@pytest.mark.parametrize(("name", "service"), [(BOTH[0], "guardduty"), (BOTH[1], "securityhub")])
def test_what_another_account_administers_is_named_and_left_to_people(hands: Hands, name: str, service: str) -> None:
    management = hands.management(service)
    management.disable_organization_admin_account(AdminAccountId=hands.account_id)
    management.enable_organization_admin_account(AdminAccountId=hands.other_id)
    found = hands.look(name)
    assert (found.status, found.steps) == ("violated", ())
    (todo,) = found.by_hand
    assert f"Account {hands.other_id} administers" in todo
    assert f"in {HOME}" in todo


def test_the_role_in_the_security_account_may_do_what_these_controls_do_there() -> None:
    controls = (
        *(GuardDutyAdministration, SecurityHubAdministration),
        *(OrganizationAnalyzers, ConfigAggregator, ConformancePacks),
    )
    grants = [grant for each in controls for grant in (*each.observe_grants, *each.enforce_grants)]
    assert [grant for grant in grants if grant.plane == "security"] == list(ADMINISTRATION)
