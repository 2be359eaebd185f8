"""Policies of resources, and who owns a resource: read from moto's backends."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from moto.awslambda.models import lambda_backends
from moto.events.models import events_backends
from moto.kms.models import kms_backends
from moto.s3.models import FakeDeleteMarker, s3_backends
from moto.sns.models import sns_backends
from moto.sqs.models import sqs_backends
from werkzeug.exceptions import HTTPException

from avm.domain.policy import Policy, PolicyKind, policy
from avm_emulator.authorization.identities import backend_of

_OF_THE_ORGANIZATION = frozenset({"account", "budgets", "cloudtrail", "identitystore", "organizations", "sso"})


def owner_of(arn: str, caller: str) -> str:
    """Return the account that owns a resource; the caller's own where the ARN does not tell, or tells of the service.

    ARNs of Organizations, of the account service and of the organization's trail hold the management account, and
    Identity Center's none; who may call them is not decided by a policy of the resource.
    """
    _, _, service, _, account, name = arn.split(":", 5) if arn.count(":") >= 5 else ("", "", "", "", "", "")  # noqa: PLR2004
    if service == "iam" and name == "root":
        return caller  # AssumeRoot: a root user has no trust policy that could admit anybody
    if service == "s3":
        return str(s3_backends.bucket_accounts.get(name.partition("/")[0], ("", caller))[1])
    return account if service not in _OF_THE_ORGANIZATION and account.isdecimal() else caller


def object_tags(bucket: str, key: str) -> Mapping[str, str]:
    """Return the tags of an object; none where there is no such object, or it is deleted: a marker has none."""
    partition, account = s3_backends.bucket_accounts.get(bucket, ("", ""))
    if not account:
        return {}
    backend = s3_backends[account][partition]
    held = backend.buckets[bucket].keys.get(key)
    if held is None or isinstance(held, FakeDeleteMarker):
        return {}
    return dict(backend.tagger.get_tag_dict_for_resource(held.arn))


def policy_of(action: str, arn: str) -> Policy | None:
    """Return the policy of the resource ``arn``; for ``sts:Assume*`` and its kin the trust policy of the role."""
    if arn.count(":") < 5:  # noqa: PLR2004
        return None
    _, _, service, region, account, name = arn.split(":", 5)
    reader = _READERS.get(service)
    is_trust = service == "iam" and action.startswith("sts:")
    if reader is None or (service == "iam" and not is_trust):
        return None
    try:
        document = reader(account, region, name, arn)
    except (KeyError, StopIteration, HTTPException):  # there is no such resource; the service says so
        return None
    if not document:
        return None
    text = document if isinstance(document, str) else json.dumps(document)
    return policy(text, PolicyKind.TRUST if is_trust else PolicyKind.RESOURCE, arn)


def _bucket(_: str, __: str, name: str, ___: str) -> Any:
    bucket = name.partition("/")[0]
    partition, account = s3_backends.bucket_accounts[bucket]
    document = s3_backends[account][partition].buckets[bucket].policy
    return document.decode() if document else None


def _role(account: str, _: str, __: str, arn: str) -> Any:
    roles = backend_of(account, "us-east-1" if arn.startswith("arn:aws:") else _partition_region(arn)).roles
    return next(role for role in list(roles.values()) if role.arn == arn).assume_role_policy_document


def _partition_region(arn: str) -> str:
    return "cn-north-1" if arn.startswith("arn:aws-cn:") else "us-gov-west-1"


def _bus(account: str, region: str, name: str, _: str) -> Any:
    return events_backends[account][region].event_buses[name.removeprefix("event-bus/")].policy


def _function(account: str, region: str, name: str, _: str) -> Any:
    held = lambda_backends[account][region].get_function(name.split(":")[1]).policy
    return held.get_policy()["Policy"] if held is not None and held.statements else None


_READERS: Mapping[str, Callable[[str, str, str, str], Any]] = {
    "events": _bus,
    "iam": _role,
    "kms": lambda account, region, name, _: kms_backends[account][region].keys[name.removeprefix("key/")].policy,
    "lambda": _function,
    "s3": _bucket,
    "sns": lambda account, region, _, arn: sns_backends[account][region].topics[arn].policy,
    "sqs": lambda account, region, name, _: sqs_backends[account][region].queues[name].policy,
}
