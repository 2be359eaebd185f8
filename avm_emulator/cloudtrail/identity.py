"""Who made a call, as CloudTrail writes it: the element ``userIdentity``."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from moto.iam.exceptions import NotFoundException
from moto.iam.models import iam_backends
from moto.utilities.utils import get_partition

if TYPE_CHECKING:
    from avm_emulator.boundary import Call
    from avm_emulator.context import Emulator


class Identities:
    """Writes identities; those of sessions, which make nearly all calls, are remembered."""

    def __init__(self, emulator: Emulator) -> None:
        """Identities are those of ``emulator``'s partition."""
        self._partition = get_partition(emulator.region)
        self._sessions: dict[str, dict[str, Any]] = {}

    def of(self, call: Call) -> dict[str, Any]:
        """Return the identity behind a call: a service, a session, a user or root.

        The time at which a session began is not known here, so ``sessionContext`` does not tell it.
        """
        service = self._service_behind(call)
        if service is not None:
            return {"type": "AWSService", "invokedBy": service}
        principal, access_key = call.principal, str(call.access_key)
        if principal.role_arn is not None:
            if access_key not in self._sessions:
                self._sessions[access_key] = self._session(call, principal.role_arn)
            return self._sessions[access_key]
        common = {"arn": principal.arn, "accountId": principal.account, "accessKeyId": access_key}
        if principal.name == "root":
            return {"type": "Root", "principalId": principal.account, **common}
        name = principal.name.removeprefix("user/")
        user = iam_backends[principal.account][self._partition].get_user(name)
        return {"type": "IAMUser", "principalId": user.id, **common, "userName": name}

    def _session(self, call: Call, role_arn: str) -> dict[str, Any]:
        principal = call.principal
        role_id = self._role_id(principal.account, role_arn)
        issuer = {
            "type": "Role",
            "principalId": role_id,
            "arn": role_arn,
            "accountId": principal.account,
            "userName": role_arn.rpartition("/")[2],
        }
        return {
            "type": "AssumedRole",
            "principalId": f"{role_id}:{principal.session_name}",
            "arn": principal.arn,
            "accountId": principal.account,
            "accessKeyId": call.access_key,
            "sessionContext": {"sessionIssuer": issuer, "attributes": {"mfaAuthenticated": "false"}},
        }

    def _role_id(self, account: str, role_arn: str) -> str:
        try:
            return str(iam_backends[account][self._partition].get_role_by_arn(role_arn).id)
        except NotFoundException:  # deleted while its sessions live on
            return ""

    def _service_behind(self, call: Call) -> str | None:
        """Return the service for which the emulator itself assumes a role; None when it is somebody else's call."""
        if not call.is_internal or call.operation != "AssumeRole":
            return None
        role_arn = call.parameters.get("RoleArn", "")
        roles = iam_backends[role_arn.split(":")[4]][self._partition].roles.values() if role_arn.count(":") > 4 else ()  # noqa: PLR2004  arn:aws:iam::ACCOUNT:role
        role = next((role for role in roles if role.arn == role_arn), None)
        if role is None:
            return None
        statements = json.loads(role.assume_role_policy_document)["Statement"]
        for statement in statements if isinstance(statements, list) else [statements]:
            principal = statement.get("Principal", {})
            service = principal.get("Service") if isinstance(principal, dict) else None
            if service:
                return str(service if isinstance(service, str) else service[0])
        return None
