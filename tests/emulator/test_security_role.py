"""The role of ``templates/security.yaml``, under the guardrails of its account."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from avm.aws.config_aggregators import Aggregator, Aggregators
from avm.controls.administration import ADMINISTRATION, FINDINGS
from avm.controls.guardduty_member import GuardDutyMember
from avm.controls.policies import enforce_policy
from avm.controls.security_hub_member import SecurityHubMember
from avm.domain.foundation import AGGREGATOR_NAME, AGGREGATOR_ROLE
from avm_emulator.application import deploy_security
from avm_emulator.context import Emulator
from avm_emulator.credentials import credentials_of
from avm_emulator.engine import Options
from tests.emulator.members import email, join
from tests.emulator.outsiders import client_with

OUTSIDE_THE_ALLOWED_REGIONS = "us-east-1"


@pytest.fixture(scope="module")
def options() -> Options:
    return Options(speed="max", deploy=False)


@pytest.fixture(scope="module")
def security(emulator: Emulator) -> str:
    deploy_security(emulator, str(emulator.security_account_id))
    return str(emulator.security_account_id)


def client(emulator: Emulator, security: str, service: str, region: str) -> Any:
    credentials = credentials_of(emulator, security, "avm-security")
    return client_with(emulator, service, credentials, region)


def test_it_may_do_what_the_controls_of_its_plane_declare(emulator: Emulator, security: str) -> None:
    members = [GuardDutyMember(), SecurityHubMember()]
    wanted = enforce_policy(members, "security", (*ADMINISTRATION, *FINDINGS), partition="aws", account_id=security)
    iam = emulator.clients.client("iam", role_arn=f"arn:aws:iam::{security}:role/OrganizationAccountAccessRole")
    granted = iam.get_role_policy(RoleName="avm-security", PolicyName="avm-security")["PolicyDocument"]
    allowed = {action for statement in granted["Statement"] for action in _list(statement["Action"])}
    assert {action for statement in wanted["Statement"] for action in statement["Action"]} - allowed == set()


@pytest.mark.parametrize("region", ["eu-west-1", OUTSIDE_THE_ALLOWED_REGIONS])
def test_it_enrols_accounts_in_every_governed_region(emulator: Emulator, security: str, region: str) -> None:
    name = f"enrolled-{region}"
    details = {"AccountId": join(emulator, name), "Email": email(name)}
    guardduty = client(emulator, security, "guardduty", region)
    (detector,) = guardduty.list_detectors()["DetectorIds"]
    answer = guardduty.create_members(DetectorId=detector, AccountDetails=[details])
    assert answer["UnprocessedAccounts"] == []
    hub = client(emulator, security, "securityhub", region)
    assert hub.describe_organization_configuration()["AutoEnable"] is True
    assert hub.create_members(AccountDetails=[details])["UnprocessedAccounts"] == []
    assert hub.get_members(AccountIds=[details["AccountId"]])["Members"]


def test_it_collects_and_analyzes_under_the_names_of_the_foundation_alone(emulator: Emulator, security: str) -> None:
    config = client(emulator, security, "config", "eu-west-1")
    role = f"arn:aws:iam::{security}:role/avm/{AGGREGATOR_ROLE}"
    wanted = Aggregator(role, all_regions=True)
    aggregators = Aggregators(MemberClient(config))
    aggregators.put(AGGREGATOR_NAME, wanted)
    assert (aggregators.all(), aggregators.failure(AGGREGATOR_NAME)) == ({AGGREGATOR_NAME: wanted}, None)
    analyzer = client(emulator, security, "accessanalyzer", OUTSIDE_THE_ALLOWED_REGIONS)
    with pytest.raises(ClientError) as refused:
        analyzer.create_analyzer(analyzerName="another", type="ORGANIZATION")
    assert refused.value.response["Error"]["Code"] == "AccessDeniedException"


class MemberClient:
    """One client for every name."""

    def __init__(self, client: Any) -> None:
        self._client = client

    def client(self, _: str) -> Any:
        return self._client


def test_it_parts_with_nobody(emulator: Emulator, security: str) -> None:
    hub = client(emulator, security, "securityhub", "eu-west-1")
    with pytest.raises(ClientError) as refused:
        hub.disassociate_members(AccountIds=["111122223333"])
    assert refused.value.response["Error"]["Code"] == "AccessDeniedException"


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
