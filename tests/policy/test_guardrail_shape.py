"""What every shipped SCP and RCP has in common, whatever it denies. Decisions are tested where an evaluator is."""

import fnmatch
import functools
import json
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import botocore.session
import pytest
import yaml

from avm.catalog import load_catalog
from avm.domain.guardrail import LONGEST_ORGANIZATION_ID, Guardrail, GuardrailKind

CATALOG_DIR = Path(__file__).parents[2] / "layers" / "catalog" / "catalog"
CATALOG = load_catalog(CATALOG_DIR)
NAMES = sorted(CATALOG.scps)
GUARDRAILS: Mapping[str, Guardrail] = {**CATALOG.scps, **CATALOG.rcps}
EACH = pytest.mark.parametrize("name", sorted(GUARDRAILS))

BROKER = "arn:*:iam::*:role/OrganizationAccountAccessRole"
QUARANTINE_SPARES = {
    BROKER,
    "arn:*:iam::*:role/avm/avm-enforce",
    "arn:*:iam::*:role/avm/avm-observe",
    "arn:*:iam::*:role/stacksets-exec-*",
    "arn:*:iam::*:role/AWSControlTowerExecution",
    "aws:AssumedRoot",
}

# Prefixes of actions that are not the name of their client
CLIENTS = {
    "cloudhsm": ("cloudhsmv2",),
    "elasticfilesystem": ("efs",),
    "s3": ("s3", "s3control"),
}
# Actions that are not called like their operation (verification-and-style 1.6)
OPERATIONS = {
    "s3:GetAccountPublicAccessBlock": "GetPublicAccessBlock",
    "s3:ListAllMyBuckets": "ListBuckets",
    "s3:PutAccountPublicAccessBlock": "PutPublicAccessBlock",
}
# Actions of consoles, which no SDK has; they stand in the Service Authorization Reference
WITHOUT_OPERATION = {
    "account:CloseAccount",
    "aws-marketplace:AcceptAgreementRequest",
    "aws-marketplace:Subscribe",
    "dynamodb:PurchaseReservedCapacityOfferings",
}


def _statements(name: str) -> Iterator[dict[str, Any]]:
    yield from json.loads(GUARDRAILS[name].content)["Statement"]


def _actions(name: str) -> Iterator[str]:
    for statement in _statements(name):
        for element in ("Action", "NotAction"):
            found = statement.get(element, [])
            yield from [found] if isinstance(found, str) else found


@functools.cache
def _operations(prefix: str) -> frozenset[str]:
    session = botocore.session.get_session()
    clients = CLIENTS.get(prefix, (prefix,))
    return frozenset(name for client in clients for name in session.get_service_model(client).operation_names)


@EACH
def test_it_fits_aws(name: str) -> None:
    guardrail, limits = GUARDRAILS[name], CATALOG.organization.limits
    most = {GuardrailKind.SCP: limits.scp_characters, GuardrailKind.RCP: limits.rcp_characters}[guardrail.kind]
    assert len(guardrail.content_in(LONGEST_ORGANIZATION_ID)) <= most
    assert len(guardrail.aws_name) <= 128
    assert len(guardrail.purpose) <= 512


@EACH
def test_it_is_called_as_promised(name: str) -> None:
    assert re.fullmatch(rf"{name}-[0-9a-f]{{8}}", GUARDRAILS[name].aws_name)


@EACH
def test_it_fits_every_partition(name: str) -> None:
    arns = re.findall(r"arn:([^:\"]*):", GUARDRAILS[name].content)
    assert set(arns) <= {"*"}


@EACH
def test_its_wildcards_stand_at_the_end_of_actions(name: str) -> None:
    """The SCP language before September 2025 knew no other, and some partitions and tools still do not."""
    assert all("*" not in action[:-1] and "?" not in action for action in _actions(name))


@EACH
def test_its_actions_exist(name: str) -> None:
    named = {action for action in _actions(name) if action != "*" and not action.endswith(":*")} - WITHOUT_OPERATION
    for action in named:
        prefix, _, operation = action.partition(":")
        assert fnmatch.filter(_operations(prefix), OPERATIONS.get(action, operation)), action


@EACH
def test_its_header_says_what_for_what_it_can_break_whom_it_spares_and_how_to_get_rid_of_it(name: str) -> None:
    guardrail = GUARDRAILS[name]
    written = yaml.safe_load((CATALOG_DIR / guardrail.kind.field / f"{name}.yaml").read_text("utf-8"))
    header = list(written)[: list(written).index("policy")]
    assert header[:4] == ["name", "purpose", "risk", "rollback"]
    of_services = '"aws:PrincipalIsAWSService":"false"'
    spares = any(spared in guardrail.content for spared in ("ArnNotLike", "aws:AssumedRoot", of_services))
    assert ("exempt" in header) == spares
    assert all(len(text.split()) >= 5 for text in (written["purpose"], written["risk"], written["rollback"]))


@pytest.mark.parametrize("ou", CATALOG.organization.ous)
def test_the_scps_of_an_ou_leave_a_slot_free(ou: str, tell: Callable[[str], None]) -> None:
    """Also where an account of a type with SCPs of its own is in quarantine: its slots are its own, not the OU's."""
    scps, full_aws_access, quarantine = CATALOG.ou_guardrails(ou, GuardrailKind.SCP), 1, 1
    assert len(scps) + full_aws_access < 10
    own = [len(each.scps) for each in CATALOG.account_types.values() if each.ou == ou]
    assert all(count + full_aws_access + quarantine < 10 for count in own)
    largest = max(len(scp.content) for scp in scps)
    tell(f"OU {ou}: {len(scps) + full_aws_access} of 10 slots, the largest SCP {largest} of 10,240 characters")


@pytest.mark.parametrize("ou", CATALOG.organization.ous)
def test_the_rcps_of_an_ou_leave_a_slot_free(ou: str, tell: Callable[[str], None]) -> None:
    rcps, full_aws_access = CATALOG.ou_guardrails(ou, GuardrailKind.RCP), 1
    assert len(rcps) + full_aws_access < 5
    largest = max(len(rcp.content_in(LONGEST_ORGANIZATION_ID)) for rcp in rcps)
    tell(f"OU {ou}: {len(rcps) + full_aws_access} of 5 slots, the largest RCP {largest} of 5,120 characters")


def test_the_quarantine_spares_exactly_what_makes_and_verifies_an_account() -> None:
    (statement,) = _statements("avm-quarantine")
    assert (statement["Action"], statement["Resource"]) == ("*", "*")
    assert set(CATALOG.scps["avm-quarantine"].exempt) == QUARANTINE_SPARES
    assert set(statement["Condition"]) == {"ArnNotLike", "Null"}


@pytest.mark.parametrize("name", NAMES)
def test_no_role_is_spared_that_the_quarantine_does_not_know(name: str) -> None:
    # avm-security stands in the security account only, which no other vend puts under quarantine
    assert set(CATALOG.scps[name].exempt) <= QUARANTINE_SPARES | {"arn:*:iam::*:role/avm/avm-security"}


def test_only_the_broker_can_make_or_change_a_role_that_any_scp_spares() -> None:
    (statement,) = (found for found in _statements("avm-protect-baseline") if found["Sid"] == "ProtectExemptedRoles")
    assert statement["Condition"] == {"ArnNotLike": {"aws:PrincipalArn": BROKER}}
    spared = {arn for scp in CATALOG.scps.values() for arn in scp.exempt if arn.startswith("arn:")}
    for arn in spared:
        assert any(fnmatch.fnmatchcase(arn, pattern) for pattern in statement["Resource"]), arn


def test_every_operation_of_iam_that_changes_such_a_role_is_denied() -> None:
    changing = {name for name in _operations("iam") if "Role" in name and not name.startswith(("Get", "List"))}
    (statement,) = (found for found in _statements("avm-protect-baseline") if found["Sid"] == "ProtectExemptedRoles")
    open_ = {name for name in changing if not any(fnmatch.fnmatchcase(f"iam:{name}", p) for p in statement["Action"])}
    # Adding a role to an instance profile changes the profile; using it there needs iam:PassRole, and EC2's trust
    assert open_ == {"AddRoleToInstanceProfile", "RemoveRoleFromInstanceProfile"}


LOOKS = (
    "BatchGet",
    "Describe",
    "Get",
    "List",
    "LookupEvents",
    "Search",
    "Select",
    "GenerateQuery",
    "GenerateRecommended",
)
LEFT_OPEN: dict[str, dict[str, str]] = yaml.safe_load(Path(__file__).with_name("left_open.yaml").read_text("utf-8"))
"""Service -> why -> patterns of operations that are not denied although they change something."""


@pytest.mark.parametrize("service", LEFT_OPEN)
def test_every_operation_that_could_stop_what_watches_is_denied_or_explained(service: str) -> None:
    denied = [action for action in _actions("avm-protect-baseline") if action.startswith(f"{service}:")]
    patterns = [each for patterns in LEFT_OPEN[service].values() for each in patterns.split()]
    open_ = {
        name
        for name in _operations(service)
        if not name.startswith(LOOKS) and not any(fnmatch.fnmatchcase(f"{service}:{name}", each) for each in denied)
    }
    assert {name for name in open_ if not any(fnmatch.fnmatchcase(name, each) for each in patterns)} == set()
    assert [each for each in patterns if not fnmatch.filter(open_, each)] == []


def test_the_services_left_open_in_us_east_1_are_closed_everywhere_else() -> None:
    outside, us_east_1 = _statements("avm-approved-regions")
    assert set(us_east_1["Action"]) <= set(outside["NotAction"])
    approved = set(CATALOG.organization.allowed_regions)
    assert set(outside["Condition"]["StringNotEquals"]["aws:RequestedRegion"]) == approved
    assert set(us_east_1["Condition"]["StringNotEquals"]["aws:RequestedRegion"]) == approved | {"us-east-1"}


@pytest.mark.parametrize("service", ["iam", "organizations", "sts", "route53", "cloudfront", "support", "account"])
def test_services_without_a_region_are_left_open(service: str) -> None:
    outside, us_east_1 = _statements("avm-approved-regions")
    assert f"{service}:*" in outside["NotAction"]
    assert f"{service}:*" not in us_east_1["Action"]
