"""Security Hub CSPM: findings of our own, in the account that calls.

With the default product an account imports findings about itself alone (botocore, BatchImportFindings):
``AwsAccountId`` is the security account, and the resource says which account it is about.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from avm.aws.errors import translated
from avm.aws.probes import MemberClients
from avm.contracts.security_finding import FindingPlace
from avm.domain.errors import FoundationBehind, NotYetVisible, UnexpectedAwsError

WorkflowStatus = Literal["NEW", "RESOLVED", "SUPPRESSED"]

_NOT_FOUND = "FindingNotFound"


class SecurityHubFindings:
    """Findings of one account in one Region."""

    def __init__(self, clients: MemberClients, partition: str, region: str, account_id: str) -> None:
        """``clients``: of the account, in the Region."""
        self._client: Any = clients.client("securityhub")
        self.place = FindingPlace(partition, region, account_id)

    def put(self, finding: Mapping[str, Any]) -> None:
        """Import a finding, or what has changed of it.

        Raises FoundationBehind where Security Hub is off, UnexpectedAwsError for one that it does not take.
        """
        with translated(InvalidAccessException=self._behind):
            answer = self._client.batch_import_findings(Findings=[finding])
        for failed in answer["FailedFindings"]:
            message = f"BatchImportFindings: {failed['ErrorCode']}: {failed['ErrorMessage']}"
            raise UnexpectedAwsError(message)

    def mark(self, finding_id: str, status: WorkflowStatus, note: str) -> None:
        """Say where a finding stands: what BatchImportFindings does not change of one that is there (botocore).

        Raises NotYetVisible where the finding is not seen yet, and what ``put`` raises.
        """
        identifier = {"Id": finding_id, "ProductArn": self.place.product_arn}
        with translated(InvalidAccessException=self._behind):
            answer = self._client.batch_update_findings(
                FindingIdentifiers=[identifier],
                Workflow={"Status": status},
                Note={"Text": note, "UpdatedBy": "account-vending-machine"},
            )
        for failed in answer["UnprocessedFindings"]:
            message = f"BatchUpdateFindings: {failed['ErrorCode']}: {failed['ErrorMessage']}"
            # what was imported just now may take minutes to be seen (botocore, BatchUpdateFindings)
            raise NotYetVisible(message) if failed["ErrorCode"] == _NOT_FOUND else UnexpectedAwsError(message)

    def _behind(self, sentence: str) -> FoundationBehind:
        return FoundationBehind(f"Security Hub of account {self.place.account_id} is off: {sentence}")
