"""What only people can see or do: named, and never in the way."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from avm.aws.organization_setup import OrganizationDescription
from avm.domain.catalog import Catalog
from avm.domain.errors import AccessDenied
from avm.domain.foundation import Foundation
from avm.foundation.control import FoundationTarget, Look, Step
from avm.foundation.registry import all_foundation_controls
from avm.steps.foundation_step import Seen
from tests.unit.foundation.conftest import Ground

MANAGEMENT, APPLICATION = "123456789012", "444455556666"
INSTANCE = {
    "InstanceArn": "arn:aws:sso:::instance/ssoins-1",
    "IdentityStoreId": "d-1",
    "OwnerAccountId": MANAGEMENT,
    "Status": "ACTIVE",
}


def look(catalog: Catalog, name: str, **reach: Any) -> Look:
    foundation = Foundation(
        partition="aws", organization_id="o-1", home_region="eu-west-1", management_account_id=MANAGEMENT
    )
    described = OrganizationDescription("o-1", MANAGEMENT, "ALL")
    target = FoundationTarget(catalog, described, foundation, APPLICATION)
    return all_foundation_controls()[name].look(target, SimpleNamespace(**reach))


def source(catalog: Catalog, found: dict[str, str] | None) -> Look:
    return look(catalog, "identity-source", permission_sets=SimpleNamespace(description=lambda: found))


def root_user(catalog: Catalog, *, mfa: int, keys: int) -> Look:
    summary = {"AccountMFAEnabled": mfa, "AccountAccessKeysPresent": keys}
    return look(catalog, "management-root-user", root_access=SimpleNamespace(own_root_user=lambda: summary))


def test_what_no_api_shows_is_named_and_changes_no_verdict(catalog: Catalog) -> None:
    found = source(catalog, INSTANCE)
    assert (found.status, found.by_hand) == ("compliant", ())
    identity, factor = found.to_look_at
    assert f"console of account {APPLICATION}, Region eu-west-1" in identity
    assert "'Identity source': no API shows it" in identity
    assert "no API shows or sets it" in factor
    assert "external identity provider" in factor
    assert Seen("identity-source", found, blocks_ready=False).row("now").to_look_at == found.to_look_at


@pytest.mark.parametrize(
    ("found", "status", "words"),
    [
        (None, "violated", "Enable IAM Identity Center"),
        ({**INSTANCE, "OwnerAccountId": APPLICATION}, "violated", f"belongs to account {APPLICATION}"),
        ({**INSTANCE, "Status": "CREATE_IN_PROGRESS"}, "pending", "CREATE_IN_PROGRESS"),
    ],
)
def test_an_instance_that_is_not_the_organizations_is_named(
    catalog: Catalog, found: dict[str, str] | None, status: str, words: str
) -> None:
    seen = source(catalog, found)
    assert seen.status == status
    assert words in (*seen.by_hand, *seen.waits_for)[0]


@pytest.mark.parametrize(
    ("mfa", "keys", "todos"),
    [
        (1, 0, []),
        (0, 0, ["assign a device"]),
        (1, 1, ["delete them"]),
        (0, 1, ["assign a device", "delete them"]),
    ],
)
def test_what_the_root_user_lacks_is_for_himself_to_mend(
    catalog: Catalog, mfa: int, keys: int, todos: list[str]
) -> None:
    found = root_user(catalog, mfa=mfa, keys=keys)
    assert found.status == ("violated" if todos else "compliant")
    assert [todo in words for todo, words in zip(todos, found.by_hand, strict=True)] == [True] * len(todos)
    assert found.steps == ()


def test_the_broker_may_look_at_what_iam_tells_of_the_root_user(ground: Ground) -> None:
    assert ground.gateways.root_access.own_root_user() == {"AccountMFAEnabled": 0, "AccountAccessKeysPresent": 0}


def test_it_is_never_in_the_way_but_what_goes_wrong_is(catalog: Catalog) -> None:
    found = root_user(catalog, mfa=0, keys=1)
    assert Seen("management-root-user", found, blocks_ready=False).failure() is None
    assert Seen("permission-sets", found).failure() is not None
    for wrong in (
        Seen("management-root-user", Look({}), AccessDenied("no"), blocks_ready=False),
        Seen("management-root-user", Look({}, (Step("a:B", "c", lambda: None),)), blocks_ready=False),
        Seen("management-root-user", Look({}), missing=("trail",), blocks_ready=False),
    ):
        assert wrong.failure() is not None


@pytest.mark.parametrize("name", ["identity-source", "management-root-user"])
def test_no_vend_waits_for_people(name: str) -> None:
    control = all_foundation_controls()[name]
    assert (control.blocks_ready, control.enforce_grants) == (False, ())
