"""Look at every control of the account and keep the report.

Trigger: state ``VerifyAccount`` of ``apply_controls``.
Input: ``steps.verify_account.Input``. Output: ``steps.verify_account.Output``.
Errors: VerificationFailed, CatalogInvalid.
"""

from avm.runtime.entrypoint import entrypoint
from avm.steps import verify_account

handler = entrypoint(verify_account)
