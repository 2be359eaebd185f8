"""Have the security services watch the account.

Trigger: state ``EnrollSecurity`` of ``apply_controls``.
Input: ``steps.enroll_security.Input``. Output: ``steps.control_rounds.RoundOutput``.
Errors: CatalogInvalid.
"""

from avm.runtime.entrypoint import entrypoint
from avm.steps import enroll_security

handler = entrypoint(enroll_security)
