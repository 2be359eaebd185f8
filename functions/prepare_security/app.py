"""Let the security account administer GuardDuty and Security Hub for all accounts.

Trigger: state ``PrepareSecurity`` of ``prepare_organization``.
Input: ``steps.prepare_security.Input``. Output: ``steps.foundation_rounds.RoundOutput``.
Errors: CatalogInvalid, FoundationBehind.
"""

from avm.runtime.entrypoint import entrypoint
from avm.steps import prepare_security

handler = entrypoint(prepare_security)
