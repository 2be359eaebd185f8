"""Look how far the creation is, and take the account when it is there.

Trigger: state ``AwaitCreation`` of ``vend_account``.
Input: ``steps.await_creation.Input``. Output: ``steps.await_creation.Output``.
Errors: EmailTaken, AccountLimitExceeded, AccountCreationFailed.
"""

from avm.runtime.entrypoint import entrypoint
from avm.steps import await_creation

handler = entrypoint(await_creation)
