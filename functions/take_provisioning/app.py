"""Take what Service Catalog asks of its products' engine: launches become requests.

Trigger: the SQS queues ``ProvisionOperationQueue``, ``UpdateOperationQueue`` and ``TerminateOperationQueue``, in
batches. Input: an SQS event, each record ``steps.take_provisioning.Input``. Output: ``{"batchItemFailures":
[{"itemIdentifier"}]}``. Errors: none leave it; a message that fails is reported.
"""

from avm.runtime.entrypoint import batch_entrypoint
from avm.steps import take_provisioning

handler = batch_entrypoint(take_provisioning)
