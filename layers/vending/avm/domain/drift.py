"""What CloudTrail has recorded of a call, as a hint that a control may be untrue (aws-semantics 9)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from fnmatch import fnmatchcase
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

ORGANIZATION_WIDE = frozenset({"cloudtrail.amazonaws.com", "organizations.amazonaws.com"})
"""Services whose calls in the management account, where they name no account, are about all of them."""

_NAMES_ACCOUNTS = frozenset({"accountid", "accountids", "resourceid", "targetid"})
"""Parameters that say which accounts a call is about, in lower case: services write them differently."""
_ACCOUNT = re.compile(r"[0-9]{12}")
BUDGETS = "budgets.amazonaws.com"
_BUDGET = re.compile(r"^avm-([0-9]{12})$")
"""Budgets stand in the management account, and their names say whose they are (``avm.aws.budgets``)."""
_MANAGED_BY_AWS = ("*/AWSControlTowerExecution", "*/stacksets-exec-*", "*:role/aws-service-role/*")


class Actor(BaseModel):
    """Who made a call, as CloudTrail has it (``userIdentity``)."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    arn: str = ""
    invoked_by: str = Field("", alias="invokedBy")
    session: Mapping[str, Any] = Field(default_factory=dict, alias="sessionContext")

    @property
    def role(self) -> str:
        """Return the ARN of the role whose session it was; "" where it was none."""
        return str(self.session.get("sessionIssuer", {}).get("arn", ""))

    @property
    def name(self) -> str:
        """Return the ARN by which it is named to people: of a role, not of one of its sessions."""
        return self.role or self.arn or self.invoked_by

    @property
    def is_managed_by_aws(self) -> bool:
        """Return whether a service of AWS made the call for itself: Control Tower, StackSets, service-linked roles."""
        return self.invoked_by.endswith(".amazonaws.com") or any(
            fnmatchcase(self.role, pattern) for pattern in _MANAGED_BY_AWS
        )


class _Detail(BaseModel):
    """The CloudTrail record in an event."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    event_id: str = Field(alias="eventID", min_length=1)
    event_source: str = Field(alias="eventSource", min_length=1)
    event_name: str = Field(alias="eventName", min_length=1)
    event_time: str = Field(alias="eventTime", min_length=1)
    error_code: str | None = Field(None, alias="errorCode")
    actor: Actor = Field(default_factory=Actor, alias="userIdentity")
    parameters: Mapping[str, Any] | None = Field(None, alias="requestParameters")


class RecordedCall(BaseModel):
    """An event with the detail-type ``AWS API Call via CloudTrail``."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    source: str = Field(pattern=r"^aws\.")
    """Only AWS can say so: PutEvents refuses a source that begins like this (botocore, events.PutEvents)."""
    detail_type: str = Field(alias="detail-type", pattern=r"^AWS API Call via CloudTrail$")
    account: str = Field(pattern=r"^[0-9]{12}$")
    """In which account it happened: AWS's word, not the sender's."""
    region: str
    detail: _Detail

    def accounts(self, management_account_id: str) -> frozenset[str] | None:
        """Return the accounts that it may be about; None: all of the organization."""
        named = frozenset(self._named())
        if named:
            return named
        if self.account == management_account_id and self.detail.event_source in ORGANIZATION_WIDE:
            return None
        return frozenset({self.account})

    def cause(self) -> dict[str, Any]:
        """Return what is told of it with the drift that it has hinted at."""
        return {
            "event_id": self.detail.event_id,
            "event": f"{self.detail.event_source.partition('.')[0]}:{self.detail.event_name}",
            "actor": self.detail.actor.name,
            "managed_by_aws": self.detail.actor.is_managed_by_aws,
            "time": self.detail.event_time,
            "region": self.region,
        }

    def _named(self) -> list[str]:
        found: list[str] = []
        for name, value in (self.detail.parameters or {}).items():
            if name.lower() in _NAMES_ACCOUNTS:
                values = value if isinstance(value, list) else [value]
                found += [each for each in values if isinstance(each, str) and _ACCOUNT.fullmatch(each)]
            elif self.detail.event_source == BUDGETS:
                named = value.get("budgetName") if isinstance(value, Mapping) else value
                found += _BUDGET.findall(named) if isinstance(named, str) else []
        return found
