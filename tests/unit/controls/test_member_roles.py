"""The controls inside a member account do with what they declare: in the machine's roles, in quarantine, under SCPs."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from avm.aws.probes import MemberClients
from avm.controls.policies import enforce_policy, observe_policy
from avm.controls.registry import all_controls
from avm.domain.errors import AccessDenied
from avm_emulator.engine import Options, RunningEmulator, start
from tests.unit.controls.conftest import Place, RoleClients
from tests.unit.controls.member import LOGS, flow_logs_bucket, log_archive
from tests.unit.controls.test_member_controls import BREAKS, REGION

pytestmark = pytest.mark.timeout(180)  # default VPCs stand in 17 Regions

REGIONS = ("eu-west-1", "eu-central-1", "us-east-1")
BORN_TRUE = {"image-public-access-block", "no-iam-users", "vpc-flow-logs"}
"""What a new account has already is broken first, in one Region."""
GUARDRAILS = ("avm-quarantine", "avm-protect-baseline", "avm-approved-regions", "avm-require-encryption")


class InRole(Place):
    """The ways to an account in one of the machine's roles there."""

    role: str

    def member(self, region: str | None = None) -> MemberClients:
        return RoleClients(self.emulator, region, f"arn:aws:iam::{self.account_id}:role/avm/{self.role}")


@pytest.fixture(scope="module")
def running() -> Iterator[RunningEmulator]:
    with start(Options(speed="max", deploy=False, one_account=True)) as running:
        yield running


@pytest.fixture
def roles(place: Place, running: RunningEmulator) -> tuple[InRole, InRole]:
    """Make both roles in a new account and put it in quarantine; return the ways to look, and to enforce."""
    controls = [all_controls()[name] for name in BREAKS]
    iam = place.member().client("iam")
    found = []
    for name, policy_of in (("avm-observe", observe_policy), ("avm-enforce", enforce_policy)):
        policy = policy_of(controls, "member", partition="aws", account_id=place.account_id)
        trust: dict[str, Any] = {"Effect": "Allow", "Principal": {"AWS": "123456789012"}, "Action": "sts:AssumeRole"}
        document = json.dumps({"Version": "2012-10-17", "Statement": [trust]})
        iam.create_role(RoleName=name, Path="/avm/", AssumeRolePolicyDocument=document)
        iam.put_role_policy(RoleName=name, PolicyName=name, PolicyDocument=json.dumps(policy))
        way = InRole(running, place.catalog, place.account_id)
        way.role = name
        found.append(way)
    organizations = place.emulator.clients.client("organizations")
    policies = organizations.get_paginator("list_policies").paginate(Filter="SERVICE_CONTROL_POLICY")
    for policy in (each for page in policies for each in page["Policies"]):
        if policy["Name"].startswith(GUARDRAILS):
            organizations.attach_policy(PolicyId=policy["Id"], TargetId=place.account_id)
    if not place.emulator.clients.client("s3").list_buckets()["Buckets"]:
        log_archive(place)
    flow_logs_bucket(place)
    return found[0], found[1]


@pytest.mark.parametrize("name", BREAKS)
def test_all_is_made_true_and_looked_at_in_the_machines_own_roles(
    place: Place, roles: tuple[InRole, InRole], name: str
) -> None:
    observing, enforcing = roles
    control = all_controls()[name]
    if name in BORN_TRUE:
        BREAKS[name](place)
    for region in ((REGION,) if name in BORN_TRUE else REGIONS) if control.scope == "region" else (None,):
        target = observing.target(region, **LOGS)
        assert control.observe(target, observing).status == "violated"
        assert control.enforce(target, enforcing)
        observing.emulator.clock.advance(120)
        assert control.observe(target, observing).status == "compliant"


@pytest.mark.parametrize("name", BREAKS)
def test_who_looks_cannot_change_anything(place: Place, roles: tuple[InRole, InRole], name: str) -> None:
    observing, _ = roles
    if name in BORN_TRUE:
        BREAKS[name](place)
    control = all_controls()[name]
    target = observing.target("eu-central-1" if control.scope == "region" else None, **LOGS)
    with pytest.raises(AccessDenied):
        control.enforce(target, observing)
