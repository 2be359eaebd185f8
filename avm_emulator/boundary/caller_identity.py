"""``sts:GetCallerIdentity`` of a root user, which moto does not know: it answers ``user/moto``."""

from __future__ import annotations

from werkzeug import Response

from avm_emulator.boundary.call import Call


def answer_root(call: Call) -> Response | None:
    """Answer GetCallerIdentity when root asks (an interceptor); moto answers users and sessions."""
    if (call.service, call.operation) != ("sts", "GetCallerIdentity") or call.principal.name != "root":
        return None
    return call.answer({"UserId": call.account, "Account": call.account, "Arn": call.principal.arn})
