"""Make sure that name and e-mail belong to the request.

Trigger: state ``ReserveAccount`` of ``vend_account``.
Input: ``steps.reserve_account.Input``. Output: ``steps.reserve_account.Output``.
Errors: NameTaken, EmailTaken.
"""

from avm.runtime.entrypoint import entrypoint
from avm.steps import reserve_account

handler = entrypoint(reserve_account)
