"""Move the account from the root into the OU of its type.

Trigger: state ``MoveAccount`` of ``vend_account``.
Input: ``steps.move_account.Input``. Output: ``steps.move_account.Output``.
Errors: UnexpectedParent, FoundationBehind, NotYetVisible.
"""

from avm.runtime.entrypoint import entrypoint
from avm.steps import move_account

handler = entrypoint(move_account)
