"""What the tests of controls in member accounts have in common: the log archive's bucket, faults, what was asked."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import requests

from avm.controls.control import Control
from avm_emulator.policy.actions import actions_of
from avm_emulator.policy.dependent_actions import PASSED_ROLES
from tests.unit.controls.conftest import Place

LOG_ARCHIVE = "222233334444"
BUCKET = f"avm-config-{LOG_ARCHIVE}-eu-west-1"
FLOW_LOGS = f"avm-flow-logs-{LOG_ARCHIVE}-eu-west-1"
WITHOUT_A_ROLE = {("ec2", "CreateFlowLogs")}
"""Into a bucket they are delivered without one."""
LOGS: dict[str, Any] = {"log_archive_account_id": LOG_ARCHIVE}
"""Facts of a foundation that has a log archive."""


def log_archive(place: Place, *, admits: bool = True) -> None:
    """Make the log archive's bucket for AWS Config, which admits Config or not."""
    _bucket(place, BUCKET, "config.amazonaws.com", admits=admits)


def flow_logs_bucket(place: Place, *, admits: bool = True) -> None:
    """Make the log archive's bucket for flow logs, unless it is there; it admits their deliveries or not."""
    _bucket(place, FLOW_LOGS, "delivery.logs.amazonaws.com", admits=admits)


def _bucket(place: Place, name: str, service: str, *, admits: bool) -> None:
    s3 = place.emulator.clients.client("s3")
    if name not in {bucket["Name"] for bucket in s3.list_buckets()["Buckets"]}:
        s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    statement = {
        "Effect": "Allow" if admits else "Deny",
        "Principal": {"Service": service},
        "Action": ["s3:GetBucketAcl", "s3:PutObject"],
        "Resource": [f"arn:aws:s3:::{name}", f"arn:aws:s3:::{name}/AWSLogs/*"],
    }
    s3.put_bucket_policy(Bucket=name, Policy=json.dumps({"Version": "2012-10-17", "Statement": [statement]}))


@contextmanager
def fault(place: Place, service: str, operation: str, kind: str, **which: int) -> Iterator[None]:
    """Let calls of one operation go wrong in the block: ``times`` or ``nth``, by default all."""
    url = f"{place.emulator.endpoint_url}/_emulator/faults"
    rule = {"service": service, "operation": operation, "fault": kind, **(which or {"probability": 1})}
    requests.put(url, json=[rule], timeout=30).raise_for_status()
    try:
        yield
    finally:
        requests.delete(url, timeout=30).raise_for_status()


def granted(control: Control, *, enforces: bool) -> set[str]:
    """Return the actions that a control declares to look, or to enforce as well."""
    grants = (*control.observe_grants, *(control.enforce_grants if enforces else ()))
    return {action for grant in grants for action in grant.actions}


def asked(place: Place, since: int) -> set[str]:
    """Return the actions that calls in the account have asked for after the call with number ``since``."""
    calls = list(place.emulator.calls.select(since=since, account=place.account_id))
    return {action for call in calls for action in actions_of(call.service, call.operation)} | {
        "iam:PassRole" for call in calls if (call.service, call.operation) in PASSED_ROLES.keys() - WITHOUT_A_ROLE
    }
