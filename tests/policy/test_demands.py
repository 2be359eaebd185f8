"""What calls ask of IAM: as written in ``calls.yaml``, and as data from the Service Authorization Reference has it."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import botocore.session
import pytest
import yaml

from avm.domain.policy.control_policies import RCP_SERVICES
from avm_emulator.policy import Demand, Place, demands_of
from avm_emulator.policy.actions import EXCEPTIONS, actions_of, prefix_of
from avm_emulator.policy.dependent_actions import (
    DESIGNATIONS,
    LINKED_ROLES,
    OF_ADMINISTRATORS,
    PASSED_ROLES,
    PUT_TAGS,
)
from avm_emulator.policy.templates import TEMPLATES
from tests.names import ROOT
from tests.policy.cases import HOME, MANAGEMENT
from tests.policy.oracle import needs_simulator, reason_to_skip, simulate

CALLS = yaml.safe_load((Path(__file__).parent / "calls.yaml").read_text("utf-8"))
KNOWN = {
    ("role", "known"): f"arn:aws:iam::{HOME}:role/avm/known",
    ("alias", "alias/known"): f"arn:aws:kms:eu-west-1:{HOME}:key/behind",
}
PLACE = Place(HOME, "eu-west-1", "aws", "o-abcde12345", MANAGEMENT, lambda kind, name: KNOWN.get((kind, name)))
IAM_DATA = ROOT / "node_modules" / "@cloud-copilot" / "iam-data" / "data"

SERVICES = sorted(set(TEMPLATES) | {"iam", "kms", "organizations", "sqs"})
"""Services whose resources are known here."""

WITHOUT_ACTION = {
    "account": {"SendPhoneNumberVerification", "VerifyPhoneNumber"},
    "cloudformation": {"RemoveAlias", "SetAlias"},
    "cloudtrail": {"ListInsightsMetricData"},
    "dynamodb": {
        *("BatchExecuteStatement", "ExecuteStatement", "ExecuteTransaction"),  # PartiQL
        *("CancelBulkOperation", "DescribeBulkOperation", "ListBulkOperations", "StartBulkPutItems"),
        "TransactWriteItems",  # an action for each item
    },
    "guardduty": {"ListInvestigationRecords"},
    "iam": {"AcquireRole", "UpdateDelegationRequest"},
    "kms": {"Decapsulate", "Encapsulate"},
    "lambda": {"DeleteDurableExecution", "PauseDurableExecution", "ResumeDurableExecution"},
    "logs": {"GetLogObject"},
    "s3": {
        *("CreateBucketMetadataConfiguration", "DeleteBucketMetadataConfiguration", "GetBucketMetadataConfiguration"),
        *("CreateSession", "ListDirectoryBuckets", "RenameObject", "WriteGetObjectResponse"),
    },
    "secretsmanager": {
        *("AssociateCrossAccountReplica", "DisassociateCrossAccountReplica", "ListResourcePolicies"),
    },
    "securityhub": {
        *("BatchUpdateFindingsV2", "CancelExportJobV2", "GetExportJobV2", "GetFindingStatisticsV2", "GetFindingsV2"),
        *("GetRemediationsV2", "GetSoftwareResourcesV2", "GetSoftwareStatisticsV2", "GetSoftwareV2"),
        *("ListExportJobsV2", "ListExposuresByRemediationV2", "RegisterConnectorV2", "StartExportJobV2"),
    },
}
"""Operations of botocore whose action the data does not have: too new, or of another kind. EC2 has 28 such, all new."""


def _demands(row: dict[str, Any]) -> tuple[Demand, ...]:
    service, operation = row["call"].split()
    return demands_of(service, operation, row["with"], PLACE)


@cache
def _actions(prefix: str) -> dict[str, Any]:
    data: dict[str, Any] = json.loads((IAM_DATA / "actions" / f"{prefix}.json").read_text("utf-8"))
    return data


needs_data = pytest.mark.skipif(not IAM_DATA.is_dir(), reason=str(reason_to_skip()))


@pytest.mark.parametrize("row", [pytest.param(row, id=f"{row['call']} {number}") for number, row in enumerate(CALLS)])
def test_a_call_asks_for_what_is_written(row: dict[str, Any]) -> None:
    asked = [f"{demand.action} {resource}" for demand in _demands(row) for resource in demand.resources]
    assert asked == row["asks"]


@pytest.mark.parametrize("row", [pytest.param(row, id=f"{row['call']} {number}") for number, row in enumerate(CALLS)])
def test_the_parameters_of_a_written_call_are_boto3s(row: dict[str, Any]) -> None:
    service, operation = row["call"].split()
    shape = botocore.session.get_session().get_service_model(service).operation_model(operation).input_shape
    assert set(row["with"]) <= set(shape.members if shape else ())


def test_every_service_has_a_written_call() -> None:
    assert {row["call"].split()[0] for row in CALLS} >= set(SERVICES)


def test_the_service_that_a_role_is_passed_to_is_a_condition_key() -> None:
    role = f"arn:aws:iam::{HOME}:role/l"
    (_, passed) = demands_of("lambda", "CreateFunction", {"FunctionName": "f", "Role": role}, PLACE)
    assert passed == Demand("iam:PassRole", (role,), {"iam:PassedToService": "lambda.amazonaws.com"})


def test_a_service_linked_role_that_is_there_is_not_made() -> None:
    place = Place(HOME, "eu-west-1", look_up=lambda kind, _: "arn" if kind == "role" else None)
    assert [demand.action for demand in demands_of("guardduty", "CreateDetector", {}, place)] == [
        "guardduty:CreateDetector"
    ]


def test_an_administrator_of_config_needs_to_see_that_he_is_one_and_the_management_account_does_not() -> None:
    call = ("config", "DeleteOrganizationConformancePack", {"OrganizationConformancePackName": "avm-p"})
    (own, beside) = demands_of(*call, PLACE)
    pack = f"arn:aws:config:{PLACE.region}:{PLACE.account}:organization-conformance-pack/avm-p-*"
    assert own == Demand("config:DeleteOrganizationConformancePack", (pack,))
    assert beside.action == "organizations:ListDelegatedAdministrators"
    assert demands_of(*call, replace(PLACE, management_account=PLACE.account)) == (own,)


@needs_data
@pytest.mark.parametrize("service", [*SERVICES, "scheduler"])
def test_every_operation_has_an_action(service: str) -> None:
    operations = botocore.session.get_session().get_service_model(service).operation_names
    missing = {
        operation
        for operation in operations
        for action in actions_of(service, operation)
        if action.partition(":")[2].lower() not in _actions(prefix_of(service))
    }
    expected = WITHOUT_ACTION.get(service, set())
    assert (len(missing) == 28) if service == "ec2" else (missing == expected)


@needs_data
def test_no_exception_is_one_without_need() -> None:
    needless = [
        (service, operation)
        for service, table in EXCEPTIONS.items()
        for operation in table
        if operation.lower() in _actions(prefix_of(service)) and service != "s3control"
    ]
    assert needless == []


@needs_data
def test_every_dependent_action_exists() -> None:
    for tags in PUT_TAGS.values():
        prefix, _, name = tags.action.partition(":")
        assert name.lower() in _actions(prefix), tags


def test_every_operation_with_dependent_actions_exists() -> None:
    session = botocore.session.get_session()
    for table in (PASSED_ROLES, LINKED_ROLES, PUT_TAGS, DESIGNATIONS, OF_ADMINISTRATORS):
        for service, operation in table:
            model = session.get_service_model(service).operation_model(operation)
            fields = [role.field for role in PASSED_ROLES.get((service, operation), ())]
            fields += [PUT_TAGS[service, operation].field] if table is PUT_TAGS else []
            members = set(model.input_shape.members) if model.input_shape else set()
            assert {field.partition(".")[0] for field in fields} <= members, (service, operation)


@needs_simulator
def test_every_demand_is_one_that_the_reference_knows() -> None:
    asked = [
        (demand.action, resource)
        for row in CALLS
        for demand in _demands(row)
        for resource in demand.resources
        if demand.action != "sts:GetCallerIdentity" and (demand.action, resource) != ("dynamodb:BatchGetItem", "*")
    ]
    full = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
    answers = simulate(
        [
            {
                "request": {
                    "principal": f"arn:aws:iam::{HOME}:user/alice",
                    "action": action,
                    "resource": {"resource": resource, "accountId": HOME},
                    "contextVariables": {},
                },
                "identityPolicies": [{"name": "all", "policy": full}],
                "serviceControlPolicies": [],
                "resourceControlPolicies": [],
            }
            for action, resource in asked
        ]
    )
    unknown = [
        (each, answer["errors"]) for each, answer in zip(asked, answers, strict=True) if answer["result"] == "error"
    ]
    assert unknown == []


@needs_data
def test_the_services_that_rcps_apply_to_are_those_of_the_reference() -> None:
    supported = json.loads((IAM_DATA / "rcpSupportedServices.json").read_text("utf-8"))
    assert set(supported) == RCP_SERVICES
