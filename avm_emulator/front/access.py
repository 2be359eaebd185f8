"""Whether a signer may call an API: his own policies and the API's resource policy, as API Gateway asks them.

In the API's own account one of the two is enough, across accounts it takes both.
https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-authorization-flow.html
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from moto.utilities.utils import get_partition

from avm.domain.policy import Policies, Policy, PolicyKind, Principal, evaluate, policy
from avm.domain.policy import Request as Wanted
from avm_emulator.authorization.judge import Asker, Origin, request_of
from avm_emulator.context import Emulator
from avm_emulator.front.credentials import Credentials
from avm_emulator.front.errors import ACCESS_DENIED, GatewayError
from avm_emulator.front.request import Request
from avm_emulator.front.rest_apis import StagedApi

_INVOKE = "execute-api:Invoke"


def asker_of(emulator: Emulator, signer: Credentials, request: Request, region: str, time: float) -> Asker:
    """Return who calls an API in a Region, with his policies."""
    origin = Origin(region, time, request.source_ip, request.headers.get("User-Agent", ""))
    principal = emulator.boundary.principals.of(signer.access_key_id)
    return emulator.judge.asker(principal, signer.access_key_id, origin)


def check(emulator: Emulator, asker: Asker, api: StagedApi, http_method: str, path: str) -> None:
    """Raise GatewayError (403) for a caller whom policies do not let call an API."""
    resource = _resource(api, http_method, path)
    wanted = request_of(asker, _INVOKE, resource, api.account_id, {})
    if not emulator.judge.decide(asker, wanted, _guard(api)).allowed:
        raise _denied(asker.caller.principal.arn, resource, api)


def check_anybody(api: StagedApi, request: Request, http_method: str, path: str) -> None:
    """Raise GatewayError (403) for a method without authorization that the API's resource policy does not open to all.

    Without a policy it is open; with one, what the policy does not allow is denied.
    """
    guard = _guard(api)
    if guard is None:
        return
    resource = _resource(api, http_method, path)
    context = {"aws:SecureTransport": "true", "aws:SourceIp": request.source_ip}
    wanted = Wanted(Principal.anonymous(), _INVOKE, (resource,), api.account_id, context)
    if not evaluate(wanted, Policies(resource=guard)).allowed:
        raise _denied("anonymous", resource, api)


def _arn(api: StagedApi) -> str:
    return f"arn:{get_partition(api.region)}:execute-api:{api.region}:{api.account_id}:{api.api_id}"


def _resource(api: StagedApi, http_method: str, path: str) -> str:
    return f"{_arn(api)}/{api.stage}/{http_method}{path}"


def _guard(api: StagedApi) -> Policy | None:
    written = _written_out(api.deployed.policy, _arn(api))
    return policy(json.dumps(written), PolicyKind.RESOURCE, _arn(api)) if written else None


def _denied(who: str, resource: str, api: StagedApi) -> GatewayError:
    shown = resource.replace(f":{api.account_id}:", f":********{api.account_id[-4:]}:")
    return GatewayError(ACCESS_DENIED, f"User: {who} is not authorized to perform: {_INVOKE} on resource: {shown}")


def _written_out(guard: Mapping[str, Any], arn: str) -> Mapping[str, Any]:
    """Return a resource policy with ``execute-api:/stage/…`` written out, as API Gateway saves it."""
    written: Mapping[str, Any] = json.loads(json.dumps(guard).replace('"execute-api:/', f'"{arn}/'))
    return written
