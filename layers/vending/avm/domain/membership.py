"""What AWS Organizations tells when an account joins or leaves the organization (aws-semantics 1.8).

Only the management account is told, in us-east-1, by service events of CloudTrail.
"""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field


class _Details(BaseModel):
    """``serviceEventDetails``, with botocore's field names (organizations, CreateAccount and LeaveOrganization)."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    account_id: str = Field(alias="accountId", pattern=r"^[0-9]{12}$")
    joined_method: str | None = Field(None, alias="joinedMethod")
    departure_method: str | None = Field(None, alias="departureMethod")


class _Detail(BaseModel):
    """The CloudTrail record in the event."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    event_name: Literal["AccountJoinedOrganization", "AccountDepartedOrganization"] = Field(alias="eventName")
    details: _Details = Field(alias="serviceEventDetails")


class MembershipEvent(BaseModel):
    """An event by which AWS Organizations says that an account has joined or left."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    source: Literal["aws.organizations"]
    """Only AWS can say so: PutEvents refuses a source that begins like this (botocore, events.PutEvents)."""
    detail_type: Literal["AWS Service Event via CloudTrail"] = Field(alias="detail-type")
    account: str = Field(pattern=r"^[0-9]{12}$")
    """In which account it happened: AWS's word, not the sender's."""
    detail: _Detail

    @property
    def account_id(self) -> str:
        """Return the account that has joined or left."""
        return self.detail.details.account_id

    @property
    def has_joined(self) -> bool:
        """Return whether it has joined."""
        return self.detail.event_name == "AccountJoinedOrganization"

    @property
    def method(self) -> str | None:
        """Return how, in AWS's words: Created or Invited; Left, Removed or Cleaned."""
        details = self.detail.details
        return details.joined_method if self.has_joined else details.departure_method
