"""Look at the account once more and lift the quarantine.

Trigger: state ``ReleaseAccount`` of ``vend_account``.
Input: ``steps.release_account.Input``. Output: ``steps.release_account.Output``.
Errors: VerificationFailed.
"""

from avm.runtime.entrypoint import entrypoint
from avm.steps import release_account

handler = entrypoint(release_account)
