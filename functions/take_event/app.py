"""Take events ``AccountRequested`` of the application's bus as requests.

Trigger: the SQS queue ``EventQueue``, into which a rule of the bus puts them, in batches. Input: an SQS event, each
record ``steps.take_event.Input``. Output: ``{"batchItemFailures": [{"itemIdentifier"}]}``. Errors: none leave it; an
event that fails is reported.
"""

from avm.runtime.entrypoint import batch_entrypoint
from avm.steps import take_event

handler = batch_entrypoint(take_event)
