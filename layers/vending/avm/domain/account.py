"""An account under the machine, as its own index keeps it; AWS's tags and OUs are the truth behind it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from pydantic import BaseModel, ConfigDict

from avm.domain.account_request import AccountRequest

AccountStatus = Literal["VENDING", "FOUNDATION", "READY", "PARKED", "DEPARTED"]

REQUEST_ID_TAG = "avm:request-id"
"""Set in the CreateAccount call itself: it says whose the account is (aws-semantics 1.1)."""

TYPE_TAG = "avm:type"
RELEASED_TAG = "avm:released-at"
COST_TAGS = (TYPE_TAG, "cost-center", "owner")
"""Those by which bills are told apart."""
"""An account that carries it is never quarantined by a vend, a retry or an adoption (design, section 5)."""


class AccountRecord(BaseModel):
    """The account object of the API; times are ISO 8601."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    schema_version: int = 1
    account_id: str
    name: str
    email: str
    type: str
    ou: str
    status: AccountStatus
    request_id: str
    created_at: str
    ready_at: str | None = None
    departed_at: str | None = None
    """When it was found to have left the organization."""
    catalog_version: str
    compliance: Mapping[str, int] | None = None
    """How many controls the last observation has found in each status; None before the first."""

    @property
    def outcome(self) -> AccountStatus:
        """Return what a vend that has come to its end makes of it: FOUNDATION where a control is deferred."""
        return "FOUNDATION" if (self.compliance or {}).get("deferred") else "READY"


def account_tags(request: AccountRequest, request_id: str) -> dict[str, str]:
    """Return the account's tags; the request id is among them from birth on, so that the account is known as ours."""
    return {
        **request.tags,
        "owner": request.owner,
        "cost-center": request.cost_center,
        REQUEST_ID_TAG: request_id,
        TYPE_TAG: request.type,
    }
