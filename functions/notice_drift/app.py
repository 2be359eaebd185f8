"""Take events that hint at drift.

Trigger: the SQS queue ``DriftQueue``, in batches. Input: an SQS event, each record ``steps.notice_drift.Input``.
Output: ``{"batchItemFailures": [{"itemIdentifier"}]}``. Errors: none leave it; a message that fails is reported.
"""

from avm.runtime.entrypoint import batch_entrypoint
from avm.steps import notice_drift

handler = batch_entrypoint(notice_drift)
