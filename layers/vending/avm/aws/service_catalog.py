"""Service Catalog, as far as an engine of its products of type EXTERNAL tells it what has become of a record.

Each result has the record's id as its idempotency token: told twice, it is one result.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any

from avm.aws.errors import translated
from avm.domain.errors import ProvisioningNotTold


class ProvisioningResults:
    """Tells the results of launches, updates and terminations; each raises ProvisioningNotTold where it is not taken.

    ``token``: of the message that asked for it.
    """

    def __init__(self, client: Any) -> None:
        """``client``: boto3's, in the account whose engine this is."""
        self._client = client

    def provisioned(self, record_id: str, token: str, outputs: Sequence[tuple[str, str, str]]) -> None:
        """Tell that a launch has succeeded; ``outputs``: key, value, description."""
        told = [{"OutputKey": key, "OutputValue": value, "Description": text} for key, value, text in outputs]
        with _taken():
            self._client.notify_provision_product_engine_workflow_result(
                **_result(record_id, token), Status="SUCCEEDED", Outputs=told
            )

    def not_provisioned(self, record_id: str, token: str, reason: str) -> None:
        """Tell that a launch has failed."""
        with _taken():
            self._client.notify_provision_product_engine_workflow_result(
                **_result(record_id, token), Status="FAILED", FailureReason=reason
            )

    def not_updated(self, record_id: str, token: str, reason: str) -> None:
        """Tell that an update has failed."""
        with _taken():
            self._client.notify_update_provisioned_product_engine_workflow_result(
                **_result(record_id, token), Status="FAILED", FailureReason=reason
            )

    def not_terminated(self, record_id: str, token: str, reason: str) -> None:
        """Tell that a termination has failed."""
        with _taken():
            self._client.notify_terminate_provisioned_product_engine_workflow_result(
                **_result(record_id, token), Status="FAILED", FailureReason=reason
            )


def _taken() -> AbstractContextManager[None]:
    return translated(InvalidParametersException=ProvisioningNotTold, ResourceNotFoundException=ProvisioningNotTold)


def _result(record_id: str, token: str) -> Mapping[str, str]:
    return {"RecordId": record_id, "WorkflowToken": token, "IdempotencyToken": record_id}
