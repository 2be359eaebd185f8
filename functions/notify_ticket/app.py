"""Tell ticketing systems what has become of the requests that came from them.

Trigger: the SQS queue ``AnswerQueue``, into which a rule of the bus puts the events of such requests. Input: an SQS
event, each record ``steps.notify_ticket.Input``. Output: ``{"batchItemFailures": [{"itemIdentifier"}]}``. Errors: none
leave it; what could not be told is reported.
"""

from avm.runtime.entrypoint import batch_entrypoint
from avm.steps import notify_ticket

handler = batch_entrypoint(notify_ticket)
