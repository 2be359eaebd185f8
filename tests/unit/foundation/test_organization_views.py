"""What the security account sees of all accounts: analyzers, and the aggregator of AWS Config."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from avm.aws.access_analyzer import Analyzer, Analyzers
from avm.aws.config_aggregators import Aggregators
from avm.domain.errors import FoundationBehind, NotYetVisible
from avm.domain.foundation import AGGREGATOR_NAME, AGGREGATOR_ROLE, ANALYZER_NAME
from tests.unit.foundation.conftest import HOME, REGIONS, Hands

ANALYZERS, AGGREGATOR = "organization-analyzers", "config-aggregator"


@pytest.fixture(scope="module", autouse=True)
def administers(hands: Hands) -> None:
    hands.apply("service-administrators")


def settle(hands: Hands) -> None:
    hands.ground.emulator.clock.advance(3600)


def analyzer_in(hands: Hands, region: str) -> Any:
    return hands.security(region).client("accessanalyzer")


def config(hands: Hands) -> Any:
    return hands.security(HOME).client("config")


def test_an_analyzer_is_made_in_every_governed_region_once(hands: Hands) -> None:
    since = hands.ground.last_call()
    found = hands.look(ANALYZERS)
    assert [step.subject for step in found.steps] == [f"analyzer of the organization in {region}" for region in REGIONS]
    assert hands.ground.mutating_calls(since) == []
    assert len(hands.apply(ANALYZERS)) == len(REGIONS)
    settle(hands)
    since = hands.ground.last_call()
    assert (hands.look(ANALYZERS).status, hands.apply(ANALYZERS)) == ("compliant", [])
    assert hands.ground.mutating_calls(since) == []


def test_one_that_is_deleted_is_made_anew(hands: Hands) -> None:
    analyzer_in(hands, HOME).delete_analyzer(analyzerName=ANALYZER_NAME)
    assert hands.look(ANALYZERS).status == "violated"
    assert hands.apply(ANALYZERS) == [f"access-analyzer:CreateAnalyzer: analyzer of the organization in {HOME}"]
    settle(hands)
    assert hands.look(ANALYZERS).status == "compliant"


def test_analyzers_of_others_are_named_and_left_alone(hands: Hands) -> None:
    analyzer_in(hands, HOME).create_analyzer(analyzerName="theirs", type="ACCOUNT")
    settle(hands)
    found = hands.look(ANALYZERS)
    assert (found.status, found.left_alone) == ("compliant", (f"analyzer theirs in {HOME}",))


@pytest.mark.parametrize(
    ("shown", "status", "words"),
    [
        (Analyzer("ORGANIZATION", "CREATING", ""), "pending", "CREATING"),
        (Analyzer("ORGANIZATION", "DISABLED", "AWS_SERVICE_ACCESS_DISABLED"), "pending", "AWS_SERVICE_ACCESS_DISABLED"),
        (Analyzer("ORGANIZATION", "FAILED", ""), "violated", "delete it"),
        (Analyzer("ACCOUNT", "ACTIVE", ""), "violated", "of type ACCOUNT"),
    ],
)
def test_one_that_does_not_work_is_waited_for_or_left_to_people(
    hands: Hands, monkeypatch: pytest.MonkeyPatch, shown: Analyzer, status: str, words: str
) -> None:
    monkeypatch.setattr(Analyzers, "all", lambda _: {ANALYZER_NAME: shown})
    found = hands.look(ANALYZERS)
    assert (found.status, found.steps) == (status, ())
    assert words in (*found.waits_for, *found.by_hand)[0]


def test_where_aws_admits_no_further_analyzer_it_says_so(hands: Hands) -> None:
    region = REGIONS[1]
    analyzer_in(hands, region).delete_analyzer(analyzerName=ANALYZER_NAME)
    for number in range(5):
        analyzer_in(hands, region).create_analyzer(analyzerName=f"theirs-{number}", type="ORGANIZATION")
    (step,) = hands.look(ANALYZERS).steps
    with pytest.raises(FoundationBehind, match="has to go first"):
        step.act()


def test_the_aggregator_waits_for_its_role_and_is_made_once(hands: Hands) -> None:
    (step,) = hands.look(AGGREGATOR).steps
    with pytest.raises(NotYetVisible):
        step.act()
    trust = {"Effect": "Allow", "Principal": {"Service": "config.amazonaws.com"}, "Action": "sts:AssumeRole"}
    hands.security(HOME).client("iam").create_role(
        RoleName=AGGREGATOR_ROLE,
        Path="/avm/",
        AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [trust]}),
    )
    assert len(hands.apply(AGGREGATOR)) == 1
    since = hands.ground.last_call()
    assert (hands.look(AGGREGATOR).status, hands.apply(AGGREGATOR)) == ("compliant", [])
    assert hands.ground.mutating_calls(since) == []


def _gone(hands: Hands) -> None:
    config(hands).delete_configuration_aggregator(ConfigurationAggregatorName=AGGREGATOR_NAME)


def _narrowed(hands: Hands) -> None:
    role = f"arn:aws:iam::{hands.account_id}:role/avm/{AGGREGATOR_ROLE}"
    config(hands).put_configuration_aggregator(
        ConfigurationAggregatorName=AGGREGATOR_NAME,
        OrganizationAggregationSource={"RoleArn": role, "AwsRegions": [HOME]},
    )


def _of_one_account(hands: Hands) -> None:
    _gone(hands)
    config(hands).put_configuration_aggregator(
        ConfigurationAggregatorName=AGGREGATOR_NAME,
        AccountAggregationSources=[{"AccountIds": [hands.account_id], "AllAwsRegions": True}],
    )


@pytest.mark.parametrize("break_it", [_gone, _narrowed, _of_one_account])
def test_an_aggregator_that_does_not_see_all_is_found_and_mended(
    hands: Hands, break_it: Callable[[Hands], None]
) -> None:
    break_it(hands)
    assert hands.look(AGGREGATOR).status == "violated"
    assert hands.apply(AGGREGATOR) != []
    assert hands.look(AGGREGATOR).status == "compliant"


def test_an_aggregator_that_aws_organizations_refuses_is_waited_for(hands: Hands, ground: Any) -> None:
    settle(hands)
    assert hands.look(AGGREGATOR).status == "compliant"  # accounts that do not record are not its affair
    principal = {"AccountId": hands.account_id, "ServicePrincipal": "config.amazonaws.com"}
    ground.organizations.deregister_delegated_administrator(**principal)
    found = hands.look(AGGREGATOR)
    assert (found.status, found.steps) == ("pending", ())
    assert "OrganizationAccessDenied" in found.waits_for[0]
    ground.organizations.register_delegated_administrator(**principal)


def test_aggregators_of_others_are_named_and_left_alone(hands: Hands) -> None:
    config(hands).put_configuration_aggregator(
        ConfigurationAggregatorName="theirs",
        AccountAggregationSources=[{"AccountIds": [hands.account_id], "AllAwsRegions": True}],
    )
    found = hands.look(AGGREGATOR)
    assert (found.status, found.left_alone) == ("compliant", ("aggregator theirs",))


def test_the_gateway_shows_no_failure_of_a_source_that_is_an_account(hands: Hands) -> None:
    settle(hands)
    assert Aggregators(hands.security(HOME)).failure("theirs") is None
