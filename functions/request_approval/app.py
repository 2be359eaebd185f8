"""Ask for somebody's decision about the request.

Trigger: state ``RequestApproval`` of ``vend_account``.
Input: ``steps.request_approval.Input``. Output: ``steps.request_approval.Output``;
the state's answer comes by its task token.
Errors: EventNotDelivered, RequestNotFound.
"""

from avm.runtime.entrypoint import entrypoint
from avm.steps import request_approval

handler = entrypoint(request_approval)
