"""The resources that a call is authorised on, from its parameters."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from itertools import product
from typing import Any

from avm_emulator.policy.place import Place
from avm_emulator.policy.templates import ALL_OF, TEMPLATES

Parameters = Mapping[str, Any]
_FIELD = re.compile(r"\{([\w.]+)\}")
_ALL = ("*",)


def resources_of(service: str, operation: str, parameters: Parameters, place: Place) -> tuple[str, ...]:
    """Return the ARNs that an operation is authorised on; ``*`` alone where its action takes no resource."""
    special = _SPECIAL.get(service)
    found = tuple(dict.fromkeys((special or _by_template)(service, operation, parameters, place)))
    return found or _ALL


def _by_template(service: str, operation: str, parameters: Parameters, place: Place) -> Iterator[str]:
    table = TEMPLATES.get(service, {})
    every = service in ALL_OF
    for template in table.get(operation, table.get("*", ())):
        filled = list(_filled(template, parameters, place))
        yield from filled
        if filled and not every:
            return


def _filled(template: str, parameters: Parameters, place: Place) -> Iterator[str]:
    """Yield the ARNs of a template, none where a field is not given."""
    fixed = {
        "partition": place.partition,
        "region": place.region,
        "account": place.account,
        "organization": place.organization,
        "management": place.management_account,
    }
    fields = [field for field in _FIELD.findall(template) if field not in fixed]
    for combination in product(*(list(values_at(parameters, field)) for field in fields)):
        values = {**fixed, **dict(zip(fields, combination, strict=True))}
        # What is given as an ARN is that ARN; only what follows it in the template is added
        is_arn = bool(combination) and combination[0].startswith("arn:")
        start, rest = (combination[0], template.partition(f"{{{fields[0]}}}")[2]) if is_arn else ("", template)
        rest = rest if not is_arn or _FIELD.search(rest) else ""
        yield start + _FIELD.sub(partial(_value, values), rest)


def _value(values: Mapping[str, str], match: re.Match[str]) -> str:
    return values[match[1]]


def values_at(parameters: Parameters, path: str) -> Iterator[str]:
    """Yield the texts at a path of the parameters (``Targets.RoleArn``); a list on the way gives one each."""
    yield from _values(parameters, path.split("."))


def _values(data: Any, path: list[str]) -> Iterator[str]:
    if isinstance(data, list):
        for item in data:
            yield from _values(item, path)
    elif not path:
        if data not in (None, ""):
            yield str(data)
    elif isinstance(data, Mapping) and path[0] in data:
        yield from _values(data[path[0]], path[1:])


# ---- services whose parameters are not what their ARNs hold ----------------------------------------------------------
_KINDS = ((r"\d{12}", "account"), (r"ou-.+", "ou"), (r"r-.+", "root"), (r"h-.+", "handshake"))
_ORGANIZATION_WIDE = frozenset(
    {"CreateAccount", "DescribeCreateAccountStatus", "DisableAWSServiceAccess", "EnableAWSServiceAccess"}
)


def _organizations(_: str, operation: str, parameters: Parameters, place: Place) -> Iterator[str]:
    """Yield an ARN for each id in the parameters."""
    if operation in _ORGANIZATION_WIDE:
        return
    base = f"arn:{place.partition}:organizations::{place.management_account}"
    if operation == "CreatePolicy":
        yield f"{base}:policy/{place.organization}/{str(parameters.get('Type', '*')).lower()}/*"
    for field, value in parameters.items():
        if not isinstance(value, str) or not field.endswith("Id"):
            continue
        if re.fullmatch(r"p-[A-Za-z0-9]+", value):
            known = place.look_up("organizations-policy", value)
            yield known or f"{base}:policy/{place.organization}/service_control_policy/{value}"
        for pattern, kind in _KINDS:
            if re.fullmatch(pattern, value):
                yield f"{base}:{kind}/{place.organization}/{value}"


_IAM_FIELDS = {
    "RoleName": "role",
    "UserName": "user",
    "GroupName": "group",
    "PolicyName": "policy",
    "InstanceProfileName": "instance-profile",
}
_IAM_ARNS = ("PolicyArn", "SAMLProviderArn", "OpenIDConnectProviderArn")
_OF_CALLER = frozenset(
    f"{verb}{kind}"
    for verb, kind in (
        *(("Create", "AccessKey"), ("Delete", "AccessKey"), ("List", "AccessKeys"), ("Update", "AccessKey")),
        *(("Create", "LoginProfile"), ("Delete", "LoginProfile"), ("Get", "LoginProfile")),
        *(("Delete", "SigningCertificate"), ("List", "SigningCertificates"), ("List", "MFADevices"), ("Get", "User")),
    )
)
_OF_GROUPS = {"AddUserToGroup", "RemoveUserFromGroup"}
"""They ask for the group alone, whoever the user is."""
_MADE = {"CreateRole", "CreateUser", "CreateGroup", "CreatePolicy", "CreateInstanceProfile"}


def _iam(_: str, operation: str, parameters: Parameters, place: Place) -> Iterator[str]:
    """Yield the identity that the call is about; its ARN holds its path, which the call does not."""
    base = f"arn:{place.partition}:iam::{place.account}"
    if operation == "CreateServiceLinkedRole":
        yield f"{base}:role/aws-service-role/{parameters.get('AWSServiceName', '*')}/*"
    elif operation == "CreateSAMLProvider":
        yield f"{base}:saml-provider/{parameters.get('Name', '*')}"
    for field, kind in _IAM_FIELDS.items():
        if field in parameters and not (field == "UserName" and operation in _OF_GROUPS):
            name = str(parameters[field])
            path = str(parameters.get("Path", "/"))
            known = None if operation in _MADE else place.look_up(kind, name)
            yield known or f"{base}:{kind}{path}{name}"
            return
    for field in _IAM_ARNS:
        if field in parameters:
            yield str(parameters[field])
            return
    if operation in _OF_CALLER and place.user:
        yield place.user


def _kms(_: str, operation: str, parameters: Parameters, place: Place) -> Iterator[str]:
    """Yield the key, also where it is named by an alias (KMS Developer Guide, "Using aliases to control access")."""
    base = f"arn:{place.partition}:kms:{place.region}:{place.account}"
    if operation in {"CreateAlias", "DeleteAlias"}:
        yield f"{base}:{parameters.get('AliasName', 'alias/*')}"
    for field in ("KeyId", "TargetKeyId", "SourceKeyId", "DestinationKeyId"):
        key = str(parameters.get(field, ""))
        if not key:
            continue
        before, is_alias, name = key.rpartition("alias/")
        if is_alias and before in {"", f"{base}:"}:
            yield place.look_up("alias", f"alias/{name}") or f"{base}:alias/{name}"
        else:
            yield key if key.startswith("arn:") else f"{base}:key/{key}"


def _sqs(_: str, operation: str, parameters: Parameters, place: Place) -> Iterator[str]:
    """Yield the queue of ``https://host/account/name``, or of a name."""
    if "QueueUrl" in parameters:
        account, name = str(parameters["QueueUrl"]).rstrip("/").split("/")[-2:]
        yield f"arn:{place.partition}:sqs:{place.region}:{account}:{name}"
    elif operation != "ListQueues" and "QueueName" in parameters:
        owner = parameters.get("QueueOwnerAWSAccountId", place.account)
        yield f"arn:{place.partition}:sqs:{place.region}:{owner}:{parameters['QueueName']}"


def _events(service: str, operation: str, parameters: Parameters, place: Place) -> Iterator[str]:
    """Yield buses and rules; a bus may be given by its ARN, and the default one stands in no rule's ARN."""
    named = dict(parameters)
    if "EventBusName" in named:
        named["EventBusName"] = str(named["EventBusName"]).rpartition("event-bus/")[2].replace("default", "")
    if "Entries" in named:
        named["Entries"] = [{"EventBusName": "default", **entry} for entry in named["Entries"]]
    yield from _by_template(service, operation, named, place)


_SPECIAL: Mapping[str, Callable[[str, str, Parameters, Place], Iterator[str]]] = {
    "events": _events,
    "iam": _iam,
    "kms": _kms,
    "organizations": _organizations,
    "sqs": _sqs,
}
