"""The foundational accounts: asked for once, waited for, taken as they are."""

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from avm.aws.organization_setup import OrganizationDescription
from avm.domain.account import AccountStatus
from avm.domain.catalog import Catalog
from avm.domain.foundation import Foundation
from avm.domain.organization import LogArchiveSettings
from avm.domain.request_rules import parse_request
from avm.foundation.control import FoundationTarget, Look, Standing
from avm.foundation.registry import all_foundation_controls

ACCOUNT = "111122223333"
ACCOUNTS = ("log-archive-account", "security-account", "shared-services-account")


class Reach:
    """The account that is there, how its request stands, and what was asked for."""

    def __init__(
        self,
        account_id: str | None = None,
        standing: Standing | None = None,
        status: AccountStatus | None = None,
        repair: str | None = None,
    ) -> None:
        self.status = status
        self.repair = repair
        self.converged: list[str] = []
        self.asked: list[Mapping[str, Any]] = []
        self._account_id = account_id
        self._standing = standing

    def account_of(self, _: str) -> str | None:
        return self._account_id

    def standing(self, _: str) -> Standing | None:
        return self._standing

    def account_status(self, _: str) -> AccountStatus | None:
        return self.status

    def convergence(self, _: str) -> str | None:
        return self.repair

    def converge(self, account_id: str) -> None:
        self.converged.append(account_id)

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


def test_a_lock_that_cannot_be_undone_is_told_in_the_plan_and_as_long_as_it_is_asked_for(
    look: Callable[..., Look], catalog: Catalog
) -> None:
    settings = LogArchiveSettings.model_validate({"object_lock": {"mode": "COMPLIANCE", "days": 30}})
    organization = catalog.organization.model_copy(update={"log_archive": settings})
    asked = catalog.model_copy(update={"organization": organization})
    (step,) = look("log-archive-account", Reach(), asked).steps
    assert "COMPLIANCE cannot be undone: for 30 days" in step.subject
    assert "cannot be undone" in look("log-archive-account", Reach(ACCOUNT), asked).shown["warning"]
    (step,) = look("log-archive-account", Reach()).steps
    assert "COMPLIANCE" not in step.subject


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


def test_accounts_with_deferred_controls_are_repaired_once_in_a_run(look: Callable[..., Look]) -> None:
    reach = Reach(ACCOUNT, status="FOUNDATION")
    steps = look("foundational-accounts", reach).steps
    assert [step.subject for step in steps] == [
        f"repair of account {ACCOUNT} ({kind})" for kind in ("log-archive", "security", "shared-services")
    ]
    assert reach.converged == []
    steps[0].act()
    assert reach.converged == [ACCOUNT]
    running = look("foundational-accounts", Reach(ACCOUNT, status="FOUNDATION", repair="RUNNING"))
    assert (running.status, running.steps, len(running.waits_for)) == ("pending", (), 3)


def test_a_repair_that_was_not_enough_says_where_to_look(look: Callable[..., Look]) -> None:
    found = look("foundational-accounts", Reach(ACCOUNT, status="FOUNDATION", repair="SUCCEEDED"))
    assert (found.status, found.steps) == ("violated", ())
    assert f"'avm report {ACCOUNT}'" in found.by_hand[0]


@pytest.mark.parametrize(
    ("status", "verdict"), [("READY", "compliant"), ("VENDING", "pending"), ("PARKED", "violated"), (None, "compliant")]
)
def test_what_else_the_accounts_can_be(look: Callable[..., Look], status: AccountStatus | None, verdict: str) -> None:
    found = look("foundational-accounts", Reach(ACCOUNT, status=status))
    assert (found.status, found.steps) == (verdict, ())
    assert len(found.left_alone) == (3 if status is None else 0)


def test_an_account_that_is_not_there_yet_is_waited_for(look: Callable[..., Look]) -> None:
    assert look("foundational-accounts", Reach()).status == "pending"
