"""A stolen credential of a function does that function's work and no other: function x capability, all of them.

What is expected is what ``template.yaml`` grants; what is found out is what AWS would let the credential do, trust
policies and the broker's own policy included. The sharpest capabilities stand here by name as well.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from botocore import xform_name
from botocore.exceptions import ClientError
from samtranslator.yaml_helper import yaml_parse

from avm.aws.broker import USES, Use
from avm_emulator.deploy.package import package
from avm_emulator.service_catalog.engine import PARSER
from tests.emulator.outsiders import client_with
from tests.end_to_end.capabilities import BROKER, CAPABILITIES, SESSIONS, Capability
from tests.end_to_end.conftest import Machine
from tests.names import ROOT

pytestmark = pytest.mark.timeout(300)  # real seconds, on a busy machine: the first test starts the world
DENIED = {"AccessDenied", "AccessDeniedException", "AuthorizationError"}

FIXED = {PARSER: "ParseParameters", "avm-take-stack": "TakeStack"}
"""Functions whose names are fixed, by AWS or by templates that must name them."""

WHO = {
    "takes the broker to read": {
        *("AdoptAccount", "Api", "PlanAccount", "PlanAdoption"),
        *("AcquireCreationSlot", "AssignAccess", "AttachGuardrails", "AwaitCreation", "AwaitReadiness"),
        *("CreateAccount", "CreateVendingRoles", "EnrollLogging", "EnrollSecurity", "HardenAccount", "MoveAccount"),
        *("ParkAccount", "PlanControls", "QuarantineAccount", "RejectRequest", "ReleaseAccount"),
        *("ReleaseCreationSlot", "RestrictBootstrap", "VerifyAccount", "WatchVends"),
        *("ObserveFoundation", "PrepareLogging", "PrepareSecurity", "RequestAccounts", "ShapeOrganization"),
        *("NoticeDrift", "ObserveDrift", "PlanSweep", "RecordDrift", "ReportFinding", "SweepAccounts"),
    },
    "takes the broker to create-account": {"CreateAccount"},
    "takes the broker to move-account": {"AttachGuardrails", "MoveAccount"},
    "takes the broker to tag-account": {"AdoptAccount", "AttachGuardrails", "ReleaseAccount"},
    "takes the broker to change-policies": {
        *("AttachGuardrails", "ParkAccount", "QuarantineAccount", "ReleaseAccount", "WatchVends"),
    },
    "takes the broker to read-trails": {
        *("ObserveDrift", "ObserveFoundation", "PlanAdoption", "PlanControls", "PlanSweep", "PrepareLogging"),
        *("PlanAccount", "RecordDrift"),
    },
    "takes the broker to write-trails": {"PrepareLogging"},
    "takes the broker to read-foundation": {
        "ObserveFoundation",
        "PlanAccount",
        "PlanFoundation",
        "PrepareLogging",
        "PrepareAccess",
        "PrepareSecurity",
        "RequestAccounts",
        "ShapeOrganization",
    },
    "takes the broker to enable-features": {"ShapeOrganization"},
    "takes the broker to create-units": {"ShapeOrganization"},
    "takes the broker to write-guardrails": {"ShapeOrganization"},
    "takes the broker to delegate-administration": {"ShapeOrganization"},
    "takes the broker to read-designations": {"ObserveFoundation", "PrepareSecurity"},
    "takes the broker to designate": {"PrepareSecurity"},
    "takes the broker to bootstrap": {
        *("AdoptAccount", "AwaitReadiness", "CreateVendingRoles", "PlanAdoption", "RestrictBootstrap"),
    },
    "takes the broker for nothing in particular": set(),
    "takes the broker without the external id": set(),
    "takes the bootstrap role": set(),
    "takes avm-enforce": {"CreateVendingRoles", "EnrollLogging", "EnrollSecurity", "HardenAccount"},
    "takes avm-observe": {
        *("CreateVendingRoles", "EnrollLogging", "EnrollSecurity", "HardenAccount", "RestrictBootstrap"),
        *("ObserveDrift", "ObserveFoundation", "PrepareLogging", "RecordDrift", "SweepAccounts", "VerifyAccount"),
    },
    "starts a vend": {
        "Api",
        "RequestAccounts",
        "TakeEvent",
        "TakeMessage",
        "TakeProvisioning",
        "TakeStack",
        "TakeWebhook",
        "WatchVends",
    },
    "answers for a vend": {
        *("AcquireAccessSlot", "AcquireCreationSlot", "Api", "ParkAccount", "RejectRequest", "ReleaseAccessSlot"),
        *("ReleaseCreationSlot", "RequestApproval", "WatchVends"),
    },
    "gives access": {"AssignAccess"},
    "takes from the request queue": {"TakeMessage"},
    "calls another function": set(),
    "reads the whole table": set(),
    "works in AWS Organizations by itself": set(),
}
"""Who alone can do what matters most; a new function is added here when it needs it."""


def _own_name(function_name: str) -> str:
    """Return the name of a function without those of its stack and of CloudFormation."""
    return FIXED.get(function_name) or function_name.split("-")[1].removesuffix("Function")


class Field:
    """The deployed machine with a vended account, its functions' credentials, and what the template grants."""

    def __init__(self, machine: Machine) -> None:
        self.emulator = emulator = machine.emulator
        account = machine.vend("stolen", type="sandbox")["account_id"]
        application: Callable[[str], Any] = machine.application_client
        self.functions = {
            _own_name(each["FunctionName"]): each for each in application("lambda").list_functions()["Functions"]
        }
        urls = application("sqs").list_queues()["QueueUrls"]
        center = machine.client("sso-admin")
        instance = center.list_instances()["Instances"][0]["InstanceArn"]
        self.names = {
            "account": account,
            "application": emulator.application_account_id,
            "management": emulator.management_account_id,
            "table": application("dynamodb").list_tables()["TableNames"][0],
            "state_machine": next(
                each["stateMachineArn"]
                for each in application("stepfunctions").list_state_machines()["stateMachines"]
                if each["name"] == "avm-vend-account"
            ),
            "RequestQueue": next(url for url in urls if "-RequestQueue-" in url),
            "RequestDeadLetterQueue": next(url for url in urls if "-RequestDeadLetterQueue-" in url),
            "another": self.functions["ReserveAccount"]["FunctionName"],
            "InstanceArn": instance,
            "PermissionSetArn": center.list_permission_sets(InstanceArn=instance)["PermissionSets"][0],
            "TargetId": account,
            "PrincipalId": "00000000-0000-4000-8000-000000000000",
        }

    def can(self, credentials: dict[str, Any], service: str, method: str, parameters: dict[str, Any]) -> bool:
        """Say whether a call is let through; what the service then makes of it does not matter."""
        try:
            getattr(client_with(self.emulator, service, credentials), method)(**parameters)
        except ClientError as error:
            return error.response["Error"]["Code"] not in DENIED
        return True


@pytest.fixture(scope="module")
def field(machine: Machine) -> Field:
    return Field(machine)


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Any]:
    artefacts = tmp_path_factory.mktemp("artefacts")
    for name in _WRITTEN:
        (artefacts / name).mkdir()
    resources: Mapping[str, Any] = package(ROOT / "template.yaml", artefacts, {}, "eu-west-1").template["Resources"]
    return resources


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def is_granted(template: Mapping[str, Any], function: str, capability: Capability) -> bool:
    """Say whether the template grants a capability to a function."""
    for policy in template[f"{function}FunctionRole"]["Properties"]["Policies"]:
        for statement in policy["PolicyDocument"]["Statement"]:
            names = statement.get("Condition", {}).get("StringLike", {}).get("sts:RoleSessionName")
            is_meant = capability.action in _list(statement["Action"])
            if is_meant and capability.mark in json.dumps(statement["Resource"]):
                return names is None or capability.session.replace("{account}", "*") in names
    return False


_WRITTEN = yaml_parse((ROOT / "template.yaml").read_text("utf-8"))["Resources"]
FUNCTIONS = sorted(
    name.removesuffix("Function") for name, each in _WRITTEN.items() if each["Type"] == "AWS::Serverless::Function"
)


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_function_can_do_what_the_template_grants_it_and_nothing_else(
    function: str, field: Field, template: Mapping[str, Any]
) -> None:
    credentials = field.emulator.clients.credentials(field.functions[function]["Role"], "stolen")
    can = {
        each.name: field.can(credentials, each.service, each.method, each.parameters(field.names))
        for each in CAPABILITIES
    }
    assert can == {each.name: is_granted(template, function, each) for each in CAPABILITIES}
    assert {name for name, who in WHO.items() if function in who} == {name for name in WHO if can[name]}


_ORGANIZATIONS: dict[str, dict[str, Any]] = {
    "AttachPolicy": {"PolicyId": "p-mallory1", "TargetId": "111122223333"},
    "CreateOrganizationalUnit": {"ParentId": "r-mall", "Name": "m"},
    "CreatePolicy": {"Name": "m", "Description": "m", "Content": "{}", "Type": "SERVICE_CONTROL_POLICY"},
    "CreateAccount": {"AccountName": "m", "Email": "no mail", "Tags": [{"Key": "avm:request-id", "Value": "m"}]},
    "DescribeAccount": {"AccountId": "111122223333"},
    "DescribeCreateAccountStatus": {"CreateAccountRequestId": "car-0123456789abcdef"},
    "DescribeOrganization": {},
    "DescribePolicy": {"PolicyId": "p-mallory1"},
    "DetachPolicy": {"PolicyId": "p-mallory1", "TargetId": "111122223333"},
    "EnableAWSServiceAccess": {"ServicePrincipal": "mallory.amazonaws.com"},
    "EnablePolicyType": {"RootId": "r-mall", "PolicyType": "SERVICE_CONTROL_POLICY"},
    "ListAWSServiceAccessForOrganization": {},
    "ListAccounts": {},
    "ListAccountsForParent": {"ParentId": "ou-mall-00000001"},
    "ListCreateAccountStatus": {},
    "ListDelegatedAdministrators": {},
    "ListOrganizationalUnitsForParent": {"ParentId": "r-mall"},
    "ListParents": {"ChildId": "111122223333"},
    "ListPolicies": {"Filter": "SERVICE_CONTROL_POLICY"},
    "ListPoliciesForTarget": {"TargetId": "111122223333", "Filter": "SERVICE_CONTROL_POLICY"},
    "ListRoots": {},
    "ListTagsForResource": {"ResourceId": "111122223333"},
    "MoveAccount": {"AccountId": "111122223333", "SourceParentId": "r-mall", "DestinationParentId": "ou-mall-00000001"},
    "RegisterDelegatedAdministrator": {"AccountId": "111122223333", "ServicePrincipal": "mallory.amazonaws.com"},
    "TagResource": {"ResourceId": "111122223333", "Tags": [{"Key": "k", "Value": "v"}]},
    "UpdatePolicy": {"PolicyId": "p-mallory1", "Content": "{}"},
}  # fmt: skip


OTHERWISE = {
    ("create-account", "TagResource"),  # the tags of an account that is being made: by its request's id only
    ("write-guardrails", "AttachPolicy"),  # of OUs only
    ("write-guardrails", "DetachPolicy"),
}
"""(use, operation) whose parameters here are not what the use is for."""


@pytest.mark.parametrize("use", USES, ids=lambda use: use.name)
def test_a_session_of_the_broker_that_nobody_has_narrowed_is_still_good_for_one_use(use: Use, field: Field) -> None:
    broker = BROKER[0].format(**field.names)
    credentials = field.emulator.clients.credentials(broker, SESSIONS[use.name].format(**field.names))
    granted = {action.partition(":")[2] for actions, _ in use.grants for action in actions}
    for operation, parameters in _ORGANIZATIONS.items():
        field.emulator.clock.advance(1)  # nobody is to be refused for the rate
        expected = operation in granted and (use.name, operation) not in OTHERWISE
        assert field.can(credentials, "organizations", xform_name(operation), parameters) == expected, operation
    bootstrap = {"RoleArn": f"arn:aws:iam::{field.names['account']}:role/OrganizationAccountAccessRole"}
    taken = field.can(credentials, "sts", "assume_role", {**bootstrap, "RoleSessionName": "mallory"})
    assert taken == (use.name == "bootstrap")


def test_the_cells_are_counted(figure: list[str]) -> None:
    uses = f"{len(USES)} uses of the broker x {len(_ORGANIZATIONS) + 1} calls"
    cells = f"{len(FUNCTIONS)} functions x {len(CAPABILITIES)} capabilities, {len(FUNCTIONS) * len(CAPABILITIES)} cells"
    figure.append(f"{cells}; {uses}")
