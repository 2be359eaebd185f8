"""Check an accepted request against the catalog and begin its vend.

Trigger: state ``ValidateRequest`` of ``vend_account``.
Input: ``steps.validate_request.Input``. Output: ``steps.validate_request.Output``.
Errors: InvalidRequest, RequestNotFound.
"""

from avm.runtime.entrypoint import entrypoint
from avm.steps import validate_request

handler = entrypoint(validate_request)
