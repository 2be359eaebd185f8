"""Whether a signer may call an API: its resource policy, where API Gateway asks for it.

Identity policies are not evaluated here.
https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-authorization-flow.html
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from moto.utilities.utils import get_partition

from avm_emulator.front.credentials import Credentials
from avm_emulator.front.errors import ACCESS_DENIED, GatewayError
from avm_emulator.front.rest_apis import StagedApi
from avm_emulator.functions.permissions import Request, allows, denies, organization_key


def check(signer: Credentials, api: StagedApi, http_method: str, path: str) -> None:
    """Raise GatewayError (403) for a signer whom the resource policy denies, or does not allow from another account.

    Callers of the API's own account need no resource policy.
    """
    arn = f"arn:{get_partition(api.region)}:execute-api:{api.region}:{api.account_id}:{api.api_id}"
    resource = f"{arn}/{api.stage}/{http_method}{path}"
    context = {"aws:PrincipalAccount": signer.account_id, **organization_key(signer.account_id)}
    asked = Request(signer.account_id, "execute-api:Invoke", resource, context)
    policy = _written_out(api.deployed.policy, arn)
    if not denies(policy, asked) and (signer.account_id == api.account_id or allows(policy, asked)):
        return
    shown = resource.replace(f":{api.account_id}:", f":********{api.account_id[-4:]}:")
    message = f"User: {signer.user_arn} is not authorized to perform: execute-api:Invoke on resource: {shown}"
    raise GatewayError(ACCESS_DENIED, message)


def _written_out(policy: Mapping[str, Any], arn: str) -> Mapping[str, Any]:
    """Return a resource policy with ``execute-api:/stage/…`` written out, as API Gateway saves it."""
    written: Mapping[str, Any] = json.loads(json.dumps(policy).replace('"execute-api:/', f'"{arn}/'))
    return written
