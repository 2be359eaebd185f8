"""Take messages of the request queue as requests.

Trigger: the SQS queue ``RequestQueue``, in batches. Input: an SQS event, each record ``steps.take_message.Input``.
Output: ``{"batchItemFailures": [{"itemIdentifier"}]}``. Errors: none leave it; a message that fails is reported.
"""

from avm.runtime.entrypoint import batch_entrypoint
from avm.steps import take_message

handler = batch_entrypoint(take_message)
