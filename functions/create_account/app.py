"""Ask AWS Organizations for the account, once.

Trigger: state ``CreateAccount`` of ``vend_account``.
Input: ``steps.create_account.Input``. Output: ``steps.create_account.Output``.
Errors: AccessDenied, AccountLimitExceeded, Throttled, ConcurrentChange, UnexpectedAwsError.
"""

from avm.runtime.entrypoint import entrypoint
from avm.steps import create_account

handler = entrypoint(create_account)
