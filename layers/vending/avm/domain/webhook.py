"""A ticketing system that asks for accounts by webhooks: how it signs, what its payload means, where its answers go."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from avm.domain.catalog_model import CatalogModel, Text

SourceName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{0,31}$")]
Expression = Annotated[str, StringConstraints(min_length=1, max_length=8192, pattern=r"\S")]
"""JMESPath; the loader tells whether it is one."""
AnswersUrl = Annotated[
    str,
    StringConstraints(max_length=2048, pattern=r"^(https://[^\s/?#@]+|http://127\.0\.0\.1:[0-9]{1,5})(/[^\s?#]*)?$"),
]
"""An address behind TLS; a test's own on this very machine needs none."""


class WebhookSource(CatalogModel):
    """One ticketing system that asks for accounts by webhooks."""

    name: SourceName = Field(
        description="Name of the source and of its file: it stands in the path, and names the secret."
    )
    description: Text = Field(description="What it sends, and when.")
    signature: Literal["hmac-timestamp", "x-hub-signature"] = Field(
        description="How it signs: the time and the body (within five minutes), or the body alone, as Jira does."
    )
    delivery: Expression = Field(
        description="JMESPath of what tells one delivery from another, in the payload: unsigned headers tell nothing."
    )
    requested_by: Expression = Field(description="JMESPath of the person in whose name the ticket was written.")
    ticket_system: SourceName = Field(description="Which of `ticket_systems` the tickets are of.")
    ticket: Expression = Field(description="JMESPath of the ticket's id.")
    request: Expression = Field(
        description="JMESPath that makes the request of the payload; what it gives as null is left out."
    )
    answers: AnswersUrl = Field(description="Address to which is posted what becomes of its requests.")
