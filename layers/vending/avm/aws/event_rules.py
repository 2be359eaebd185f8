"""EventBridge rules on the default bus of an account, in one Region."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from avm.aws.errors import translated, unless
from avm.aws.partial import check_failed_entries


@dataclass(frozen=True)
class Rule:
    """A rule, as far as it matters: what it sees, whether it does, and where to."""

    pattern: Mapping[str, Any]
    enabled: bool
    targets: Mapping[str, tuple[str, str]]
    """Id -> (ARN, role ARN)."""


class EventRules:
    """Rules on the default bus."""

    def __init__(self, client: Any) -> None:
        """``client``: of boto3, with the credentials of a session in the account."""
        self._client = client

    def rule(self, name: str) -> Rule | None:
        """Return a rule with its targets; None where there is none."""
        with translated(), unless("ResourceNotFoundException"):
            rule = self._client.describe_rule(Name=name)
            listed = self._client.list_targets_by_rule(Rule=name)["Targets"]  # 5 at most, so one page
            targets = {each["Id"]: (each["Arn"], each.get("RoleArn", "")) for each in listed}
            return Rule(json.loads(rule.get("EventPattern", "{}")), rule["State"] == "ENABLED", targets)
        return None

    def put_rule(self, name: str, description: str, pattern: Mapping[str, Any]) -> None:
        """Make a rule, or make it see this; it is enabled."""
        with translated():
            self._client.put_rule(Name=name, Description=description, EventPattern=json.dumps(pattern), State="ENABLED")

    def put_target(self, name: str, target_id: str, arn: str, role_arn: str) -> None:
        """Let a rule send to a target in a role; raises UnexpectedAwsError where AWS does not take it."""
        with translated():
            answer = self._client.put_targets(Rule=name, Targets=[{"Id": target_id, "Arn": arn, "RoleArn": role_arn}])
        check_failed_entries(answer)

    def remove_targets(self, name: str, target_ids: list[str]) -> None:
        """Let a rule send to these targets no more; raises UnexpectedAwsError where AWS does not do so."""
        with translated():
            answer = self._client.remove_targets(Rule=name, Ids=target_ids)
        check_failed_entries(answer)
