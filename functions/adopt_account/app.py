"""Take an account that is there already for the request that adopts it.

Trigger: state ``AdoptAccount`` of ``vend_account``.
Input: ``steps.adopt_account.Input``. Output: ``steps.adopt_account.Output``.
Errors: AccountNotFound, AccountNotAdoptable, RequestCancelled, RecordInconsistent, AccessDenied.
"""

from avm.runtime.entrypoint import entrypoint
from avm.steps import adopt_account

handler = entrypoint(adopt_account)
