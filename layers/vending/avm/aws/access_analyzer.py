"""IAM Access Analyzer of the delegated administrator in one Region."""

from __future__ import annotations

from dataclasses import dataclass

from avm.aws.errors import translated
from avm.aws.probes import MemberClients
from avm.domain.errors import FoundationBehind

ORGANIZATION = "ORGANIZATION"
"""The type that finds what is shared with somebody outside the organization (botocore: Type)."""


@dataclass(frozen=True)
class Analyzer:
    """An analyzer as AWS shows it."""

    type: str
    status: str
    """``CREATING``, ``ACTIVE``, ``DISABLED`` or ``FAILED``."""
    reason: str
    """AWS's code for the status; empty where it works."""


class Analyzers:
    """The analyzers that an account has in one Region."""

    def __init__(self, clients: MemberClients, region: str) -> None:
        """``clients``: of the delegated administrator, in the Region."""
        self._client = clients.client("accessanalyzer")
        self._region = region

    def all(self) -> dict[str, Analyzer]:
        """Return the analyzers by name."""
        with translated():
            pages = self._client.get_paginator("list_analyzers").paginate()
            return {
                each["name"]: Analyzer(each["type"], each["status"], each.get("statusReason", {}).get("code", ""))
                for page in pages
                for each in page["analyzers"]
            }

    def create(self, name: str) -> None:
        """Begin to make an analyzer of the organization; raises FoundationBehind where AWS admits no further one."""

        def full(sentence: str) -> FoundationBehind:
            return FoundationBehind(f"in {self._region} an analyzer of the organization has to go first: {sentence}")

        with translated(ServiceQuotaExceededException=full):
            self._client.create_analyzer(analyzerName=name, type=ORGANIZATION)
