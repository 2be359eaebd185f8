"""Whether a signer may call an API: his own policies and the API's resource policy, as API Gateway asks them.

In the API's own account one of the two is enough, across accounts it takes both.
https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-authorization-flow.html
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from moto.utilities.utils import get_partition

from avm.domain.policy import PolicyKind, policy
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
    arn = f"arn:{get_partition(api.region)}:execute-api:{api.region}:{api.account_id}:{api.api_id}"
    resource = f"{arn}/{api.stage}/{http_method}{path}"
    written = _written_out(api.deployed.policy, arn)
    guard = policy(json.dumps(written), PolicyKind.RESOURCE, arn) if written else None
    wanted = request_of(asker, _INVOKE, resource, api.account_id, {})
    if emulator.judge.decide(asker, wanted, guard).allowed:
        return
    shown = resource.replace(f":{api.account_id}:", f":********{api.account_id[-4:]}:")
    message = f"User: {asker.caller.principal.arn} is not authorized to perform: {_INVOKE} on resource: {shown}"
    raise GatewayError(ACCESS_DENIED, message)


def _written_out(guard: Mapping[str, Any], arn: str) -> Mapping[str, Any]:
    """Return a resource policy with ``execute-api:/stage/…`` written out, as API Gateway saves it."""
    written: Mapping[str, Any] = json.loads(json.dumps(guard).replace('"execute-api:/', f'"{arn}/'))
    return written
