"""Record why the request cannot be fulfilled, and free its name and e-mail.

Trigger: state ``RejectRequest`` of ``vend_account``.
Input: ``steps.reject_request.Input``. Output: ``steps.reject_request.Output``.
Errors: EventNotDelivered.
"""

from avm.runtime.entrypoint import entrypoint
from avm.steps import reject_request

handler = entrypoint(reject_request, counts="RequestRejected")
