"""The foundational accounts: asked for once, waited for, taken as they are."""

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from avm.aws.organization_setup import OrganizationDescription
from avm.aws.organizations import Account
from avm.domain.account import AccountStatus
from avm.domain.catalog import Catalog
from avm.domain.foundation import Foundation
from avm.domain.naming import email_from_pattern
from avm.domain.organization import LogArchiveSettings
from avm.domain.request_rules import parse_request
from avm.foundation.control import FoundationTarget, Look, Standing
from avm.foundation.registry import all_foundation_controls

ACCOUNT = "111122223333"
MANAGEMENT, APPLICATION = "123456789012", "444455556666"
NUMBER = 8
"""Accounts of the organization."""
HOLDER = 5
"""The account that has the e-mail."""
ACCOUNTS = ("log-archive-account", "security-account", "shared-services-account")


class Reach:
    """The account that is there, how its request stands, and what was asked for."""

    def __init__(
        self,
        account_id: str | None = None,
        standing: Standing | None = None,
        status: AccountStatus | None = None,
        repair: str | None = None,
        *,
        closed: str | None = None,
        is_open: bool = True,
        email: str = "other@example.com",
        obstacle: str | None = None,
        quota: int | None = 10,
    ) -> None:
        self.closed = closed
        self.open = is_open
        self.email = email
        self.obstacle = obstacle
        self.quota = quota
        self.adopted: list[tuple[str, Mapping[str, Any]]] = []
        self.status = status
        self.repair = repair
        self.converged: list[str] = []
        self.asked: list[Mapping[str, Any]] = []
        self._account_id = account_id
        self._standing = standing

    def account_of(self, _: str) -> str | None:
        return self._account_id

    @property
    def account_quota(self) -> "Reach":
        return self

    def value(self) -> int | None:
        return self.quota

    def closed_account_of(self, _: str) -> str | None:
        return self.closed

    def is_open(self, _: str) -> bool:
        return self.open

    def accounts(self) -> list[Account]:
        return [
            Account(
                f"{number:012}", f"name-{number}", self.email if number == HOLDER else f"{number}@x", "ACTIVE", "o-1"
            )
            for number in range(NUMBER)
        ]

    def obstacle_to_adoption(self, _: str) -> str | None:
        return self.obstacle

    def adopt(self, account_id: str, body: Mapping[str, Any]) -> None:
        self.adopted.append((account_id, body))

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
    def look(name: str, reach: Reach, catalog: Catalog = catalog, application: str = MANAGEMENT) -> Look:
        foundation = Foundation(
            partition="aws", organization_id="o-1", home_region="eu-west-1", management_account_id=MANAGEMENT
        )
        target = FoundationTarget(catalog, OrganizationDescription("o-1", MANAGEMENT, "ALL"), foundation, application)
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


@pytest.mark.parametrize("reach", [Reach(closed=ACCOUNT), Reach(None, Standing("READY", ACCOUNT), is_open=False)])
def test_an_account_that_is_closed_is_named_and_not_replaced_by_itself(look: Callable[..., Look], reach: Reach) -> None:
    found = look("log-archive-account", reach)
    assert (found.status, found.steps, found.waits_for) == ("violated", (), ())
    (todo,) = found.by_hand
    assert todo.startswith(f"Account {ACCOUNT} (log-archive) is closed")
    assert "within 90 days" in todo
    assert "'avm vend' a request of type log-archive" in todo


def test_an_email_that_another_account_has_is_named_before_anybody_asks_for_it(
    look: Callable[..., Look], catalog: Catalog
) -> None:
    email = email_from_pattern(catalog.organization.email.pattern, "security", "foundation-security")
    found = look("security-account", Reach(email=email.upper()))
    assert (found.status, found.steps) == ("violated", ())
    holder = f"{HOLDER:012}"
    assert f"the e-mail {email}, which account {holder} has: 'avm adopt {holder} --type security'" in found.by_hand[0]


@pytest.mark.parametrize(
    ("quota", "verdict"), [(NUMBER + 2, "violated"), (NUMBER + 3, "compliant"), (None, "compliant")]
)
def test_a_quota_is_compared_with_all_accounts_that_are_still_to_be_made(
    look: Callable[..., Look], quota: int | None, verdict: str
) -> None:
    found = look("account-quota", Reach(quota=quota))
    assert (found.status, found.steps) == (verdict, ())
    assert found.shown == {
        "missing": ["log-archive", "security", "shared-services"], "ListServiceQuotas": quota, "ListAccounts": NUMBER
    }  # fmt: skip
    if verdict == "violated":
        assert f"has {NUMBER} accounts" in found.by_hand[0]
        assert f"may have {quota}" in found.by_hand[0]
        assert "'Default maximum number of accounts'" in found.by_hand[0]


@pytest.mark.parametrize(
    "reach",
    [Reach(ACCOUNT, quota=0), Reach(closed=ACCOUNT, quota=0), Reach(None, Standing("IN_PROGRESS", ACCOUNT), quota=0)],
)
def test_accounts_that_aws_has_made_already_need_no_quota(look: Callable[..., Look], reach: Reach) -> None:
    assert look("account-quota", reach).shown == {"missing": []}


def test_a_request_that_has_no_account_yet_needs_one(look: Callable[..., Look]) -> None:
    assert look("account-quota", Reach(None, Standing("PARKED", None), quota=NUMBER)).status == "violated"


def test_in_the_management_account_nothing_is_adopted(look: Callable[..., Look]) -> None:
    reach = Reach()
    found = look("tooling-account", reach)
    assert (found.status, found.steps) == ("compliant", ())
    assert MANAGEMENT in found.shown["application"]
    assert "tooling" not in look("foundational-accounts", reach).shown


def test_the_machines_own_account_is_adopted_by_a_request_that_every_door_would_take(
    look: Callable[..., Look], catalog: Catalog
) -> None:
    reach = Reach()
    (step,) = look("tooling-account", reach, application=APPLICATION).steps
    assert (step.operation, reach.adopted) == ("states:StartExecution", [])
    assert (
        step.subject == f"adoption of account {APPLICATION}, in which the machine runs, as request foundation-tooling"
    )
    step.act()
    ((account_id, body),) = reach.adopted
    assert account_id == APPLICATION
    assert "name" not in body
    request = parse_request({**body, "name": "as AWS has it"}, catalog)
    assert (request.request_id, request.type) == ("foundation-tooling", "tooling")
    assert not catalog.account_type("tooling").approval


def test_what_keeps_the_machines_account_from_being_adopted_is_named_in_the_plan(look: Callable[..., Look]) -> None:
    found = look("tooling-account", Reach(obstacle="it stands in OU Others"), application=APPLICATION)
    assert (found.status, found.steps) == ("violated", ())
    assert found.by_hand == ("it stands in OU Others. Then apply again.",)


@pytest.mark.parametrize(
    ("standing", "status", "verdict"),
    [
        (Standing("QUEUED", None), None, "pending"),
        (Standing("IN_PROGRESS", APPLICATION), "VENDING", "pending"),
        (Standing("PARKED", APPLICATION, "AccessDenied: no."), "PARKED", "violated"),
        (Standing("REJECTED", None, "AccountNotAdoptable: no role."), None, "violated"),
        (Standing("READY", APPLICATION), "READY", "compliant"),
        (Standing("REJECTED", None, "AccountNotAdoptable: no role."), "READY", "compliant"),
        (None, "READY", "compliant"),
        (None, "VENDING", "compliant"),
    ],
)
def test_an_adoption_is_waited_for_and_one_that_has_failed_says_why(
    look: Callable[..., Look], standing: Standing | None, status: AccountStatus | None, verdict: str
) -> None:
    found = look("tooling-account", Reach(None, standing, status), application=APPLICATION)
    assert (found.status, found.steps) == (verdict, ())
    if verdict == "violated":
        assert standing is not None
        assert found.by_hand == (
            f"Request foundation-tooling is {standing.status}: {standing.problem} Then 'avm retry foundation-tooling'.",
        )


def test_the_machines_own_account_is_among_those_that_must_be_ready(look: Callable[..., Look]) -> None:
    found = look("foundational-accounts", Reach(ACCOUNT, status="PARKED"), application=APPLICATION)
    assert found.by_hand[-1].startswith(f"A vend of account {APPLICATION} (tooling) has failed")
