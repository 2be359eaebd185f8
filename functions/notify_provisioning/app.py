"""Tell Service Catalog what has become of the requests that came from it.

Trigger: the SQS queue ``OutcomeQueue``, into which a rule of the bus puts the events that end such requests. Input: an
SQS event, each record ``steps.notify_provisioning.Input``. Output: ``{"batchItemFailures": [{"itemIdentifier"}]}``.
Errors: none leave it; what could not be told is reported.
"""

from avm.runtime.entrypoint import batch_entrypoint
from avm.steps import notify_provisioning

handler = batch_entrypoint(notify_provisioning)
