"""IAM Access Analyzer: who may have which analyzers, how they come to work, and what stops them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from avm_emulator.access_analyzer import FUNCTIONS
from avm_emulator.context import Emulator
from avm_emulator.engine import Options
from tests.emulator.lab import until
from tests.emulator.members import found, inside
from tests.emulator.outsiders import root_client

Accounts = dict[str, str]
PRINCIPAL = "access-analyzer.amazonaws.com"
ORGANIZATION = {"analyzerName": "organization", "type": "ORGANIZATION"}


@pytest.fixture(scope="module")
def options() -> Options:
    parts = ("managed_policies", "organizations", "access_analyzer")
    return Options(speed="max", prepare=False, deploy=False, parts=[f"avm_emulator.{part}" for part in parts])


@pytest.fixture(scope="module")
def accounts(emulator: Emulator) -> Accounts:
    ids = found(emulator, "security", "payments")
    organizations = emulator.clients.client("organizations")
    organizations.enable_aws_service_access(ServicePrincipal=PRINCIPAL)
    organizations.register_delegated_administrator(AccountId=ids["security"], ServicePrincipal=PRINCIPAL)
    return ids


@pytest.fixture
def administrator(emulator: Emulator, accounts: Accounts) -> Iterator[Any]:
    """Return the delegated administrator, who has no analyzers before and after."""
    client = inside(emulator, "accessanalyzer", accounts["security"])
    yield client
    for analyzer in client.list_analyzers()["analyzers"]:
        client.delete_analyzer(analyzerName=analyzer["name"])


def refused(call: Callable[..., Any], **parameters: Any) -> dict[str, Any]:
    with pytest.raises(ClientError) as refusal:
        call(**parameters)
    response: Any = refusal.value.response
    return {"code": response["Error"]["Code"], "status": response["ResponseMetadata"]["HTTPStatusCode"], **response}


def status_of(client: Any, name: str) -> tuple[str, str | None]:
    analyzer = client.get_analyzer(analyzerName=name)["analyzer"]
    return analyzer["status"], analyzer.get("statusReason", {}).get("code")


def test_every_function_is_named_like_an_operation(administrator: Any) -> None:
    assert [function.__name__ for function in FUNCTIONS if not hasattr(administrator, function.__name__)] == []


def test_an_analyzer_is_being_created_and_then_active(
    emulator: Emulator, accounts: Accounts, administrator: Any
) -> None:
    emulator.clock.hold(held=True)
    arn = administrator.create_analyzer(**ORGANIZATION, tags={"avm:owner": "avm"})["arn"]
    assert arn == f"arn:aws:access-analyzer:eu-west-1:{accounts['security']}:analyzer/organization"
    assert status_of(administrator, "organization") == ("CREATING", None)
    emulator.clock.hold(held=False)
    until(lambda: status_of(administrator, "organization") == ("ACTIVE", None))
    (analyzer,) = administrator.list_analyzers(type="ORGANIZATION")["analyzers"]
    assert (analyzer["arn"], analyzer["type"], analyzer["tags"]) == (arn, "ORGANIZATION", {"avm:owner": "avm"})
    roles = inside(emulator, "iam", accounts["security"]).list_roles()["Roles"]
    assert "AWSServiceRoleForAccessAnalyzer" in {role["RoleName"] for role in roles}


def test_each_region_has_its_own(emulator: Emulator, accounts: Accounts, administrator: Any) -> None:
    administrator.create_analyzer(**ORGANIZATION)
    there = inside(emulator, "accessanalyzer", accounts["security"], "us-east-1")
    assert there.list_analyzers()["analyzers"] == []
    missing = refused(there.get_analyzer, analyzerName="organization")
    assert (missing["code"], missing["status"]) == ("ResourceNotFoundException", 404)
    assert (missing["resourceId"], missing["resourceType"]) == ("organization", "Analyzer")


def test_a_name_is_used_once(administrator: Any) -> None:
    administrator.create_analyzer(**ORGANIZATION)
    again = refused(administrator.create_analyzer, **ORGANIZATION)
    assert (again["code"], again["status"], again["resourceId"]) == ("ConflictException", 409, "organization")


def test_an_account_has_one_analyzer_of_a_type_and_an_organization_five(
    emulator: Emulator, accounts: Accounts, administrator: Any
) -> None:
    administrator.create_analyzer(analyzerName="own", type="ACCOUNT")
    administrator.create_analyzer(analyzerName="unused", type="ACCOUNT_UNUSED_ACCESS")
    full = refused(administrator.create_analyzer, analyzerName="own-2", type="ACCOUNT")
    assert (full["code"], full["status"]) == ("ServiceQuotaExceededException", 402)
    for number in range(4):
        administrator.create_analyzer(analyzerName=f"organization-{number}", type="ORGANIZATION")
    management = emulator.clients.client("accessanalyzer")
    management.create_analyzer(**ORGANIZATION)
    for client in (administrator, management):
        refusal = refused(client.create_analyzer, analyzerName="sixth", type="ORGANIZATION")
        assert refusal["code"] == "ServiceQuotaExceededException"
    management.delete_analyzer(analyzerName="organization")
    member = inside(emulator, "accessanalyzer", accounts["payments"])
    member.create_analyzer(analyzerName="own", type="ACCOUNT")


def test_analyzers_of_an_organization_are_for_its_administrators(
    emulator: Emulator, accounts: Accounts, administrator: Any
) -> None:
    member = inside(emulator, "accessanalyzer", accounts["payments"])
    denied = refused(member.create_analyzer, **ORGANIZATION)
    assert (denied["code"], denied["status"]) == ("AccessDeniedException", 403)
    alone = root_client(emulator, "accessanalyzer", "999999999999")
    assert refused(alone.create_analyzer, **ORGANIZATION)["code"] == "ValidationException"
    organizations = emulator.clients.client("organizations")
    organizations.disable_aws_service_access(ServicePrincipal=PRINCIPAL)
    untrusted = refused(administrator.create_analyzer, **ORGANIZATION)
    assert (untrusted["code"], untrusted["status"], untrusted["reason"]) == ("ValidationException", 400, "other")
    organizations.enable_aws_service_access(ServicePrincipal=PRINCIPAL)


def test_an_analyzer_is_disabled_where_trust_or_delegation_end(
    emulator: Emulator, accounts: Accounts, administrator: Any
) -> None:
    administrator.create_analyzer(**ORGANIZATION)
    until(lambda: status_of(administrator, "organization") == ("ACTIVE", None))
    organizations = emulator.clients.client("organizations")
    organizations.disable_aws_service_access(ServicePrincipal=PRINCIPAL)
    assert status_of(administrator, "organization") == ("DISABLED", "AWS_SERVICE_ACCESS_DISABLED")
    organizations.enable_aws_service_access(ServicePrincipal=PRINCIPAL)
    arguments = {"AccountId": accounts["security"], "ServicePrincipal": PRINCIPAL}
    organizations.deregister_delegated_administrator(**arguments)
    assert status_of(administrator, "organization") == ("DISABLED", "DELEGATED_ADMINISTRATOR_DEREGISTERED")
    organizations.register_delegated_administrator(**arguments)
    assert status_of(administrator, "organization") == ("ACTIVE", None)


def test_a_configuration_belongs_to_its_type(administrator: Any) -> None:
    unused = {"analyzerName": "unused", "type": "ORGANIZATION_UNUSED_ACCESS"}
    administrator.create_analyzer(**unused)
    analyzer = administrator.get_analyzer(analyzerName="unused")["analyzer"]
    assert analyzer["configuration"] == {"unusedAccess": {"unusedAccessAge": 90}}
    assert "configuration" not in administrator.list_analyzers()["analyzers"][0]
    rule = {"exclusions": [{"accountIds": ["123456789012"]}]}
    changed = {"unusedAccess": {"unusedAccessAge": 90, "analysisRule": rule}}
    administrator.update_analyzer(analyzerName="unused", configuration=changed)
    assert administrator.get_analyzer(analyzerName="unused")["analyzer"]["configuration"] == changed
    wrong: list[tuple[Any, dict[str, Any]]] = [
        (administrator.create_analyzer, {**ORGANIZATION, "configuration": {"unusedAccess": {"unusedAccessAge": 30}}}),
        (administrator.create_analyzer, {**unused, "configuration": {"unusedAccess": {"unusedAccessAge": 366}}}),
        (administrator.create_analyzer, {**ORGANIZATION, "analyzerName": "1st"}),
        (administrator.create_analyzer, {**ORGANIZATION, "type": "PLANET"}),
        (
            administrator.update_analyzer,
            {"analyzerName": "unused", "configuration": {"unusedAccess": {"unusedAccessAge": 30}}},
        ),
    ]
    for call, parameters in wrong:
        assert refused(call, **parameters)["code"] == "ValidationException"


def test_tags_are_put_and_taken(administrator: Any) -> None:
    arn = administrator.create_analyzer(**ORGANIZATION)["arn"]
    administrator.tag_resource(resourceArn=arn, tags={"a": "1", "b": "2"})
    administrator.untag_resource(resourceArn=arn, tagKeys=["a", "c"])
    assert administrator.list_tags_for_resource(resourceArn=arn)["tags"] == {"b": "2"}
    missing = refused(administrator.list_tags_for_resource, resourceArn=f"{arn}-2")
    assert missing["code"] == "ResourceNotFoundException"


def test_findings_and_archive_rules_are_refused_by_name(administrator: Any) -> None:
    rules = [{"ruleName": "all", "filter": {"status": {"eq": ["ACTIVE"]}}}]
    refusal = refused(administrator.create_analyzer, **ORGANIZATION, archiveRules=rules)
    assert refusal["code"] == "NotImplementedByEmulator"
    arn = administrator.create_analyzer(**ORGANIZATION)["arn"]
    assert refused(administrator.list_findings_v2, analyzerArn=arn)["code"] == "NotImplementedByEmulator"
