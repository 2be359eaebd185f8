"""The broker's sessions: each narrowed to one use, and kept as long as it lasts."""

import itertools
import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from samtranslator.yaml_helper import yaml_parse

from avm.aws.broker import CHANGE_POLICIES, READ, USES, Broker, Use
from avm.aws.sts import Sessions
from tests.names import ROOT

ROLE = "arn:aws:iam::123456789012:role/avm/avm-broker"
ACCOUNT = "111122223333"
ABOUT_ALL_ACCOUNTS = {
    *("read", "create-account", "read-trails"),
    *("read-foundation", "enable-features", "create-units", "write-guardrails", "write-trails"),
    *("read-designations", "read-budgets"),
}
"""Uses that are about no one account."""


class Sts:
    """STS, as far as the broker needs it."""

    def __init__(self) -> None:
        self.now = datetime(2026, 1, 1, tzinfo=UTC)
        self.asked: list[dict[str, Any]] = []

    def assume_role(self, **parameters: Any) -> Mapping[str, Any]:
        self.asked.append(parameters)
        number = str(len(self.asked))
        expires = self.now + timedelta(seconds=parameters["DurationSeconds"])
        keys = {"AccessKeyId": number, "SecretAccessKey": "s", "SessionToken": "t", "Expiration": expires}
        return {"Credentials": keys}


@pytest.fixture
def sts() -> Sts:
    return Sts()


@pytest.fixture
def broker(sts: Sts) -> Broker:
    sessions: Any = Sessions(sts)  # type: ignore[arg-type]
    return Broker(
        sessions, ROLE, "external", lambda service, region, keys, repeats: (service, region, keys), lambda: sts.now
    )


def policy_of(use: Use) -> str:
    return use.policy(partition="aws-us-gov", management="123456789012", account=ACCOUNT)


@pytest.mark.parametrize("use", USES, ids=lambda use: use.name)
def test_a_session_policy_is_as_small_as_sts_wants_it(use: Use) -> None:
    assert len(policy_of(use)) <= 2048


@pytest.mark.parametrize("use", USES, ids=lambda use: use.name)
def test_a_use_that_is_about_an_account_reaches_no_other(use: Use) -> None:
    resources = [each for statement in json.loads(policy_of(use))["Statement"] for each in statement["Resource"]]
    accounts = [each for each in resources if any(kind in each for kind in (":account/", ":budget/", ":iam:"))]
    if use.name not in ABOUT_ALL_ACCOUNTS:
        assert accounts
        assert all(ACCOUNT in each for each in accounts)
    assert not any("{" in each for each in resources)


def test_uses_have_names_of_their_own_and_no_action_in_common() -> None:
    assert len({use.name for use in USES}) == len(USES)
    actions = [{action for names, _ in use.grants for action in names} for use in USES]
    shared = [one & other for one, other in itertools.combinations(actions, 2) if one & other]
    assert shared == [
        {"organizations:TagResource"},  # at the creation, and when the account is released
        {"organizations:AttachPolicy", "organizations:DetachPolicy"},  # of an account, and of OUs
        {"sts:AssumeRoot"},  # to look what root users have, and to delete it: the role's policy asks for another task
        {"organizations:EnableAWSServiceAccess"},  # by itself, and with a designation
        {"organizations:RegisterDelegatedAdministrator"},
    ]


def test_the_broker_may_do_each_use_in_sessions_of_its_name_and_nothing_else() -> None:
    template = yaml_parse((ROOT / "templates" / "management.yaml").read_text("utf-8"))
    (policy,) = template["Resources"]["Broker"]["Properties"]["Policies"]
    granted: dict[str, set[str]] = {}
    for statement in policy["PolicyDocument"]["Statement"]:
        actions = statement["Action"]
        named = granted.setdefault(statement["Condition"]["StringLike"]["aws:userid"], set())
        named |= {actions} if isinstance(actions, str) else set(actions)
    assert granted == {
        f"*:{session_name(use)}": {action for actions, _ in use.grants for action in actions} for use in USES
    }


def session_name(use: Use) -> str:
    """Return the pattern of the names of the use's sessions."""
    return f"avm-{use.name}" if use.name in ABOUT_ALL_ACCOUNTS else f"avm-{use.name}-*"


def test_a_session_says_who_takes_it_for_what_and_is_kept(broker: Broker, sts: Sts) -> None:
    first = broker.organizations(CHANGE_POLICIES, ACCOUNT)
    assert broker.organizations(CHANGE_POLICIES, ACCOUNT) is first
    (asked,) = sts.asked
    assert asked == {
        "RoleArn": ROLE,
        "RoleSessionName": f"avm-change-policies-{ACCOUNT}",
        "DurationSeconds": 900,
        "ExternalId": "external",
        "Policy": CHANGE_POLICIES.policy(partition="aws", management="123456789012", account=ACCOUNT),
    }


def test_another_account_and_another_use_are_another_session(broker: Broker, sts: Sts) -> None:
    broker.organizations(CHANGE_POLICIES, ACCOUNT)
    broker.organizations(CHANGE_POLICIES, "444455556666")
    broker.organizations(READ)
    broker.bootstrap(ACCOUNT)
    names = [asked["RoleSessionName"].removeprefix("avm-") for asked in sts.asked]
    assert names == [f"change-policies-{ACCOUNT}", "change-policies-444455556666", "read", f"bootstrap-{ACCOUNT}"]


@pytest.mark.parametrize(("age", "taken"), {779: 1, 780: 2, 900: 2}.items())
def test_a_session_that_may_end_during_a_run_is_taken_anew(broker: Broker, sts: Sts, age: int, taken: int) -> None:
    broker.organizations(READ)
    sts.now += timedelta(seconds=age)
    broker.organizations(READ)
    assert len(sts.asked) == taken
