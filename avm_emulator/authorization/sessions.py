"""What a session was made with: moto forgets its tags and managed session policies."""

from __future__ import annotations

import re
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from avm_emulator.calls import iso8601

if TYPE_CHECKING:
    from werkzeug import Response

    from avm_emulator.boundary import Call

_ACCESS_KEY = re.compile(rb"<AccessKeyId>(\w+)</AccessKeyId>")


@dataclass(frozen=True)
class Session:
    """The parameters of one session."""

    policy: str | None = None
    policy_arns: tuple[str, ...] = ()
    task_policy_arn: str | None = None
    """Of AssumeRoot: it denies all but the task, and allows nothing (a root user needs no permission)."""
    tags: Mapping[str, str] = field(default_factory=dict)
    keys: Mapping[str, str] = field(default_factory=dict)
    """Condition keys that the session carries."""

    @property
    def is_limited(self) -> bool:
        """Whether it has session policies."""
        return self.policy is not None or bool(self.policy_arns)


_PLAIN = Session()


class Sessions:
    """The sessions that were made through STS, by access key."""

    def __init__(self) -> None:
        """Begin without any."""
        self._sessions: dict[str, Session] = {}
        self._lock = threading.Lock()

    def of(self, access_key: str) -> Session:
        """Return what is known of a session; one made otherwise has neither policies nor tags."""
        return self._sessions.get(access_key, _PLAIN)

    def note(self, call: Call, response: Response) -> None:
        """Note the session that a call to STS has made, if it has."""
        found = _ACCESS_KEY.search(response.get_data())
        if found is None:
            return
        given = call.parameters
        keys = {"aws:TokenIssueTime": iso8601(call.time)}
        if given.get("SourceIdentity"):
            keys["aws:SourceIdentity"] = str(given["SourceIdentity"])
        if call.operation == "AssumeRoot":
            keys["aws:AssumedRoot"] = "true"
        session = Session(
            policy=given.get("Policy") or None,
            policy_arns=tuple(str(each["arn"]) for each in given.get("PolicyArns", ())),
            task_policy_arn=given.get("TaskPolicyArn", {}).get("arn"),
            tags={str(tag["Key"]): str(tag["Value"]) for tag in given.get("Tags", ())},
            keys=keys,
        )
        with self._lock:
            self._sessions[found[1].decode()] = session
