"""Take events that hint at drift.

Trigger: the SQS queue ``DriftQueue``, in batches. Input: an SQS event, each record ``steps.take_event.Input``.
Output: ``{"batchItemFailures": [{"itemIdentifier"}]}``. Errors: none leave it; a message that fails is reported.
"""

from avm.runtime.entrypoint import batch_entrypoint
from avm.steps import take_event

handler = batch_entrypoint(take_event)
