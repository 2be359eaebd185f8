"""Have what happens in the account recorded.

Trigger: state ``EnrollLogging`` of ``apply_controls``.
Input: ``steps.enroll_logging.Input``. Output: ``steps.control_rounds.RoundOutput``.
Errors: CatalogInvalid.
"""

from avm.runtime.entrypoint import entrypoint
from avm.steps import enroll_logging

handler = entrypoint(enroll_logging)
