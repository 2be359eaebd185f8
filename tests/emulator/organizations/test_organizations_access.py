"""Who may call what; trusted access and delegated administrators."""

from __future__ import annotations

import inspect
import json
import re

import boto3
import botocore.session
import pytest
from botocore import xform_name
from botocore.config import Config
from moto.core.utils import camelcase_to_underscores

from avm_emulator.context import Emulator
from avm_emulator.organizations import accounts, features, lifecycle
from avm_emulator.organizations.front import CALLERS, Callers
from avm_emulator.service_front import OperationFunction
from tests.emulator.organizations.conftest import Refused, World

MODEL = botocore.session.get_session().get_service_model("organizations")
OPERATIONS = {camelcase_to_underscores(name): name for name in MODEL.operation_names}
NOT_SAID = {
    accounts.close_account: Callers.MANAGEMENT,  # the user guide: "from the management account"
    features.accept_handshake: Callers.MANAGEMENT,  # "Only the management account": the handshake that is modelled
    features.cancel_handshake: Callers.MANAGEMENT,  # "Only the account that sent a handshake"
    lifecycle.create_organization: Callers.MEMBER,  # of no organization yet
    lifecycle.delete_organization: Callers.MANAGEMENT,  # "only by using credentials from the management account"
}
"""What the documentation in the model says in other words or not at all."""


def documented(function: OperationFunction) -> Callers:
    html = MODEL.operation_model(OPERATIONS[function.__name__]).documentation
    words = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", html))
    if "management account or a member account that is a delegated administrator" in words:
        return Callers.DELEGATED
    if re.search(r"only call this operation from the (organization's )?management account", words):
        return Callers.MANAGEMENT
    if "from any account in a organization" in words or "from a member account" in words:
        return Callers.MEMBER
    return NOT_SAID[function]


@pytest.mark.parametrize("function", CALLERS, ids=lambda function: function.__name__)
def test_who_may_call_an_operation_is_what_its_documentation_says(function: OperationFunction) -> None:
    assert CALLERS[function] is documented(function)


@pytest.mark.parametrize("function", CALLERS, ids=lambda function: function.__name__)
def test_an_operation_takes_exactly_the_members_of_its_input(function: OperationFunction) -> None:
    shape = MODEL.operation_model(OPERATIONS[function.__name__]).input_shape
    parameters = inspect.signature(function).parameters.values()
    taken = {p.name for p in parameters if p.kind is p.KEYWORD_ONLY}
    required = {p.name for p in parameters if p.kind is p.KEYWORD_ONLY and p.default is p.empty}
    assert taken == ({xform_name(name) for name in shape.members} if shape else set())
    assert required == ({xform_name(name) for name in shape.required_members} if shape else set())


def test_a_member_sees_its_organization_and_nothing_else(world: World, refused: Refused) -> None:
    member = world.as_member(world.account())
    ours = world.client.describe_organization()["Organization"]
    assert member.describe_organization()["Organization"] == ours
    calls = {
        member.list_accounts: {},
        member.list_roots: {},
        member.describe_account: {"AccountId": "123456789012"},
        member.create_account: {"AccountName": "x", "Email": "x@example.com"},
        member.attach_policy: {"PolicyId": "p-FullAWSAccess", "TargetId": world.root_id},
    }
    for call, arguments in calls.items():
        assert refused(call, **arguments)[0] == "AccessDeniedException"


def test_a_delegated_administrator_reads_and_manages_policies_but_no_accounts(world: World, refused: Refused) -> None:
    account_id = world.account()
    world.client.enable_aws_service_access(ServicePrincipal="sso.amazonaws.com")
    world.client.register_delegated_administrator(AccountId=account_id, ServicePrincipal="sso.amazonaws.com")
    member = world.as_member(account_id)
    assert [account["Id"] for account in member.list_accounts()["Accounts"]] == ["123456789012", account_id]
    member.tag_resource(ResourceId=account_id, Tags=[{"Key": "a", "Value": "1"}])
    creating = refused(member.create_account, AccountName="x", Email="x@example.com")
    assert creating[0] == "AccessDeniedException"
    world.client.deregister_delegated_administrator(AccountId=account_id, ServicePrincipal="sso.amazonaws.com")
    assert refused(member.list_accounts)[0] == "AccessDeniedException"


def test_an_account_without_an_organization_hears_so(empty: Emulator, refused: Refused) -> None:
    client = empty.clients.client("organizations")
    for call in (client.describe_organization, client.list_accounts, client.leave_organization):
        assert refused(call)[0] == "AWSOrganizationsNotInUseException"


@pytest.mark.parametrize("principal", ["iam.amazonaws.com", "securityhub.amazonaws.com", "ram.amazonaws.com"])
def test_services_of_today_get_trusted_access(world: World, principal: str) -> None:
    for _ in range(2):
        world.client.enable_aws_service_access(ServicePrincipal=principal)
    enabled = world.client.list_aws_service_access_for_organization()["EnabledServicePrincipals"]
    assert [service["ServicePrincipal"] for service in enabled] == [principal]
    world.client.disable_aws_service_access(ServicePrincipal=principal)
    assert world.client.list_aws_service_access_for_organization()["EnabledServicePrincipals"] == []


def test_a_misspelt_service_is_refused(world: World, refused: Refused) -> None:
    enabling = refused(world.client.enable_aws_service_access, ServicePrincipal="secruityhub.amazonaws.com")
    assert enabling == ("InvalidInputException", "UNRECOGNIZED_SERVICE_PRINCIPAL")


@pytest.mark.parametrize("principal", ["securityhub.amazonaws.com", "inspector2.amazonaws.com", "iam.amazonaws.com"])
def test_a_member_becomes_administrator_of_a_trusted_service(world: World, refused: Refused, principal: str) -> None:
    account_id = world.account()
    arguments = {"AccountId": account_id, "ServicePrincipal": principal}
    register = world.client.register_delegated_administrator
    assert refused(register, **arguments) == ("ConstraintViolationException", "SERVICE_ACCESS_NOT_ENABLED")
    world.client.enable_aws_service_access(ServicePrincipal=principal)
    register(**arguments)
    assert refused(register, **arguments)[0] == "AccountAlreadyRegisteredException"
    (admin,) = world.client.list_delegated_administrators(ServicePrincipal=principal)["DelegatedAdministrators"]
    assert (admin["Id"], admin["State"]) == (account_id, "ACTIVE")
    services = world.client.list_delegated_services_for_account(AccountId=account_id)["DelegatedServices"]
    assert [service["ServicePrincipal"] for service in services] == [principal]
    removing = refused(world.client.remove_account_from_organization, AccountId=account_id)
    assert removing[1] == "CANNOT_REMOVE_DELEGATED_ADMINISTRATOR_FROM_ORG"


def test_neither_the_management_account_nor_a_closed_one_becomes_an_administrator(
    world: World, refused: Refused
) -> None:
    principal = "guardduty.amazonaws.com"
    world.client.enable_aws_service_access(ServicePrincipal=principal)
    closed = world.account()
    world.client.close_account(AccountId=closed)
    register = world.client.register_delegated_administrator
    for account_id, reason in (
        ("123456789012", "CANNOT_REGISTER_MASTER_AS_DELEGATED_ADMINISTRATOR"),
        (closed, "CANNOT_REGISTER_SUSPENDED_ACCOUNT_AS_DELEGATED_ADMINISTRATOR"),
    ):
        assert refused(register, AccountId=account_id, ServicePrincipal=principal)[1] == reason


def test_a_service_that_knows_no_administrator_is_refused(world: World, refused: Refused) -> None:
    registering = refused(
        world.client.register_delegated_administrator,
        AccountId=world.account(),
        ServicePrincipal="ram.amazonaws.com",
    )
    assert registering[1] == "UNRECOGNIZED_SERVICE_PRINCIPAL"


@pytest.mark.parametrize(
    ("principal", "most", "reason"),
    [
        ("access-analyzer.amazonaws.com", 1, "DELEGATED_ADMINISTRATOR_EXISTS_FOR_THIS_SERVICE"),
        (
            "config-multiaccountsetup.amazonaws.com",
            3,
            "MAX_DELEGATED_ADMINISTRATORS_FOR_SERVICE_LIMIT_EXCEEDED",
        ),
    ],
)
def test_a_service_takes_so_many_administrators(
    world: World, refused: Refused, principal: str, most: int, reason: str
) -> None:
    world.client.enable_aws_service_access(ServicePrincipal=principal)
    account_ids = [world.account(f"admin{number}") for number in range(most + 1)]
    register = world.client.register_delegated_administrator
    for account_id in account_ids[:most]:
        register(AccountId=account_id, ServicePrincipal=principal)
    assert refused(register, AccountId=account_ids[most], ServicePrincipal=principal) == (
        "ConstraintViolationException",
        reason,
    )
    world.client.deregister_delegated_administrator(AccountId=account_ids[0], ServicePrincipal=principal)
    register(AccountId=account_ids[most], ServicePrincipal=principal)


def test_an_account_that_administers_nothing_is_not_registered(world: World, refused: Refused) -> None:
    arguments = {"AccountId": world.account()}
    assert refused(world.client.list_delegated_services_for_account, **arguments)[0] == "AccountNotRegisteredException"
    arguments["ServicePrincipal"] = "sso.amazonaws.com"
    error = refused(world.client.deregister_delegated_administrator, **arguments)
    assert error[0] == "AccountNotRegisteredException"


def test_the_resource_policy_is_written_read_and_deleted(world: World, refused: Refused) -> None:
    assert refused(world.client.describe_resource_policy)[0] == "ResourcePolicyNotFoundException"
    content = json.dumps({"Version": "2012-10-17", "Statement": []})
    written = world.client.put_resource_policy(Content=content)["ResourcePolicy"]
    changed = world.client.put_resource_policy(Content=content + " ")["ResourcePolicy"]
    assert changed["ResourcePolicySummary"] == written["ResourcePolicySummary"]
    assert world.client.describe_resource_policy()["ResourcePolicy"]["Content"] == content + " "
    assert refused(world.client.put_resource_policy, Content="{")[1] == "INVALID_RESOURCE_POLICY_JSON"
    world.client.delete_resource_policy()
    assert refused(world.client.describe_resource_policy)[0] == "ResourcePolicyNotFoundException"


def test_an_operation_that_is_not_modelled_says_so(world: World, refused: Refused) -> None:
    code, _ = refused(world.client.describe_effective_policy, PolicyType="TAG_POLICY")
    assert code == "NotImplementedByEmulator"


def test_a_request_without_a_required_member_is_invalid(world: World, refused: Refused) -> None:
    unchecked = boto3.client(
        "organizations",
        region_name="us-east-1",
        endpoint_url=world.emulator.endpoint_url,
        aws_access_key_id="AKIA",
        aws_secret_access_key="secret",  # noqa: S106  nobody verifies it
        config=Config(parameter_validation=False),
    )
    assert refused(unchecked.create_account, AccountName="one") == ("InvalidInputException", "INPUT_REQUIRED")
