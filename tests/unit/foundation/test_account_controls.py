"""The foundational accounts: asked for once, waited for, taken as they are."""

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from avm.aws.organization_setup import OrganizationDescription
from avm.domain.catalog import Catalog
from avm.domain.foundation import Foundation
from avm.domain.request_rules import parse_request
from avm.foundation.control import FoundationTarget, Look, Standing
from avm.foundation.registry import all_foundation_controls

ACCOUNT = "111122223333"
ACCOUNTS = ("log-archive-account", "security-account")


class Reach:
    """The account that is there, how its request stands, and what was asked for."""

    def __init__(self, account_id: str | None = None, standing: Standing | None = None) -> None:
        self.asked: list[Mapping[str, Any]] = []
        self._account_id = account_id
        self._standing = standing

    def account_of(self, _: str) -> str | None:
        return self._account_id

    def standing(self, _: str) -> Standing | None:
        return self._standing

    def request(self, body: Mapping[str, Any]) -> None:
        self.asked.append(body)


@pytest.fixture
def look(catalog: Catalog) -> Callable[..., Look]:
    def look(name: str, reach: Reach, catalog: Catalog = catalog) -> Look:
        foundation = Foundation(
            partition="aws", organization_id="o-1", home_region="eu-west-1", management_account_id="123456789012"
        )
        target = FoundationTarget(
            catalog, OrganizationDescription("o-1", "123456789012", "ALL"), foundation, "444455556666"
        )
        return all_foundation_controls()[name].look(target, reach)  # type: ignore[arg-type]

    return look


@pytest.mark.parametrize("name", ACCOUNTS)
def test_an_account_is_asked_for_by_a_request_that_every_door_would_take(
    look: Callable[..., Look], catalog: Catalog, name: str
) -> None:
    reach = Reach()
    (step,) = look(name, reach).steps
    assert reach.asked == []
    step.act()
    (body,) = reach.asked
    account_type = name.removesuffix("-account")
    request = parse_request(body, catalog)
    assert (request.request_id, request.type) == (f"foundation-{account_type}", account_type)
    assert step.operation == "organizations:CreateAccount"
    assert not catalog.account_type(account_type).approval


def test_an_account_that_is_there_is_taken_as_it_is(look: Callable[..., Look]) -> None:
    found = look("log-archive-account", Reach(ACCOUNT))
    assert (found.status, found.steps) == ("compliant", ())


@pytest.mark.parametrize("status", ["QUEUED", "IN_PROGRESS", "READY"])
def test_a_vend_is_waited_for_until_the_account_is_seen(look: Callable[..., Look], status: Any) -> None:
    found = look("log-archive-account", Reach(None, Standing(status, None)))
    assert (found.status, found.waits_for) == ("pending", (f"request foundation-log-archive: {status}",))


def test_a_vend_that_has_failed_says_why_and_what_to_do(look: Callable[..., Look]) -> None:
    found = look("log-archive-account", Reach(None, Standing("PARKED", ACCOUNT, "AccessDenied: no. Grant it.")))
    assert found.status == "violated"
    (todo,) = found.by_hand
    assert todo == (
        "Request foundation-log-archive is PARKED: AccessDenied: no. Grant it. Then 'avm retry foundation-log-archive'."
    )


def test_without_somebody_who_answers_for_them_no_account_is_made(look: Callable[..., Look], catalog: Catalog) -> None:
    organization = catalog.organization.model_copy(update={"foundation": None})
    found = look("log-archive-account", Reach(), catalog.model_copy(update={"organization": organization}))
    assert (found.status, found.steps) == ("violated", ())
    assert "organization.yaml" in found.by_hand[0]
