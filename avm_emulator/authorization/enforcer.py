"""Decides each call, and refuses it in AWS's words."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from moto.kms.models import kms_backends
from moto.utilities.utils import get_partition

from avm.domain.policy import PolicyKind, PolicyMalformed, policy
from avm_emulator import service_errors
from avm_emulator.authorization.identities import backend_of
from avm_emulator.authorization.judge import Asker, Context, Judge, Origin, refusal, request_of
from avm_emulator.authorization.resource_policies import object_tags, owner_of, policy_of
from avm_emulator.errors import AwsError
from avm_emulator.organizations.state import organization_of
from avm_emulator.policy import Demand, Place, demands_of

if TYPE_CHECKING:
    from werkzeug import Response

    from avm_emulator.boundary import Call
    from avm_emulator.context import Emulator

_OK = 200
_OF_OBJECTS = {"GetObject", "GetObjectTagging", "HeadObject"}
"""Operations of S3 that ask for the tags of an object that is there (Service Authorization Reference, condition keys);
of those that ask for more than reading nothing is known here."""
_STS_KEYS = {
    "ExternalId": "sts:ExternalId",
    "RoleSessionName": "sts:RoleSessionName",
    "SourceIdentity": "sts:SourceIdentity",
}


class Enforcer:
    """Stands before everything that answers calls."""

    def __init__(self, emulator: Emulator, judge: Judge) -> None:
        """Have the calls of one emulator decided."""
        self._management = emulator.management_account_id
        self._judge = judge
        self._on_decided = emulator.on_decided

    def note(self, call: Call, proceed: Callable[[], Response]) -> Response:
        """Have a call answered, and note what it changes for later decisions (a wrapper)."""
        response = proceed()
        if call.service == "sts" and response.status_code == _OK:
            self._judge.sessions.note(call, response)
        elif call.service == "organizations" and call.mutating:
            self._judge.guardrails.forget()
        return response

    def refuse(self, call: Call) -> None:
        """Raise AwsError for a call that policies do not allow (an interceptor)."""
        if call.is_internal or call.access_key is None:
            return
        try:
            if call.service == "sts" and call.parameters.get("Policy"):
                policy(str(call.parameters["Policy"]), PolicyKind.SESSION, "session policy")
            environ = call.environ
            source_ip, agent = environ.get("REMOTE_ADDR", "127.0.0.1"), environ.get("HTTP_USER_AGENT", "")
            origin = Origin(call.region, call.time, source_ip, agent)
            asker = self._judge.asker(call.principal, call.access_key, origin)
            context = _context(call)
            place = self._place(call)
            for demand in demands_of(call.service, call.operation, call.parameters, place):
                for resource in demand.resources:
                    self._decide(call, asker, demand, resource, context)
        except PolicyMalformed as malformed:
            raise AwsError("MalformedPolicyDocument", str(malformed), 400) from malformed

    def _decide(self, call: Call, asker: Asker, demand: Demand, resource: str, context: Context) -> None:
        owner = owner_of(resource, call.account)
        request = request_of(asker, demand.action, resource, owner, {**context, **demand.context})
        decision = self._judge.decide(asker, request, policy_of(demand.action, resource))
        for tell in self._on_decided:
            tell(call, request, decision.allowed)
        if not decision.allowed:
            raise service_errors.access_denied(call, message=refusal(request, decision))

    def _place(self, call: Call) -> Place:
        organization = organization_of(call.account)
        return Place(
            account=call.account,
            region=call.region,
            partition=get_partition(call.region),
            organization=str(organization.entity.id) if organization else "o-none",
            management_account=self._management,
            look_up=lambda kind, name: _look_up(call, kind, name),
            user=call.principal.arn if call.principal.role_arn is None else "",
        )


def _context(call: Call) -> Context:
    """Return the condition keys that a call's parameters fill."""
    context: dict[str, str | Sequence[str]] = {}
    tags = call.parameters.get("Tags")
    if isinstance(tags, list) and all(isinstance(tag, dict) and "Key" in tag for tag in tags):
        context["aws:TagKeys"] = [str(tag["Key"]) for tag in tags]
        context.update({f"aws:RequestTag/{tag['Key']}": str(tag.get("Value", "")) for tag in tags})
    if call.service == "s3" and call.operation in _OF_OBJECTS:
        tags_held = object_tags(str(call.parameters.get("Bucket")), str(call.parameters.get("Key")))
        context.update({f"s3:ExistingObjectTag/{key}": value for key, value in tags_held.items()})
    if call.service == "sts":
        context.update({key: str(call.parameters[name]) for name, key in _STS_KEYS.items() if name in call.parameters})
        if "TaskPolicyArn" in call.parameters:
            context["sts:TaskPolicyArn"] = str(call.parameters["TaskPolicyArn"].get("arn", ""))
    return context


def _look_up(call: Call, kind: str, name: str) -> str | None:
    """Return the ARN of what the call names otherwise (see ``Place.look_up``)."""
    if kind == "organizations-policy":
        organization = organization_of(call.account)
        found = (each for each in (organization.policies if organization else ()) if each.id == name)
        return next((str(each.arn) for each in found), None)
    if kind == "alias":
        keys = kms_backends[call.account][call.region].keys
        return next((str(key.arn) for key in list(keys.values()) if name in key.aliases), None)
    backend = backend_of(call.account, call.region)
    named = {"role": backend.roles, "user": backend.users, "policy": backend.managed_policies}.get(kind, {})
    return next((str(each.arn) for each in list(named.values()) if each.name == name), None)
