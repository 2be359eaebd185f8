"""The account request: what someone asks for. Immutable once accepted; ``request_id`` is its idempotency key."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

# 7-bit ASCII without white space and "'()<>[]:;,\|%& (botocore, organizations.CreateAccount; aws-semantics 1.1)
_LOCAL = r"[A-Za-z0-9!#$*+/=?^_`{}~-]+(?:\.[A-Za-z0-9!#$*+/=?^_`{}~-]+)*"
_DOMAIN = r"(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
EMAIL_PATTERN = rf"^{_LOCAL}@{_DOMAIN}$"
REQUEST_ID_PATTERN = r"^[A-Za-z0-9_-]{1,64}$"

# PutAccountName forbids < and > on top of CreateAccount's printable ASCII (botocore, account.PutAccountName)
_NAME_PATTERN = r"^[!-;=?-~](?:[ -;=?-~]*[!-;=?-~])?$"
AccountName = Annotated[str, StringConstraints(min_length=1, max_length=50, pattern=_NAME_PATTERN)]
Email = Annotated[str, StringConstraints(min_length=6, max_length=64, pattern=EMAIL_PATTERN)]
RequestId = Annotated[str, StringConstraints(pattern=REQUEST_ID_PATTERN)]
Region = Annotated[str, StringConstraints(pattern=r"^[a-z]{2}(?:-[a-z]+)+-[0-9]$")]
# organizations.TagResource: letters, digits, white space and _ . : / = + - @ (botocore, organizations.Tag)
TagKey = Annotated[str, StringConstraints(min_length=1, max_length=128, pattern=r"^[\w\s.:/=+\-@]+$")]
TagValue = Annotated[str, StringConstraints(max_length=256, pattern=r"^[\w\s.:/=+\-@]*$")]

_LINE_PATTERN = r"^[^\x00-\x1f\x7f]*\S[^\x00-\x1f\x7f]*$"

_STRICT = ConfigDict(extra="forbid", frozen=True, strict=True)


class Access(BaseModel):
    """One more assignment: a group or a user gets a permission set in the account."""

    model_config = _STRICT

    permission_set: Annotated[str, StringConstraints(min_length=1, max_length=32)]
    group: Annotated[str, StringConstraints(min_length=1, max_length=1024)] | None = None
    user: Annotated[str, StringConstraints(min_length=1, max_length=128)] | None = None

    @model_validator(mode="after")
    def _one_principal(self) -> Access:
        if (self.group is None) == (self.user is None):
            message = "give exactly one of 'group' and 'user'"
            raise ValueError(message)
        return self


class Budget(BaseModel):
    """How much the account may cost."""

    model_config = _STRICT

    monthly_usd: Annotated[float, Field(gt=0, le=100_000_000, allow_inf_nan=False)]


class Contact(BaseModel):
    """An alternate contact as the Account API takes it (botocore, account.PutAlternateContact)."""

    model_config = _STRICT

    name: Annotated[str, StringConstraints(min_length=1, max_length=64)]
    title: Annotated[str, StringConstraints(min_length=1, max_length=50)]
    email: Annotated[str, StringConstraints(min_length=6, max_length=254, pattern=EMAIL_PATTERN)]
    phone: Annotated[str, StringConstraints(min_length=1, max_length=25, pattern=r"^[\s0-9()+-]+$")]


class Contacts(BaseModel):
    """Who AWS turns to."""

    model_config = _STRICT

    security: Contact | None = None
    billing: Contact | None = None
    operations: Contact | None = None


class Ticket(BaseModel):
    """The ticket that the request belongs to."""

    model_config = _STRICT

    system: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{0,31}$")]
    id: Annotated[str, StringConstraints(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9._-]+$")]


class AccountRequest(BaseModel):
    """What someone asks for (interfaces.md, "Account request"); unknown fields are refused."""

    model_config = _STRICT

    name: AccountName
    type: Annotated[str, StringConstraints(min_length=1, max_length=64)]
    owner: Annotated[str, StringConstraints(max_length=254, pattern=EMAIL_PATTERN)]
    cost_center: Annotated[str, StringConstraints(min_length=1, max_length=64)]
    purpose: Annotated[str, StringConstraints(min_length=1, max_length=256, pattern=_LINE_PATTERN)]
    request_id: RequestId | None = None
    email: Email | None = None
    regions: Annotated[tuple[Region, ...], Field(min_length=1, max_length=64, strict=False)] | None = None
    access: Annotated[tuple[Access, ...], Field(max_length=100, strict=False)] = ()
    budget: Budget | None = None
    contacts: Contacts | None = None
    tags: Annotated[dict[TagKey, TagValue], Field(max_length=40)] = Field(default_factory=dict)
    ticket: Ticket | None = None

    def canonical(self) -> str:
        """Return the request as canonical JSON, without its id: what "the same body" means."""
        body = self.model_dump(mode="json", exclude_none=True, exclude={"request_id"})
        return json.dumps(body, sort_keys=True, separators=(",", ":"))

    def digest(self) -> str:
        """Return the SHA-256 of the canonical request, in hex."""
        return hashlib.sha256(self.canonical().encode()).hexdigest()


TICKETING = "ticketing"
"""The door of a request that came by a webhook."""

SERVICE_CATALOG = "service-catalog"
"""The door of a request that came by a product of Service Catalog: its id is that of the record there."""

SERVICE_CATALOG_STACK = "service-catalog-stack"
"""The door of a request that came by the stack of a product of Service Catalog: its id holds that of the stack."""


class Requester(BaseModel):
    """Who asked, and through which door."""

    model_config = ConfigDict(frozen=True)

    door: str
    principal: str
    on_behalf_of: str | None = None


Status = Literal["PENDING_APPROVAL", "QUEUED", "IN_PROGRESS", "READY", "PARKED", "REJECTED", "CANCELLED"]

OPEN: frozenset[Status] = frozenset({"PENDING_APPROVAL", "QUEUED", "IN_PROGRESS"})
"""Statuses in which a vend is under way."""


ApprovalDecision = Literal["approve", "reject"]
"""What somebody may decide, about a request or a proposed repair."""


class Approval(BaseModel):
    """What somebody has decided about a request."""

    model_config = ConfigDict(frozen=True)

    decision: ApprovalDecision
    principal: str
    time: str
    comment: str = ""


class RequestRecord(BaseModel):
    """The request's record: the accepted request and what has become of it."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    schema_version: int = 1
    request_id: str
    status: Status
    request: AccountRequest
    digest: str
    email: str
    regions: tuple[str, ...]
    requester: Requester
    event_id: str | None = None
    """The sender's event, where the request came by one: what is told of it names that."""
    catalog_version: str
    created_at: str
    updated_at: str
    attempt: int = 1
    arrival: int = 0
    """Its number among all accepted requests: first come, first served."""
    approval: Approval | None = None
    adopts: str | None = None
    """The account that is to be brought under the machine: none is created, and it is never quarantined."""
    adopted_from: str | None = None
    """The root or OU in which the account stood when its adoption began."""
    account_id: str | None = None
    creation_intent_at: str | None = None
    creation_called_at: str | None = None
    create_request_id: str | None = None
    failed_creations: tuple[str, ...] = ()
    """CreateAccount requests of AWS that ended without an account."""
    interruptions: int = 0
    """Attempts in a row whose execution ended without recording why."""
    stuck_since: str | None = None
    """When the watchdog has found that the vend does not get on."""
    ready_at: str | None = None
    error: Mapping[str, Any] | None = None
    errors: tuple[Mapping[str, Any], ...] = ()
    steps: tuple[Mapping[str, Any], ...] = ()

    @property
    def told(self) -> Mapping[str, Any]:
        """Return what events about the request hold so that its sender knows it again."""
        told: dict[str, Any] = {} if self.event_id is None else {"event_id": self.event_id}
        if self.requester.door == TICKETING and self.request.ticket is not None:
            told |= {"webhook": self.requester.principal, "ticket": self.request.ticket.model_dump()}
        if self.requester.door == SERVICE_CATALOG:
            told["record_id"] = self.request_id
        return told

    @property
    def name(self) -> str:
        """Return the account's name."""
        return self.request.name
